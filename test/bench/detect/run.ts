import { loadCatalogue } from '../../../catalogue/load.ts';
import {
  type Course,
  type Defect,
  KINDS,
  type Kind,
  machineOf,
  WELL,
  watch,
} from '../../../core/detect/testing/fleet.ts';
import { DAY, HOUR, MINUTE, T0 } from '../../../core/detect/testing/play.ts';

/**
 * Measures the detectors that judge one series on seeded machines: `node test/bench/detect/run.ts [machines]`.
 * Prints false alarms per machine-month, what was found of injected defects and how soon, how often the 80 %
 * interval held the truth, bytes a series and µs a reading.
 */
const machines = Number(process.argv[2] ?? 60);
const catalogue = await loadCatalogue();
const MONTH_DAYS = 30;
const INTERVALS = [
  ['15 min', 15 * MINUTE, 42],
  ['1 min', MINUTE, 28],
  ['1 s', 1_000, 3],
] as const;

const round = (value: number, digits = 2): string => value.toFixed(digits);
const pick = (kinds: readonly Kind[], i: number): Kind => kinds[i % kinds.length] as Kind;

const falseAlarms = (name: string, everyMs: number, days: number, count: number): void => {
  let sends = 0;
  let early = 0;
  let watches = 0;
  let bytes = 0;
  let readings = 0;
  const by = new Map<string, number>();
  const startedMs = performance.now();
  for (let i = 0; i < count; i++) {
    const kind = pick(KINDS, i);
    const seen = watch(catalogue, machineOf(i, kind, WELL), { seed: i, everyMs, days });
    bytes = Math.max(bytes, seen.bytes);
    readings += seen.readings;
    const sent = new Set<string>();
    for (const { alert, type, severity, rule, atMs } of seen.events) {
      if (type === 'raised' && severity === 'watch') watches += 1;
      if (severity === 'watch' || sent.has(alert)) continue;
      sent.add(alert);
      sends += 1;
      if (atMs - T0 < 3 * DAY) early += 1;
      const key = `${kind} ${rule}`;
      by.set(key, (by.get(key) ?? 0) + 1);
    }
  }
  const months = (count * days) / MONTH_DAYS;
  const us = (1_000 * (performance.now() - startedMs)) / readings;
  console.log(
    `well, ${name}, ${count} machines, ${days} days: ${round(sends / months, 3)} false a machine-month ` +
      `(${sends}; ${early} in the first three days), ${round(watches / months)} watches, ` +
      `${bytes} bytes, ${round(us)} µs a reading`,
  );
  for (const [key, n] of by) console.log(`    ${n} × ${key}`);
};

interface Trial {
  readonly defect: Defect;
  readonly size: number;
  readonly fromDay: number;
  readonly days: number;
  /** Alerts that name the defect. */
  readonly rule: RegExp;
}

const TRIALS: readonly Trial[] = [
  { defect: 'shift', size: 0.35, fromDay: 0.8, days: 6, rule: /^(shift|drift)/ },
  { defect: 'shift', size: 0.2, fromDay: 20, days: 30, rule: /^(shift|drift)/ },
  { defect: 'shift', size: 0.1, fromDay: 20, days: 30, rule: /^(shift|drift)/ },
  { defect: 'spread', size: 5, fromDay: 20, days: 30, rule: /^spread/ },
  { defect: 'ramp', size: 0.01, fromDay: 20, days: 40, rule: /^(shift|drift)/ },
  { defect: 'ramp', size: 0.03, fromDay: 20, days: 30, rule: /^(shift|drift)/ },
  { defect: 'growth', size: 40, fromDay: 20, days: 30, rule: /^(shift|drift)/ },
];

const RATIO = 1.15;
const truthMs = (startMs: number, { defect, size, fromDay }: Course): number =>
  startMs + (fromDay + (defect === 'ramp' ? (RATIO - 1) / size : size * Math.log(RATIO))) * DAY;

const median = (values: number[]): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const found = (trial: Trial, name: string, everyMs: number, count: number): void => {
  const delays: number[] = [];
  let sends = 0;
  let inside = 0;
  let crossings = 0;
  let late = 0;
  let drifts = 0;
  const widths: number[] = [];
  const missed = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const course: Course = { defect: trial.defect, fromDay: trial.fromDay, size: trial.size };
    const life = machineOf(1_000 + i, pick(KINDS, i), course);
    const { events } = watch(catalogue, life, { seed: 1_000 + i, everyMs, days: trial.days });
    const onsetMs = life.startMs + trial.fromDay * DAY;
    const since = events.filter(({ rule, atMs }) => atMs >= onsetMs && trial.rule.test(rule));
    const first = since.find(({ type }) => type === 'raised');
    const kind = pick(KINDS, i);
    if (first) delays.push((first.atMs - onsetMs) / HOUR);
    else missed.set(kind, (missed.get(kind) ?? 0) + 1);
    if (since.some(({ severity }) => severity !== 'watch')) sends += 1;
    drifts += since.filter(({ type, rule }) => type === 'raised' && rule.startsWith('drift')).length;
    if (trial.defect !== 'ramp' && trial.defect !== 'growth') continue;
    const crossing = since.find(({ evidence }) => evidence.crossing)?.evidence.crossing;
    const drift = since.find(({ evidence }) => evidence.crossing);
    if (!crossing || !drift || drift.atMs > truthMs(life.startMs, course)) continue;
    crossings += 1;
    const truth = truthMs(life.startMs, course);
    if (crossing.earliestMs > truth) late += 1;
    if (crossing.earliestMs <= truth && (crossing.latestMs ?? Number.MAX_VALUE) >= truth) inside += 1;
    widths.push(((crossing.latestMs ?? Number.MAX_VALUE) - crossing.earliestMs) / (truth - drift.atMs));
  }
  const covered =
    crossings > 0
      ? `, ${round((100 * inside) / crossings, 0)} % of ${crossings} intervals hold the truth, ${late} come late (median width ${round(median(widths))} of what is left)`
      : '';
  const told = drifts > 0 ? `, ${round(drifts / count)} drift alerts a machine` : '';
  console.log(
    `${trial.defect} ${trial.size} from day ${trial.fromDay}, ${name}: found ${delays.length}/${count}, ` +
      `${sends} send somebody, median ${round(median(delays), 1)} h${told}${covered}` +
      (missed.size > 0 ? `; missed ${[...missed].map(([kind, n]) => `${n} ${kind}`).join(', ')}` : ''),
  );
};

for (const [name, everyMs, days] of INTERVALS)
  falseAlarms(name, everyMs, days, everyMs < MINUTE ? Math.ceil(machines / 10) : machines);
for (const trial of TRIALS) found(trial, '15 min', 15 * MINUTE, machines);
for (const trial of TRIALS.slice(0, 4)) found(trial, '1 min', MINUTE, Math.ceil(machines / 5));
