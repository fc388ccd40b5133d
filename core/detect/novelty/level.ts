/**
 * Whether the level of one metric has left its normal, and for how far: the newest readings, averaged, against what
 * such averages did while normal was learnt. A metric that wandered or drifted then is allowed to have gone as
 * much farther as time has passed since.
 */
export interface Level {
  n: number;
  /** Exponential average of the newest readings. */
  average: number;
  /** Mean and sum of squares of all readings learnt, and how many they are. */
  mean: number;
  squares: number;
  learnt: number;
  /** The average at every `every`-th reading learnt. */
  path: number[];
  every: number;
  /** Null until normal is known, and for a metric that has never moved. */
  normal: LevelNormal | null;
}

export interface LevelNormal {
  readonly center: number;
  /** Of the average around the center, when it was learnt. */
  readonly variance: number;
  /** How the variance grows with time: 0 not at all, 1 as a random walk does, 2 as a drift does. */
  readonly growth: number;
  /** Readings learnt, and the number of the last of them. */
  readonly learnt: number;
  readonly until: number;
}

export const LEVEL_READINGS = 20;
const PATH = 60;
const ENOUGH_PATH = 10;
/** Of the variance of single readings: no average is steadier than this. */
const LEAST_VARIANCE = 0.06;
/** A spread of less than this part of the value is a sensor that stands still. */
const STILL = 1e-5;
/** No metric counts for more than this. */
const MOST = 20;

export const newLevel = (): Level => ({
  n: 0,
  average: 0,
  mean: 0,
  squares: 0,
  learnt: 0,
  path: [],
  every: 1,
  normal: null,
});

export const followLevel = (level: Level, value: number): void => {
  level.n += 1;
  level.average += Math.max(1 / LEVEL_READINGS, 1 / level.n) * (value - level.average);
};

/** Takes `value`, which `followLevel` has heard, for normal. */
export const learnLevel = (level: Level, value: number): void => {
  level.learnt += 1;
  const off = value - level.mean;
  level.mean += off / level.learnt;
  level.squares += off * (value - level.mean);
  if (level.learnt <= LEVEL_READINGS || level.learnt % level.every !== 0) return;
  level.path.push(level.average);
  if (level.path.length < 2 * PATH) return;
  level.path = level.path.filter((_, i) => i % 2 === 1);
  level.every *= 2;
};

/** Half the mean square of how far the path goes in `lag` steps. */
const wander = (path: readonly number[], lag: number): number => {
  let sum = 0;
  for (let i = lag; i < path.length; i++) sum += ((path[i] as number) - (path[i - lag] as number)) ** 2;
  return sum / (2 * (path.length - lag));
};

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Draws normal from what was learnt so far. */
export const settleLevel = (level: Level): void => {
  const { path, learnt, mean, squares, n } = level;
  const single = squares / Math.max(1, learnt);
  if (path.length < ENOUGH_PATH || !(single > (STILL * mean) ** 2)) return;
  const least = LEAST_VARIANCE * single;
  const wanders = [8, 4, 2].map((part) => wander(path, Math.max(1, Math.floor(path.length / part))) + least);
  const [short, , long] = wanders as [number, number, number];
  const growth = Math.max(0, Math.min(2, Math.log(long / short) / Math.log(4)));
  const middle = [...path].sort((a, b) => a - b)[path.length >> 1] as number;
  const newest = meanOf(path.slice(-Math.ceil(path.length / 4)));
  const share = Math.min(1, growth);
  level.normal = {
    // What wanders goes on from where it was last.
    center: share * newest + (1 - share) * middle,
    variance: Math.max(...wanders),
    growth,
    learnt,
    until: n,
  };
};

/** The standard deviation that the average may have by now. */
const spreadNow = ({ n }: Level, { variance, growth, learnt, until }: LevelNormal): number => {
  const half = Math.max(1, learnt / 2);
  return Math.sqrt(variance * Math.max(1, (n - until + half) / half) ** growth);
};

/** By how many standard deviations the level is off its normal, with its sign; 0 while normal is not known. */
export const levelOff = (level: Level): number => {
  const { normal, average } = level;
  if (normal === null) return 0;
  const off = (average - normal.center) / spreadNow(level, normal);
  return Math.max(-MOST, Math.min(MOST, off));
};

/** Where the level would be normal, `sigmas` wide to each side; null while that is not known. */
export const levelBand = (
  level: Level,
  sigmas: number,
): { readonly low: number; readonly high: number } | null => {
  const { normal } = level;
  if (normal === null) return null;
  const half = sigmas * spreadNow(level, normal);
  return { low: normal.center - half, high: normal.center + half };
};
