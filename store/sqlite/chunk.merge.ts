import type { Reading } from '../../core/telemetry/reading.ts';

/**
 * Rows of one unit in the order of their key (time, then sequence number), and how new rows join them by
 * the identity of a reading (core/telemetry/reading.ts). Pure.
 */
export interface Key {
  readonly ts: number;
  readonly seq: number;
}

export const keyOf = (row: Reading): Key => ({ ts: row.tsMs, seq: row.seq ?? 0 });

export const compareKeys = (a: Key, b: Key): number => a.ts - b.ts || a.seq - b.seq;

export const compareRows = (a: Reading, b: Reading): number => a.tsMs - b.tsMs || (a.seq ?? 0) - (b.seq ?? 0);

export interface Merged {
  /** Old and new rows in order of key; equal keys in order of arrival. */
  readonly rows: readonly Reading[];
  /** What is new: rows with the values that were not there yet. */
  readonly added: readonly Reading[];
}

/** Numbers in these rows. */
export const pointsIn = (rows: readonly Reading[]): number => {
  let points = 0;
  for (const { values } of rows) points += Object.keys(values).length;
  return points;
};

/** Rows of one key that are one reading. Without a time of the device the key says nothing (see telemetry.place.ts). */
const isSame = (a: Reading, b: Reading): boolean => a.tsSource === 'device' && b.tsSource === 'device';

/** The values of `row` that are not in `held`. Null where none is. */
const without = (row: Reading, held: (metric: string) => boolean): Reading | null => {
  const entries = Object.entries(row.values);
  const left = entries.filter(([metric]) => !held(metric));
  if (left.length === 0) return null;
  return left.length === entries.length ? row : { ...row, values: Object.fromEntries(left) };
};

const joined = (held: Reading, more: Reading): Reading => ({
  ...held,
  // Not a spread of two: a metric may have any name.
  values: Object.fromEntries([...Object.entries(held.values), ...Object.entries(more.values)]),
});

/** Both sorted by key, `incoming` in order of arrival where keys are equal. The first value stays. */
export const mergeRows = (held: readonly Reading[], incoming: readonly Reading[]): Merged => {
  const rows: Reading[] = [];
  const added: Reading[] = [];
  let next = 0;
  for (const row of incoming) {
    while (next < held.length && compareRows(held[next]!, row) <= 0) rows.push(held[next++]!);
    let at = rows.length - 1;
    while (at >= 0 && compareRows(rows[at]!, row) === 0 && !isSame(rows[at]!, row)) at--;
    const same = at >= 0 && compareRows(rows[at]!, row) === 0 ? rows[at]! : null;
    const fresh = same ? without(row, (metric) => Object.hasOwn(same.values, metric)) : row;
    if (!fresh) continue;
    added.push(fresh);
    if (same) rows[at] = joined(same, fresh);
    else rows.push(fresh);
  }
  while (next < held.length) rows.push(held[next++]!);
  return { rows, added };
};

export const MAX_ROWS = 512;
/** Rows × metrics of a chunk: unpacked, a chunk of ever new metric names must not fill the memory. */
const MAX_CELLS = 65_536;

/** Cuts sorted rows into pieces for a chunk each, never between two rows of one key. */
export const cutRows = (rows: readonly Reading[], maxRows: number): Reading[][] => {
  const pieces: Reading[][] = [];
  let piece: Reading[] = [];
  let metrics = new Set<string>();
  for (const row of rows) {
    const last = piece.at(-1);
    const full = piece.length >= maxRows || (piece.length + 1) * metrics.size > MAX_CELLS;
    if (last && full && compareRows(last, row) !== 0) {
      pieces.push(piece);
      piece = [];
      metrics = new Set();
    }
    piece.push(row);
    for (const metric of Object.keys(row.values)) metrics.add(metric);
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
};

/** Rows per piece when `count` rows are shared out evenly, so that each keeps room for latecomers. */
export const evenShare = (count: number): number => Math.ceil(count / Math.ceil(count / MAX_ROWS));
