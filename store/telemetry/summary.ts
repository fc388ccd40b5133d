import type { Hourly } from '../../core/telemetry/hours.ts';
import type { Series } from '../../core/telemetry/reading.ts';
import type { SeriesQuery } from '../telemetry.ts';
import { bucketsOf } from './buckets.ts';

/** Times and, one by one, the value or NaN. */
interface Column {
  readonly ts: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** Gathers a series in the buckets of `bucketsOf`, by readings or by whole hours; a bucket without any is null. */
export const newBuckets = (query: SeriesQuery) => {
  const range = bucketsOf(query);
  const { fromMs, toMs, widthMs, count, ts: starts } = range;
  const min = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const mean = new Float64Array(count);
  const counts = new Float64Array(count);
  const add = ({ ts, values }: Column, sinceMs = fromMs): void => {
    for (let i = 0; i < ts.length; i++) {
      const at = ts[i]!;
      const value = values[i]!;
      if (at < sinceMs || at >= toMs || Number.isNaN(value)) continue;
      const bucket = Math.floor((at - fromMs) / widthMs);
      if (value < min[bucket]!) min[bucket] = value;
      if (value > max[bucket]!) max[bucket] = value;
      const n = ++counts[bucket]!;
      // A running mean: a sum of huge values could overflow.
      mean[bucket]! += value / n - mean[bucket]! / n;
    }
  };
  /** What an hour, or another stretch within one bucket, showed as a whole. */
  const addHour = (hourMs: number, hour: Hourly): void => {
    const bucket = Math.floor((hourMs - fromMs) / widthMs);
    if (hourMs < fromMs || hourMs >= toMs) return;
    if (hour.min < min[bucket]!) min[bucket] = hour.min;
    if (hour.max > max[bucket]!) max[bucket] = hour.max;
    counts[bucket]! += hour.count;
    const share = hour.count / counts[bucket]!;
    mean[bucket] = mean[bucket]! * (1 - share) + hour.mean * share;
  };
  const finish = (): Series => {
    const filled = (column: Float64Array): (number | null)[] =>
      Array.from(column, (value, i) => (counts[i]! > 0 ? value : null));
    return {
      ts: starts,
      min: filled(min),
      max: filled(max),
      mean: filled(mean),
    };
  };
  return { range, add, addHour, finish };
};
