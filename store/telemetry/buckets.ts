import { HOUR_MS, hourOf } from '../../core/telemetry/hours.ts';
import type { SeriesQuery } from '../telemetry.ts';

/** Buckets of one answer. */
const MAX_POINTS = 50_000;
/** A longer range is shown by whole hours: by then nobody can tell a bucket's edge from the next full hour. */
const LONG_MS = 62 * 24 * HOUR_MS;

export interface Buckets {
  /** Where the first begins; of a long range the full hour in which it does. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly widthMs: number;
  readonly count: number;
  /** Where each begins. */
  readonly ts: readonly number[];
  /** They begin and end with full hours, so that hourly values make them up. */
  readonly isHourly: boolean;
}

/** Equal buckets of whole ms over the range, the same in every store. @throws RangeError on too few or many points */
export const bucketsOf = ({ fromMs, toMs, points }: SeriesQuery): Buckets => {
  if (!Number.isFinite(fromMs) || !Number.isFinite(toMs))
    throw new RangeError(`fromMs and toMs must be Unix ms, got ${fromMs} and ${toMs}`);
  if (!(points >= 1 && points <= MAX_POINTS))
    throw new RangeError(`points must be from 1 to ${MAX_POINTS}, got ${points}`);
  const most = Math.floor(points);
  const isHourly = toMs - fromMs > LONG_MS && (toMs - fromMs) / most >= HOUR_MS;
  const startMs = isHourly ? hourOf(fromMs) : fromMs;
  const spanMs = Math.max(0, toMs - startMs);
  const exactMs = Math.max(1, Math.ceil(spanMs / most));
  const widthMs = isHourly ? Math.ceil(exactMs / HOUR_MS) * HOUR_MS : exactMs;
  const count = Math.ceil(spanMs / widthMs);
  const ts = Array.from({ length: count }, (_, i) => startMs + i * widthMs);
  return { fromMs: startMs, toMs, widthMs, count, ts, isHourly };
};
