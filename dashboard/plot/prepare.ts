import type { SeriesView } from '../../api/contract/schemas.ts';

export const EMPTY: SeriesView = { ts: [], min: [], max: [], mean: [] };

/** How many usual spacings without a reading make a gap. */
const GAP_SPACINGS = 4;

const usual = (spacings: number[]): number => {
  const sorted = spacings.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * 0.75)] ?? 0;
};

/**
 * Takes out the empty buckets between readings that come seldom by their nature (one value per parking cycle, in
 * buckets of seconds), so that they make a line; where nothing came for four times the usual spacing an empty
 * bucket stays and the line breaks. A gap is never joined.
 */
export const joinSparse = (series: SeriesView): SeriesView => {
  const filled: number[] = [];
  for (const [at, mean] of series.mean.entries()) if (mean !== null) filled.push(at);
  if (filled.length === 0) return EMPTY;
  if (filled.length === series.ts.length && filled.length < 3) return series;
  const spacings = filled.slice(1).map((at, n) => series.ts[at]! - series.ts[filled[n]!]!);
  const gapMs = usual(spacings) * GAP_SPACINGS;
  const out = {
    ts: [] as number[],
    min: [] as (number | null)[],
    max: [] as (number | null)[],
    mean: [] as (number | null)[],
  };
  let before: number | null = null;
  for (const at of filled) {
    const ts = series.ts[at]!;
    if (before !== null && ts - before > gapMs) {
      out.ts.push(Math.round((before + ts) / 2));
      out.min.push(null);
      out.max.push(null);
      out.mean.push(null);
    }
    out.ts.push(ts);
    out.min.push(series.min[at] ?? null);
    out.max.push(series.max[at] ?? null);
    out.mean.push(series.mean[at] ?? null);
    before = ts;
  }
  return out;
};

/** At most this many live readings are kept after the loaded part; then it is loaded again anyway. */
export const MAX_TAIL = 600;

/** Readings heard live after the series was loaded: each instant a point of its own. */
export interface Tail {
  readonly ts: readonly number[];
  readonly value: readonly number[];
}
export const NO_TAIL: Tail = { ts: [], value: [] };

/** Adds a reading that was heard; older than the newest or the same instant changes nothing. */
export const heard = (tail: Tail, ts: number, value: number): Tail => {
  const last = tail.ts.at(-1);
  if (last !== undefined && ts <= last) return tail;
  const cut = tail.ts.length >= MAX_TAIL ? 1 : 0;
  return { ts: [...tail.ts.slice(cut), ts], value: [...tail.value.slice(cut), value] };
};

/** Live values are told about once a second and may be thinned out on the way: shorter silences are none. */
const LIVE_GAP_MS = 15_000;

/** A loaded series and what was heard since. A silence breaks the line here too. */
export const withTail = (series: SeriesView, tail: Tail): SeriesView => {
  const last = series.ts.at(-1) ?? null;
  const first = last === null ? 0 : tail.ts.findIndex((ts) => ts > last);
  if (first === -1 || first >= tail.ts.length) return series;
  const gapMs = Math.max(gapOf(series), LIVE_GAP_MS);
  const ts = [...series.ts];
  const value: (number | null)[] = [];
  let before = last;
  for (let at = first; at < tail.ts.length; at++) {
    const now = tail.ts[at]!;
    if (before !== null && now - before > gapMs) {
      ts.push(Math.round((before + now) / 2));
      value.push(null);
    }
    ts.push(now);
    value.push(tail.value[at]!);
    before = now;
  }
  return {
    ts,
    min: [...series.min, ...value],
    max: [...series.max, ...value],
    mean: [...series.mean, ...value],
  };
};

/** Indices of points that no line touches: without a neighbour on either side. */
export const lonely = (mean: readonly (number | null | undefined)[], from: number, to: number): number[] => {
  const alone: number[] = [];
  for (let at = from; at <= to; at++) {
    if (mean[at] == null) continue;
    if (mean[at - 1] == null && mean[at + 1] == null) alone.push(at);
  }
  return alone;
};

/** How long a silence breaks the line: several usual spacings; where there are too few to tell, none does. */
const gapOf = (series: SeriesView): number =>
  series.ts.length < 3
    ? Number.POSITIVE_INFINITY
    : usual(series.ts.slice(1).map((ts, at) => ts - series.ts[at]!)) * GAP_SPACINGS;

/**
 * The series is stale when its last value is older than several usual spacings, and than any silence that it had
 * before: a garage that nobody uses at night is not broken. At least two minutes.
 */
export const staleAfterMs = (series: SeriesView): number => {
  const filled = series.ts.filter((_, at) => series.mean[at] !== null);
  const spacings = filled.slice(1).map((ts, at) => ts - filled[at]!);
  return Math.max(120_000, usual(spacings) * 6, 1.25 * Math.max(0, ...spacings));
};
