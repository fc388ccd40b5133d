/**
 * How persistently a series stays on one side of its normal: a cumulative sum of bounded deviations
 * (Page's CUSUM), which falls back to zero while readings are normal. The same few numbers find a large
 * step in a handful of readings and a small one in many, and no single wild reading can fire it.
 */
export interface Sum {
  sum: number;
  /** Highest sum of this excursion. */
  top: number;
  /** When the sum last left zero, and how many readings ago. */
  sinceMs: number;
  n: number;
}

/** An excursion that remembers its course: means of `every` readings each, at most 48. */
export interface Excursion extends Sum {
  every: number;
  ts: number[];
  value: number[];
  /** Sums of the readings since the newest mean. */
  open: { n: number; ts: number; value: number };
}

export type Side = 'high' | 'low';

/** How wild deviations are bounded, and what is taken off each: half of the least lasting one that matters. */
export interface Tuning {
  readonly slack: number;
  readonly bound: number;
}

/** Small and slow movements, for drift. */
export const SENSITIVE: Tuning = { slack: 0.5, bound: 3 };
const TRAIL = 48;

/** A sum that white noise reaches about once in a million readings. */
export const LEAST_ALARM = 14;

/** The same for shifts; the less is taken off each deviation, the farther chance carries the sum. */
export const leastAlarm = ({ slack }: Tuning): number => Math.max(8, 10 / slack);

export const newSum = (): Sum => ({ sum: 0, top: 0, sinceMs: 0, n: 0 });

export const newExcursion = (): Excursion => ({
  ...newSum(),
  every: 1,
  ts: [],
  value: [],
  open: { n: 0, ts: 0, value: 0 },
});

export const endSum = (sum: Sum): void => {
  Object.assign(sum, newSum());
};

export const end = (excursion: Excursion): void => {
  Object.assign(excursion, newExcursion());
};

/** The course so far was told: from here on it is followed anew. */
export const restart = (excursion: Excursion): void => {
  const { ts, value, every, open } = newExcursion();
  Object.assign(excursion, { ts, value, every, open });
};

const short = (value: number): number => Number(value.toPrecision(7));

const halve = (excursion: Excursion): void => {
  const { ts, value } = excursion;
  const pairs = ts.length >> 1;
  const middle = (list: readonly number[], i: number): number =>
    ((list[2 * i] as number) + (list[2 * i + 1] as number)) / 2;
  excursion.ts = Array.from({ length: pairs }, (_, i) => Math.round(middle(ts, i)));
  excursion.value = Array.from({ length: pairs }, (_, i) => short(middle(value, i)));
  excursion.every *= 2;
};

const follow = (excursion: Excursion, tsMs: number, value: number): void => {
  const { open } = excursion;
  excursion.n += 1;
  open.n += 1;
  open.ts += tsMs - excursion.sinceMs;
  open.value += value;
  if (open.n < excursion.every) return;
  excursion.ts.push(Math.round(excursion.sinceMs + open.ts / open.n));
  excursion.value.push(open.n === 1 ? value : short(open.value / open.n));
  excursion.open = { n: 0, ts: 0, value: 0 };
  if (excursion.ts.length === TRAIL) halve(excursion);
};

/** Whether the newest reading completed a point of the course. */
export const hasNewPoint = (excursion: Excursion): boolean => excursion.open.n === 0 && excursion.n > 0;

export const bounded = (z: number, { slack, bound }: Tuning): number =>
  Math.max(-bound, Math.min(bound, z)) - slack;

/**
 * Adds one deviation `z` from normal towards this side, in scales. `cap` bounds the sum. Returns the top of an
 * excursion that has just ended, else 0; then the sum is back at zero.
 */
export const addSum = (sum: Sum, tsMs: number, z: number, tuning: Tuning, cap: number): number => {
  const next = Math.min(cap, sum.sum + bounded(z, tuning));
  if (next <= 0) {
    const { top } = sum;
    if (sum.n > 0) endSum(sum);
    return top;
  }
  if (sum.n === 0) sum.sinceMs = tsMs;
  sum.sum = next;
  sum.top = Math.max(sum.top, next);
  sum.n += 1;
  return 0;
};

/** As `addSum`, and follows the course of the values. */
export const add = (excursion: Excursion, tsMs: number, value: number, z: number, cap: number): number => {
  const next = Math.min(cap, excursion.sum + bounded(z, SENSITIVE));
  if (next <= 0) {
    const { top } = excursion;
    if (excursion.n > 0) end(excursion);
    return top;
  }
  if (excursion.n === 0) excursion.sinceMs = tsMs;
  excursion.sum = next;
  excursion.top = Math.max(excursion.top, next);
  follow(excursion, tsMs, value);
  return 0;
};
