import type { SeriesView } from '../../api/contract/schemas.ts';

/** Where normal readings lie, as it went: columns of one length, times in Unix ms; `null` breaks the band. */
export interface NormalBand {
  readonly ts: readonly number[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

export const NO_BAND: NormalBand = { ts: [], low: [], high: [] };

/** It is told every ten minutes: for so long the last word holds, or for two points of a wide view. */
const HOLDS_MS = 30 * 60_000;

/**
 * The band of two series that were worked out together. Goes on to `nowMs` at its last width while that is recent; where
 * the two don't fit together (one was loaded before the other) there is none yet.
 */
export const bandOf = (low: SeriesView | null, high: SeriesView | null, nowMs: number): NormalBand => {
  const last = low?.ts.at(-1);
  if (!low || !high || last === undefined || low.ts.length !== high.ts.length || high.ts.at(-1) !== last)
    return NO_BAND;
  const spacingMs = last - (low.ts.at(-2) ?? last);
  if (nowMs <= last || nowMs - last > Math.max(HOLDS_MS, 2 * spacingMs))
    return { ts: low.ts, low: low.mean, high: high.mean };
  return {
    ts: [...low.ts, nowMs],
    low: [...low.mean, low.mean.at(-1) ?? null],
    high: [...high.mean, high.mean.at(-1) ?? null],
  };
};

/** Stretches without a break, as indices; a single point is none. */
export const stretches = ({
  ts,
  low,
  high,
}: NormalBand): readonly (readonly [from: number, to: number])[] => {
  const found: [number, number][] = [];
  let from: number | null = null;
  for (let i = 0; i <= ts.length; i++) {
    const isThere = i < ts.length && low[i] !== null && high[i] !== null;
    if (isThere) from ??= i;
    else {
      if (from !== null && i - from > 1) found.push([from, i - 1]);
      from = null;
    }
  }
  return found;
};

/** The band at an instant, by the point before it; null outside. */
export const bandAt = (
  band: NormalBand,
  atMs: number,
): { readonly low: number; readonly high: number } | null => {
  for (const [from, to] of stretches(band)) {
    if (atMs < band.ts[from]! || atMs > band.ts[to]!) continue;
    let at = from;
    while (at < to && band.ts[at + 1]! <= atMs) at++;
    return { low: band.low[at] as number, high: band.high[at] as number };
  }
  return null;
};
