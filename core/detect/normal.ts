import type { Band } from '../alert/alert.ts';
import { location, quantile, sorted } from './robust.ts';

/**
 * What is normal for one series, learnt from its own readings: every `every`-th of them since learning
 * began, so that the sample spans the whole of that time, days and nights alike, in bounded room.
 */
export interface Normal {
  sample: number[];
  /** What else is known of each reading of the sample: its hour and state, see expected.ts. */
  context: number[];
  every: number;
  /** Readings offered so far. */
  n: number;
  firstMs: number;
  lastMs: number;
  center: number;
  /** Like a standard deviation, and as wide as the series' own rhythm. */
  scale: number;
}

const SAMPLE = 96;
/** Fewer own readings than this, and nothing is judged. */
export const ENOUGH_READINGS = 30;
/** A normal that has seen no whole day knows no rhythm. */
export const RHYTHM_MS = 86_400_000;
/** Then it is complete: later readings do not move it, so that slow wear never becomes normal. */
export const LEARN_MS = 14 * RHYTHM_MS;

export const newNormal = (): Normal => ({
  sample: [],
  context: [],
  every: 1,
  n: 0,
  firstMs: 0,
  lastMs: 0,
  center: 0,
  scale: 0,
});

/** Smallest step between two different values: a sensor that counts in steps is not exact to less. */
const stepOf = (ascending: readonly number[]): number => {
  let step = Number.POSITIVE_INFINITY;
  for (let i = 1; i < ascending.length; i++) {
    const gap = (ascending[i] as number) - (ascending[i - 1] as number);
    if (gap > 0 && gap < step) step = gap;
  }
  return Number.isFinite(step) ? step : 0;
};

/**
 * The wider of two robust spreads: one sees the bulk, the other a second state that comes now and then.
 * `sample`: its values, corrected for what is known to move them; `variance`: what they don't show.
 */
export const summarise = (normal: Normal, sample: readonly number[], variance = 0): void => {
  const values = sorted(sample);
  const middle = quantile(values, 0.5);
  const off = sorted(values.map((value) => Math.abs(value - middle)));
  const wide = (quantile(values, 0.9) - quantile(values, 0.1)) / 2.563;
  const floor = Math.max(0.005 * Math.abs(middle), 0.3 * stepOf(values), 1e-9);
  normal.scale = Math.hypot(Math.max(1.4826 * quantile(off, 0.5), wide, floor), Math.sqrt(variance));
  normal.center = location(values, normal.scale);
};

/** Takes one more reading; says whether it came into the sample, which is then to be summarised. */
export const sampled = (normal: Normal, tsMs: number, value: number, context: number): boolean => {
  if (normal.n === 0) normal.firstMs = tsMs;
  normal.lastMs = Math.max(normal.lastMs, tsMs);
  normal.n += 1;
  if ((normal.n - 1) % normal.every !== 0) return false;
  if (normal.sample.length === SAMPLE) {
    normal.sample = normal.sample.filter((_, i) => i % 2 === 0);
    normal.context = normal.context.filter((_, i) => i % 2 === 0);
    normal.every *= 2;
    if ((normal.n - 1) % normal.every !== 0) return false;
  }
  normal.sample.push(value);
  normal.context.push(context);
  return true;
};

/** Learns a value of which nothing else is known. */
export const learn = (normal: Normal, tsMs: number, value: number): void => {
  if (sampled(normal, tsMs, value, 0)) summarise(normal, normal.sample);
};

export const spanMs = (normal: Normal): number => normal.lastMs - normal.firstMs;
export const isLearnt = (normal: Normal): boolean => normal.n >= ENOUGH_READINGS;
export const knowsRhythm = (normal: Normal): boolean => isLearnt(normal) && spanMs(normal) >= RHYTHM_MS;
export const isComplete = (normal: Normal): boolean => isLearnt(normal) && spanMs(normal) >= LEARN_MS;

export const bandOf = (normal: Normal): Band | null =>
  isLearnt(normal) ? { low: normal.center - 3 * normal.scale, high: normal.center + 3 * normal.scale } : null;

/** Whether "so many percent of normal" means anything: not around zero, and not for a scattered signal. */
export const hasRatio = (normal: Normal): boolean => normal.scale <= 0.35 * Math.abs(normal.center);
