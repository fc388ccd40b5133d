import { nextArrivalMs } from '../calendar/people.ts';
import { anywhere, type Surroundings } from '../environment/surroundings.ts';
import type {
  BareMachine,
  Emission,
  OpenWear,
  SentFault,
  Tempo,
  Tier,
  WearOrder,
  WearRecord,
} from '../machine.ts';
import { uniform } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import { mends, openWear } from '../truth/record.ts';
import type { ApplianceKind, ApplianceWear, Rhythm, Used } from './kind.ts';

export interface ApplianceOptions {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly kind: ApplianceKind;
  readonly timeZone: string;
  /** Default: a place of its own. */
  readonly surroundings?: Surroundings;
  /** Default 3. */
  readonly tier?: Tier;
  readonly seed: number;
  readonly fromMs: number;
}

interface OwnWear {
  readonly kind: ApplianceWear;
  readonly record: OpenWear;
  readonly lifeCycles: number;
  progress: number;
}

/** A retry that succeeds takes so long; in fast motion it is over before the next use. */
const RETRY_MS = 40_000;
const RETRY_FAST_MS = 200;
/** Warnings begin when a third of the life is used, and come ever more often: about sixteen in all. */
const WARNS_FROM = 0.3;
const WARNINGS = 100;
const DAY_MS = 86_400_000;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Uses a day by the clock, on average over a week. Who uses it now can't begin again. */
const usesPerDay = (rhythm: Rhythm): number => {
  if (rhythm.kind === 'running') return (2 * DAY_MS) / (rhythm.everyMs[0] + rhythm.everyMs[1]);
  const began = (perHour: readonly number[]): number =>
    sum(perHour.map((rate) => rate / (1 + (rate * rhythm.typicalS) / 3_600)));
  return (5 * began(rhythm.hours.weekday) + 2 * began(rhythm.hours.weekend)) / 7;
};

/** What of it somebody measures. */
const instrumented = (
  values: NonNullable<Used['values']>,
  tier: Tier,
  tier2: ReadonlySet<string>,
): Used['values'] => {
  if (tier !== 2) return tier === 3 ? values : null;
  const seen: Record<string, number> = {};
  for (const metric in values) if (tier2.has(metric)) seen[metric] = values[metric] as number;
  return seen;
};

/** An appliance: each use is a cycle and says what it was like; between uses there is silence. */
export const createAppliance = (options: ApplianceOptions): BareMachine => {
  const { id, seed, kind, tier = 3 } = options;
  const surroundings = options.surroundings ?? anywhere(seed, options.site, options.timeZone);
  const known = new Set(kind.tier2);
  const appliance = kind.create(stream(seed, `${id}/build`));
  const noise = stream(seed, `${id}/noise`);
  const rhythm = stream(seed, `${id}/rhythm`);
  const retries = stream(seed, `${id}/retries`);
  const wears = new Map<string, OwnWear>();
  let tempo: Tempo = { kind: 'clock' };
  /** The code that has switched it off. */
  let code: string | null = null;
  /** A retry that is going on: the code that falls when it succeeds. */
  let retry: { readonly code: string; readonly atMs: number } | null = null;

  const nextUseMs = (afterMs: number, isFirst: boolean): number => {
    if (tempo.kind === 'fast') {
      const [from, to] = tempo.pauseMs;
      return afterMs + Math.max(1, Math.round(uniform(rhythm, isFirst ? 0 : from, to)));
    }
    if (kind.rhythm.kind === 'people')
      return nextArrivalMs(kind.rhythm.hours, surroundings.clock, 1, afterMs, rhythm);
    const [from, to] = kind.rhythm.everyMs;
    return afterMs + Math.round(uniform(rhythm, isFirst ? 0 : from, to));
  };
  let useMs = nextUseMs(options.fromMs, true);

  const fault = (tsMs: number, of: string, active: boolean, detail: string): SentFault => ({
    kind: 'fault',
    tsMs,
    unit: '',
    code: of,
    active,
    detail,
  });

  const succeed = (atMs: number): Emission[] => {
    const fallen = retry;
    retry = null;
    return fallen ? [fault(atMs, fallen.code, false, '')] : [];
  };

  /** A wear that has come some way makes an attempt fail now and then; the next one succeeds. */
  const warn = (wear: OwnWear, stress: number, atMs: number): Emission[] => {
    const { warning, detail } = wear.kind;
    const late = wear.progress - WARNS_FROM;
    if (!warning || late <= 0 || retry !== null) return [];
    if (retries() >= (WARNINGS * stress * late ** 1.5) / wear.lifeCycles) return [];
    retry = { code: warning, atMs: atMs + (tempo.kind === 'fast' ? RETRY_FAST_MS : RETRY_MS) };
    return [fault(atMs, warning, true, `${detail}; trying again`)];
  };

  const fail = (wear: OwnWear, atMs: number): Emission[] => {
    wear.record.failureMs = atMs;
    code = wear.kind.code;
    return [...succeed(atMs), fault(atMs, code, true, wear.kind.detail)];
  };

  const wearOut = (stress: Used['stress'], atMs: number): Emission[] => {
    const said: Emission[] = [];
    for (const [mechanism, wear] of wears) {
      const share = stress[mechanism] ?? 0;
      wear.progress = Math.min(1, wear.progress + share / wear.lifeCycles);
      if (wear.progress < 1) said.push(...warn(wear, share, atMs));
      else if (code === null) said.push(...fail(wear, atMs));
    }
    return said;
  };

  const progressOf = (mechanism: string): number => wears.get(mechanism)?.progress ?? 0;

  const use = (atMs: number): Emission[] => {
    const { values, stress, durationS } = appliance.use({
      conditions: surroundings.at(atMs),
      supply: surroundings.voltage(atMs),
      worn: progressOf,
      random: noise,
      tripped: code !== null,
    });
    // Before the next use this one has ended.
    const endMs = atMs + Math.round(durationS * 1000);
    useMs = nextUseMs(tempo.kind === 'clock' && kind.rhythm.kind === 'people' ? endMs : atMs, false);
    const seen = values && instrumented(values, tier, known);
    const said: Emission[] = seen ? [{ kind: 'reading', tsMs: atMs, unit: '', values: seen }] : [];
    return code === null ? [...said, ...wearOut(stress, atMs)] : said;
  };

  const wearOf = (order: WearOrder): ApplianceWear => {
    if (order.unit !== '') throw new Error(`${id} has no unit ${order.unit}; an appliance has none`);
    const wear = Object.hasOwn(kind.wears, order.mechanism) ? kind.wears[order.mechanism] : undefined;
    if (wear) return wear;
    throw new Error(`${id} knows no wear ${order.mechanism}; it knows ${Object.keys(kind.wears).join(', ')}`);
  };

  return {
    id,
    site: options.site,
    model: options.model,
    firmware: kind.firmware,
    units: [''],
    mechanisms: Object.keys(kind.wears),
    nextAtMs: () => Math.min(useMs, retry?.atMs ?? Number.POSITIVE_INFINITY),
    step: (forcedMs) => {
      if (retry !== null && retry.atMs <= useMs) return succeed(forcedMs ?? retry.atMs);
      return use(forcedMs ?? useMs);
    },
    setTempo: (to, atMs) => {
      tempo = to;
      useMs = nextUseMs(atMs, true);
      if (retry !== null) retry = { ...retry, atMs: Math.max(retry.atMs, atMs) };
    },
    begin: (order, atMs): WearRecord | null => {
      const wear = wearOf(order);
      if (wears.has(order.mechanism) || code !== null) return null;
      const record = openWear(id, order, wear.items[0], wear.code, atMs);
      wears.set(order.mechanism, { kind: wear, record, lifeCycles: order.lifeCycles, progress: 0 });
      return record;
    },
    repair: (unit, component, repairedMs, nowMs) => {
      if (unit !== '') return [];
      const fallen: Emission[] = [];
      for (const [mechanism, { kind: wear, record }] of wears) {
        if (!mends(record, wear.items, component, repairedMs)) continue;
        record.repairedMs = repairedMs;
        wears.delete(mechanism);
        if (record.failureMs === null || code !== record.code) continue;
        code = null;
        fallen.push(fault(nowMs, record.code, false, ''));
      }
      if (retry !== null && ![...wears.values()].some(({ kind: wear }) => wear.warning === retry?.code))
        fallen.push(...succeed(nowMs));
      return fallen;
    },
    cyclesPerDay: () => usesPerDay(kind.rhythm),
  };
};
