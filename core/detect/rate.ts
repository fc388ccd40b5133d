import type { Signal } from '../fault/catalogue.ts';
import { type Active, clear, parametersOf, raise, type Scene, update } from './announce.ts';
import { bandOf } from './normal.ts';
import { proofOf } from './proof.ts';
import { quantile, sorted } from './robust.ts';
import type { SeriesState } from './series.ts';
import { sensorItem } from './stuck.ts';

/** How a series changes from one reading to the next. */
export interface Rate {
  last: number;
  lastMs: number;
  firstMs: number;
  /** Every `every`-th change, without its sign, and how many there were. */
  steps: number[];
  every: number;
  n: number;
  /** What mostly passes between two readings. */
  usualMs: number;
  /** The largest change that was the machine's own. */
  most: number;
  /** A change too fast: if the value comes back it was a wild reading, if it stays it was a step. */
  jump: { readonly from: number; readonly to: number; readonly atMs: number; n: number } | null;
  /** Readings so far. */
  readings: number;
  /** When wild readings came, and the how manieth they were: the newest ones. */
  wild: (readonly [atMs: number, reading: number])[];
  /** Readings since a repair of the sensor; null: none is being watched. */
  repaired: number | null;
  active: Active | null;
}

const DETECTOR = { name: 'rate', version: 1 } as const;
const DAY_MS = 86_400_000;
const SAMPLE = 24;
const ENOUGH = 60;
/** So many usual intervals without a reading are a gap, and what happened in it is no change. */
const GAP = 10;
/** So many wild readings within a day, or within so many readings, are a bad sensor; one is a nuisance. */
const REPEATED = 3;
const READINGS = 60;
const MAX_WILD = 8;
/** Readings after which a jump that did not come back is a step. */
const STAYS = 2;
const WELL_READINGS = 20;

const newRate = (tsMs: number, value: number): Rate => ({
  last: value,
  lastMs: tsMs,
  firstMs: tsMs,
  steps: [],
  every: 1,
  n: 0,
  usualMs: 0,
  most: 0,
  jump: null,
  readings: 0,
  wild: [],
  repaired: null,
  active: null,
});

const learn = (rate: Rate, step: number, passedMs: number): void => {
  if (rate.n % rate.every === 0) {
    if (rate.steps.length === SAMPLE) {
      rate.steps = rate.steps.filter((_, i) => i % 2 === 0);
      rate.every *= 2;
    }
    if (rate.n % rate.every === 0) rate.steps.push(step);
  }
  rate.n += 1;
  rate.most = Math.max(rate.most, step);
  // A median that walks: a gap moves it no further than any other interval.
  const stride = Math.max(1, 0.05 * rate.usualMs);
  if (rate.usualMs === 0) rate.usualMs = passedMs;
  else rate.usualMs += passedMs > rate.usualMs ? stride : -Math.min(stride, rate.usualMs - 1);
};

/** Standard deviation of a change, from the bulk and from the larger ones. */
const sizeOf = (rate: Rate): number => {
  const steps = sorted(rate.steps);
  return Math.max(1.4826 * quantile(steps, 0.5), quantile(steps, 0.9) / 1.645);
};

/** Where less than the usual time has passed, less of a change is not asked for: most of it is noise. */
const isTooFast = (rate: Rate, step: number, passedMs: number, sigmas: number): boolean => {
  if (rate.n < ENOUGH || rate.lastMs - rate.firstMs < DAY_MS) return false;
  const perUsual = step * Math.min(1, rate.usualMs / Math.max(passedMs, 1));
  if (perUsual <= 2 * rate.most) return false;
  const size = sizeOf(rate);
  return size > 0 && perUsual > sigmas * size;
};

const isImpossible = (signal: Signal | undefined, step: number, passedMs: number): boolean =>
  signal?.maxPerS !== undefined && step / Math.max(1, passedMs / 1_000) > signal.maxPerS;

const evidenceOf = (metric: string, series: SeriesState, rate: Rate, seen: number) =>
  proofOf(DETECTOR, {
    metric,
    fromMs: rate.wild[0]?.[0] ?? rate.lastMs,
    toMs: rate.lastMs,
    expected: bandOf(series.normal),
    seen,
    sample: series.ts.length > 0 ? { tsMs: [...series.ts], value: [...series.value] } : null,
  });

const noteWild = (scene: Scene, metric: string, component: string, series: SeriesState, rate: Rate): void => {
  const { atMs, to } = rate.jump as NonNullable<Rate['jump']>;
  const isRecent = ([ms, reading]: Rate['wild'][number]): boolean =>
    atMs - ms < DAY_MS || rate.readings - reading < READINGS;
  rate.wild = [...rate.wild.filter(isRecent), [atMs, rate.readings] as const].slice(-MAX_WILD);
  rate.repaired = null;
  const severity = rate.wild.length >= REPEATED ? 'S3' : 'watch';
  const telling = { reason: 'wild-reading', atMs, evidence: evidenceOf(metric, series, rate, to) } as const;
  if (!rate.active)
    rate.active = raise(
      scene,
      { rule: `rate:${metric}`, component: sensorItem(scene, component), severity },
      telling,
    );
  else if (severity === 'S3' && rate.active.severity === 'watch') update(scene, rate.active, 'S3', telling);
};

const isOver = (rate: Rate, tsMs: number): 'recovered-after-repair' | 'steady-again' | null => {
  if (rate.repaired !== null && rate.repaired >= WELL_READINGS) return 'recovered-after-repair';
  const [lastMs, reading] = rate.wild.at(-1) ?? [0, 0];
  const isLongAgo = tsMs - lastMs >= DAY_MS && rate.readings - reading >= READINGS;
  return isLongAgo ? 'steady-again' : null;
};

const settle = (scene: Scene, metric: string, series: SeriesState, rate: Rate): void => {
  if (!rate.active) return;
  if (rate.repaired !== null) rate.repaired += 1;
  const reason = isOver(rate, rate.lastMs);
  if (reason === null) return;
  const evidence = evidenceOf(metric, series, rate, rate.last);
  clear(scene, rate.active, { reason, atMs: rate.lastMs, evidence });
  rate.active = null;
  rate.repaired = null;
};

/** Whether the jump that is looked into has come to its end with this reading, and how. */
const outcomeOf = (jump: NonNullable<Rate['jump']>, value: number): 'wild' | 'step' | 'open' => {
  if (Math.abs(value - jump.from) <= 0.25 * Math.abs(jump.to - jump.from)) return 'wild';
  return jump.n >= STAYS ? 'step' : 'open';
};

export const endRate = (scene: Scene, metric: string, series: SeriesState): void => {
  const { rate } = series;
  if (!rate?.active) return;
  const evidence = evidenceOf(metric, series, rate, rate.last);
  clear(scene, rate.active, { reason: 'rule-removed', atMs: rate.lastMs, evidence });
  rate.active = null;
};

/** The part was changed: its first reading is another's, and what was wild before says nothing of it. */
export const repairRate = (series: SeriesState): void => {
  const { rate } = series;
  if (!rate) return;
  rate.jump = null;
  rate.lastMs = 0;
  if (rate.active) rate.repaired = 0;
};

const look = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  component: string,
  series: SeriesState,
  reading: { readonly tsMs: number; readonly value: number },
): void => {
  const rate = series.rate as Rate;
  const { tsMs, value } = reading;
  const passedMs = tsMs - rate.lastMs;
  const isGap = rate.lastMs === 0 || (rate.n >= ENOUGH && passedMs > GAP * rate.usualMs);
  if (rate.jump) {
    rate.jump.n += 1;
    const outcome = isGap ? 'step' : outcomeOf(rate.jump, value);
    if (outcome === 'wild') noteWild(scene, metric, component, series, rate);
    if (outcome === 'step' && !isGap)
      rate.most = Math.max(rate.most, Math.abs(rate.jump.to - rate.jump.from));
    if (outcome !== 'open') rate.jump = null;
    return;
  }
  if (isGap) return;
  const step = Math.abs(value - rate.last);
  const { sigmas } = parametersOf(scene, metric).rate;
  if (isTooFast(rate, step, passedMs, sigmas) || isImpossible(signal, step, passedMs))
    rate.jump = { from: rate.last, to: value, atMs: tsMs, n: 0 };
  else learn(rate, step, passedMs);
};

/**
 * A value that changes faster than it ever did, or faster than its signal can, and comes back at once: a wild
 * reading. One is `watch`; three within a day are `S3` of the sensors. A change that stays is a step, which the
 * detectors of the level judge. Time is the device's; gaps don't count.
 */
export const judgeRate = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  component: string,
  series: SeriesState,
  reading: { readonly tsMs: number; readonly value: number },
): void => {
  if (!series.rate) {
    series.rate = newRate(reading.tsMs, reading.value);
    return;
  }
  const { rate } = series;
  if (reading.tsMs <= rate.lastMs) return;
  rate.readings += 1;
  look(scene, signal, metric, component, series, reading);
  rate.last = reading.value;
  rate.lastMs = reading.tsMs;
  settle(scene, metric, series, rate);
};
