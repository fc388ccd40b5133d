import type { Series } from '../../core/telemetry/reading.ts';
import { bucketsOf } from '../telemetry/buckets.ts';
import type { SeriesQuery } from '../telemetry.ts';
import type { Column } from './chunk.ts';

/** Equal buckets of whole ms over the range; a bucket without readings is null. */
export const newBuckets = (query: SeriesQuery) => {
  const { fromMs, toMs } = query;
  if (!Number.isFinite(fromMs) || !Number.isFinite(toMs))
    throw new RangeError(`fromMs and toMs must be Unix ms, got ${fromMs} and ${toMs}`);
  const { widthMs, count, ts: starts } = bucketsOf(query);
  const min = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const mean = new Float64Array(count);
  const counts = new Float64Array(count);
  const add = ({ ts, values }: Column): void => {
    for (let i = 0; i < ts.length; i++) {
      const at = ts[i]!;
      const value = values[i]!;
      if (at < fromMs || at >= toMs || Number.isNaN(value)) continue;
      const bucket = Math.floor((at - fromMs) / widthMs);
      if (value < min[bucket]!) min[bucket] = value;
      if (value > max[bucket]!) max[bucket] = value;
      const n = ++counts[bucket]!;
      // A running mean: a sum of huge values could overflow.
      mean[bucket]! += value / n - mean[bucket]! / n;
    }
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
  return { add, finish };
};
