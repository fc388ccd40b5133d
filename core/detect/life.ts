import type { Crossing } from '../alert/alert.ts';
import type { Side } from './excursion.ts';
import { median, type Trend, trendOf } from './robust.ts';

/** Where a level goes: its course, and when it meets its limit. */
export interface Life {
  /** Level at the last point, in the metric's unit. */
  readonly level: number;
  /** Its pace there, per millisecond. */
  readonly pace: number;
  /** How surely it moves towards the limit: Kendall's statistic, less where neighbours resemble each other. */
  readonly surety: number;
  readonly shape: 'linear' | 'exponential';
  /** Null: it does not move towards the limit. */
  readonly crossing: Crossing | null;
}

const Z_80 = 1.2816;
/** Exponential growth has to fit so much better than a line to be believed. */
const BETTER = 0.9;
/** And the course must have grown so much that the two can be told apart. */
const GROWN = 1.2;
const ENOUGH_TO_TELL = 16;
/** Neighbours may resemble each other by so much; more of it is the trend itself. */
const MOST_ALIKE = 0.7;

const residuals = (tsMs: readonly number[], values: readonly number[], trend: Trend): readonly number[] => {
  const last = tsMs.at(-1) as number;
  return values.map((value, i) => value - trend.level - trend.slope * ((tsMs[i] as number) - last));
};

const size = (values: readonly number[]): number => median(values.map(Math.abs));

/** By how much longer an interval must be where neighbouring points err alike. */
const likeness = (errors: readonly number[]): number => {
  let alike = 0;
  let all = 0;
  errors.forEach((error, i) => {
    all += error * error;
    if (i > 0) alike += error * (errors[i - 1] as number);
  });
  const share = all > 0 ? Math.max(0, Math.min(MOST_ALIKE, alike / all)) : 0;
  return Math.sqrt((1 + share) / (1 - share));
};

interface Fit {
  readonly trend: Trend;
  readonly errors: readonly number[];
  readonly widen: number;
}

const fitOf = (tsMs: readonly number[], values: readonly number[]): Fit | null => {
  const trend = trendOf(tsMs, values);
  if (!trend) return null;
  const errors = residuals(tsMs, values, trend);
  return { trend, errors, widen: likeness(errors) };
};

/** When the line meets the limit, on the fit's own scale; 80 % interval of slope and level together. */
const crossingOf = (
  { trend, widen }: Fit,
  gap: number,
  sign: 1 | -1,
  lastMs: number,
): Omit<Crossing, 'limit'> | null => {
  const slope = trend.slope * sign;
  if (slope <= 0) return null;
  const [low, high] = sign > 0 ? [trend.slopeLow, trend.slopeHigh] : [-trend.slopeHigh, -trend.slopeLow];
  const slow = slope - widen * (slope - low);
  const fast = slope + widen * (high - slope);
  const error = Z_80 * widen * trend.levelError;
  const meet = (distance: number, pace: number): number => lastMs + Math.max(0, distance) / pace;
  return {
    atMs: meet(gap, slope),
    earliestMs: meet(gap - error, fast),
    latestMs: slow > 0 ? meet(gap + error, slow) : null,
  };
};

const MAX_MS = 8.64e15;
const whole = (ms: number, nowMs: number): number => Math.round(Math.min(MAX_MS, Math.max(nowMs, ms)));

const exponentialOf = (
  tsMs: readonly number[],
  values: readonly number[],
  limit: number,
  line: Fit,
): Fit | null => {
  if (limit <= 0 || values.some((value) => value <= 0)) return null;
  const grown = Math.exp(
    Math.abs(line.trend.slope * ((tsMs.at(-1) as number) - (tsMs[0] as number))) /
      Math.max(1e-12, Math.abs(median(values))),
  );
  if (grown < GROWN) return null;
  const fit = fitOf(tsMs, values.map(Math.log));
  if (!fit) return null;
  const errors = fit.errors.map((error, i) => {
    const value = values[i] as number;
    return value - value * Math.exp(-error);
  });
  return size(errors) < BETTER * size(line.errors) ? fit : null;
};

/**
 * Remaining life by the course of a level: a straight line, or exponential growth (bearings) where that fits
 * better by what was seen so far. `tsMs` ascending, at most 64 points. Null with too few of them.
 */
export const lifeOf = (
  tsMs: readonly number[],
  values: readonly number[],
  limit: number,
  side: Side,
  nowMs: number,
): Life | null => {
  const line = fitOf(tsMs, values);
  if (!line) return null;
  const sign = side === 'high' ? 1 : -1;
  const curve = exponentialOf(tsMs, values, limit, line);
  const fit = curve ?? line;
  const level = curve ? Math.exp(curve.trend.level) : line.trend.level;
  // Of few points it can't be told whether neighbours resemble each other.
  const surety = (fit.trend.kendallZ * sign) / (tsMs.length < ENOUGH_TO_TELL ? 1 : fit.widen);
  const pace = curve ? curve.trend.slope * level : line.trend.slope;
  const shape = curve ? 'exponential' : 'linear';
  if ((limit - level) * sign <= 0) {
    const now = { limit, atMs: nowMs, earliestMs: nowMs, latestMs: nowMs };
    return { level, pace, surety, shape, crossing: now };
  }
  const gap = (curve ? Math.log(limit) - curve.trend.level : limit - level) * sign;
  const met = crossingOf(fit, gap, sign, tsMs.at(-1) as number);
  const crossing = met && {
    limit,
    atMs: whole(met.atMs, nowMs),
    earliestMs: whole(met.earliestMs, nowMs),
    latestMs: met.latestMs === null ? null : whole(met.latestMs, nowMs),
  };
  return { level, pace, surety, shape, crossing };
};
