import type { SeriesView } from '../../api/contract/schemas.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A number in [0, 1) that depends on its arguments only. */
export const chance = (...parts: readonly (string | number)[]): number => {
  let hash = 2_166_136_261;
  for (const char of parts.join('|')) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 2_246_822_519);
  hash ^= hash >>> 13;
  return (hash >>> 0) / 4_294_967_296;
};

/** How a made-up series behaves. `everyMs`: one reading in this time, only by day where `byDay`. */
export interface Behaviour {
  readonly base: number;
  readonly noise: number;
  readonly daily: number;
  readonly everyMs: number;
  readonly byDay: boolean;
  /** Growth a day since `driftFromDays` before now. */
  readonly driftPerDay: number;
  readonly driftFromDays: number;
  /** A step `stepDaysAgo` before now. */
  readonly step: number;
  readonly stepDaysAgo: number;
}

export const steady = (base: number, noise: number, more: Partial<Behaviour> = {}): Behaviour => ({
  base,
  noise,
  daily: 0,
  everyMs: 60_000,
  byDay: false,
  driftPerDay: 0,
  driftFromDays: 0,
  step: 0,
  stepDaysAgo: 0,
  ...more,
});

export const valueAt = (b: Behaviour, name: string, ts: number, nowMs: number): number => {
  const ageDays = (nowMs - ts) / DAY_MS;
  const daily = b.daily * Math.sin((2 * Math.PI * (ts % DAY_MS)) / DAY_MS - 1.2);
  const drift = b.driftPerDay * Math.max(0, b.driftFromDays - ageDays);
  const step = b.stepDaysAgo > ageDays ? b.step : 0;
  return b.base + daily + drift + step + b.noise * (chance(name, ts) + chance(ts, name) - 1);
};

/** The network was away for five hours, three days ago. */
const isOutage = (ts: number, nowMs: number): boolean =>
  ts > nowMs - 3.2 * DAY_MS && ts < nowMs - 3.2 * DAY_MS + 5 * HOUR_MS;

const isNight = (ts: number): boolean => {
  const hour = ((ts + 8 * HOUR_MS) % DAY_MS) / HOUR_MS;
  return hour < 6.5 || hour > 22.5;
};

/** When the last reading at or before `ts` was taken. */
export const lastReadingMs = (b: Behaviour, name: string, nowMs: number): number => {
  for (let n = Math.floor(nowMs / b.everyMs); ; n--) {
    const ts = n * b.everyMs + Math.floor(chance(name, n) * b.everyMs * 0.4);
    if (ts <= nowMs && !(b.byDay && isNight(ts))) return ts;
  }
};

/** Buckets of equal width with min, max and mean; null where there is no reading. */
export const seriesOf = (
  b: Behaviour,
  name: string,
  range: { readonly fromMs: number; readonly toMs: number; readonly points: number },
  nowMs: number,
): SeriesView => {
  const width = Math.max(1_000, Math.ceil((range.toMs - range.fromMs) / range.points));
  const out: SeriesView = { ts: [], min: [], max: [], mean: [] };
  for (let from = range.fromMs; from < range.toMs; from += width) {
    const values: number[] = [];
    const first = Math.ceil(from / b.everyMs);
    const last = Math.ceil((from + width) / b.everyMs);
    const stride = Math.max(1, Math.floor((last - first) / 12));
    for (let n = first; n < last; n += stride) {
      const ts = n * b.everyMs + Math.floor(chance(name, n) * b.everyMs * 0.4);
      if (ts > nowMs || isOutage(ts, nowMs) || (b.byDay && isNight(ts))) continue;
      values.push(valueAt(b, name, ts, nowMs));
    }
    out.ts.push(from);
    const empty = values.length === 0;
    out.min.push(empty ? null : Math.min(...values));
    out.max.push(empty ? null : Math.max(...values));
    out.mean.push(empty ? null : values.reduce((a, v) => a + v, 0) / values.length);
  }
  return out;
};
