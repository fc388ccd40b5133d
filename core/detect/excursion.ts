/**
 * How persistently a series stays on one side of its normal: a cumulative sum of bounded deviations
 * (Page's CUSUM), which falls back to zero while readings are normal. The same few numbers find a large
 * step in a handful of readings and a small one in many, and no single wild reading can fire it.
 */
export interface Excursion {
  sum: number;
  /** Highest sum of this excursion. */
  top: number;
  /** When the sum last left zero, and how many readings ago. */
  sinceMs: number;
  n: number;
  /** Every `every`-th reading since then, at most 48. */
  every: number;
  ts: number[];
  value: number[];
}

export type Side = 'high' | 'low';

const SLACK = 0.5;
const BOUND = 3;
const TRAIL = 48;

/** A sum that white noise reaches about once in a million readings. */
export const LEAST_ALARM = 14;

export const newExcursion = (): Excursion => ({
  sum: 0,
  top: 0,
  sinceMs: 0,
  n: 0,
  every: 1,
  ts: [],
  value: [],
});

export const end = (excursion: Excursion): void => {
  Object.assign(excursion, newExcursion());
};

const follow = (excursion: Excursion, tsMs: number, value: number): void => {
  if (excursion.n % excursion.every === 0) {
    if (excursion.ts.length === TRAIL) {
      excursion.ts = excursion.ts.filter((_, i) => i % 2 === 0);
      excursion.value = excursion.value.filter((_, i) => i % 2 === 0);
      excursion.every *= 2;
    }
    if (excursion.n % excursion.every === 0) {
      excursion.ts.push(tsMs);
      excursion.value.push(value);
    }
  }
  excursion.n += 1;
};

/**
 * Adds one reading. `z`: its deviation from normal towards this side, in scales. `cap` bounds the sum.
 * Returns the top of an excursion that has just ended, else 0.
 */
export const add = (excursion: Excursion, tsMs: number, value: number, z: number, cap: number): number => {
  const bounded = Math.max(-BOUND, Math.min(BOUND, z));
  const sum = Math.min(cap, excursion.sum + bounded - SLACK);
  if (sum <= 0) {
    const { top } = excursion;
    if (excursion.n > 0) end(excursion);
    return top;
  }
  if (excursion.n === 0) excursion.sinceMs = tsMs;
  excursion.sum = sum;
  excursion.top = Math.max(excursion.top, sum);
  follow(excursion, tsMs, value);
  return 0;
};
