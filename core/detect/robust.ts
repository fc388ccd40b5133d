/**
 * Statistics that a few wild readings cannot move. All take plain arrays and leave them as they are.
 */
/** Up to here insertion beats every other sort: lists are short as a rule, and this is the hot path. */
const SHORT = 128;

const inserted = (values: readonly number[]): number[] => {
  const list = values.slice();
  for (let i = 1; i < list.length; i++) {
    const value = list[i] as number;
    let at = i;
    for (; at > 0 && (list[at - 1] as number) > value; at--) list[at] = list[at - 1] as number;
    list[at] = value;
  }
  return list;
};

/** Ascending; the list itself stays as it is. Numbers only, no NaN. */
export const sorted = (values: readonly number[]): number[] =>
  values.length <= SHORT ? inserted(values) : Array.from(Float64Array.from(values).sort());

/** Linear between neighbours; `p` in [0, 1]. NaN for an empty list. `values` must be ascending. */
export const quantile = (values: ArrayLike<number>, p: number): number => {
  if (values.length === 0) return Number.NaN;
  const at = (values.length - 1) * p;
  const low = Math.floor(at);
  const a = values[low] as number;
  const b = values[Math.min(low + 1, values.length - 1)] as number;
  return a + (b - a) * (at - low);
};

export const median = (values: readonly number[]): number => quantile(sorted(values), 0.5);

/** Median distance from `center`, scaled to agree with the standard deviation of normal noise. */
export const deviation = (values: readonly number[], center: number): number =>
  1.4826 * median(values.map((value) => Math.abs(value - center)));

/**
 * Huber's location: the mean of the bulk, with far values pulled in to two `scale`s. Unlike the median it
 * stays put between two states (empty and loaded) that come equally often.
 */
export const location = (values: readonly number[], scale: number): number => {
  let at = median(values);
  for (let round = 0; round < 4; round++) {
    let sum = 0;
    for (const value of values) sum += Math.max(-2 * scale, Math.min(2 * scale, value - at));
    at += sum / values.length;
  }
  return at;
};

export interface Trend {
  /** Value per millisecond: the median of all pairwise slopes (Theil–Sen). */
  readonly slope: number;
  /** Bounds of the 80 % interval of the slope, from the distribution of Kendall's statistic. */
  readonly slopeLow: number;
  readonly slopeHigh: number;
  /** Kendall's statistic in standard deviations: above 2.6, a rise by chance is rarer than 1 in 200. */
  readonly kendallZ: number;
  /** Where the line stands at the last instant, with the standard error of that level. */
  readonly level: number;
  readonly levelError: number;
}

const Z_80 = 1.2816;
const FEW = 8;

/**
 * A straight line through points in time that a third of wild points cannot turn.
 * `tsMs` ascending, at most 64 points (the work grows with the square). Null with fewer than 4 instants.
 * Sen (1968), "Estimates of the regression coefficient based on Kendall's tau".
 */
export const trendOf = (tsMs: readonly number[], values: readonly number[]): Trend | null => {
  const n = tsMs.length;
  const all = new Float64Array((n * (n - 1)) / 2);
  let count = 0;
  let concordance = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const dt = (tsMs[j] as number) - (tsMs[i] as number);
      if (dt <= 0) continue;
      const dv = (values[j] as number) - (values[i] as number);
      concordance += Math.sign(dv);
      all[count++] = dv / dt;
    }
  }
  if (count < 6) return null;
  const slopes = all.subarray(0, count).sort();
  const spread = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const slope = quantile(slopes, 0.5);
  // Few points that were picked for rising say less than their number: measured on simulated wear.
  const caution = 1 + FEW / n;
  const half = (Z_80 * caution * spread) / slopes.length / 2;
  const last = tsMs[n - 1] as number;
  const levels = values.map((value, i) => value + slope * (last - (tsMs[i] as number)));
  const level = median(levels);
  return {
    slope,
    slopeLow: quantile(slopes, Math.max(0, 0.5 - half)),
    slopeHigh: quantile(slopes, Math.min(1, 0.5 + half)),
    kendallZ: concordance / spread,
    level,
    levelError: (1.2533 * caution * deviation(levels, level)) / Math.sqrt(n),
  };
};
