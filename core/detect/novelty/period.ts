/** How long one turn of a series is, in readings, and how much the next is like the last: 1 is the same. */
export interface Period {
  readonly length: number;
  readonly likeness: number;
}

const SHORTEST = 8;
const LONGEST = 1_000;
/** A longer turn must be so much more alike than a shorter one: two turns are as alike as one. */
const BETTER = 0.05;

/** The lag of the highest peak of the autocorrelation; null where it has none. */
export const periodOf = (values: readonly number[]): Period | null => {
  const n = values.length;
  const longest = Math.min(LONGEST, n >> 1);
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const off = Float64Array.from(values, (value) => value - mean);
  const likeness = (lag: number): number => {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += (off[i] as number) * (off[i - lag] as number);
    return sum / (n - lag);
  };
  const own = likeness(0);
  if (!(own > 0)) return null;
  const at: number[] = [];
  for (let lag = SHORTEST - 1; lag <= longest; lag++) at.push(likeness(lag) / own);
  let best: Period | null = null;
  for (let i = 1; i + 1 < at.length; i++) {
    const here = at[i] as number;
    const isPeak = here > (at[i - 1] as number) && here >= (at[i + 1] as number);
    if (isPeak && here > (best?.likeness ?? 0) + BETTER) best = { length: SHORTEST - 1 + i, likeness: here };
  }
  return best;
};
