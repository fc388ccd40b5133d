import type { SeriesQuery } from '../telemetry.ts';

/** Buckets of one answer. */
const MAX_POINTS = 50_000;

export interface Buckets {
  readonly widthMs: number;
  readonly count: number;
  /** Where each begins. */
  readonly ts: readonly number[];
}

/** Equal buckets of whole ms over the range, the same in every store. @throws RangeError on too few or many points */
export const bucketsOf = ({ fromMs, toMs, points }: SeriesQuery): Buckets => {
  if (!(points >= 1 && points <= MAX_POINTS))
    throw new RangeError(`points must be from 1 to ${MAX_POINTS}, got ${points}`);
  const spanMs = Math.max(0, toMs - fromMs);
  const widthMs = Math.max(1, Math.ceil(spanMs / Math.floor(points)));
  const count = Math.ceil(spanMs / widthMs);
  return { widthMs, count, ts: Array.from({ length: count }, (_, i) => fromMs + i * widthMs) };
};
