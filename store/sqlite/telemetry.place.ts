import { SEQ_IDENTITY_MS } from '../../core/telemetry/limits.ts';
import type { Reading } from '../../core/telemetry/reading.ts';
import {
  compareKeys,
  compareRows,
  cutRows,
  evenShare,
  type Key,
  keyOf,
  MAX_ROWS,
  mergeRows,
} from './chunk.merge.ts';
import type { ChunkInfo, ChunkStore, Owner } from './telemetry.chunks.ts';

/**
 * A trickle of single rows goes into a small chunk, which is cheap to write again each time; when it has
 * more rows than this it joins the chunk before it.
 */
const SMALL_ROWS = 32;
/** Unpacked chunks kept while numbers of one batch are looked up. */
const MAX_UNPACKED = 16;

const lastKey = (chunk: ChunkInfo): Key => ({ ts: chunk.t1, seq: chunk.s1 });
const firstKey = (chunk: ChunkInfo): Key => ({ ts: chunk.t0, seq: chunk.s0 });

/** The end of the run of rows from `start` whose key satisfies `belongs`. */
const runEnd = (rows: readonly Reading[], start: number, belongs: (key: Key) => boolean): number => {
  let end = start;
  while (end < rows.length && belongs(keyOf(rows[end]!))) end++;
  return end;
};

const mergeInto = (chunks: ChunkStore, owner: Owner, chunk: ChunkInfo, rows: readonly Reading[]) => {
  const merged = mergeRows(chunks.rows(owner, chunk), rows);
  if (merged.added.length > 0)
    chunks.replace(owner, [chunk], cutRows(merged.rows, evenShare(merged.rows.length)));
  return merged.added;
};

/** The neighbours that new rows between two chunks are packed together with. */
const partners = (
  chunks: ChunkStore,
  owner: Owner,
  previous: ChunkInfo | undefined,
  next: ChunkInfo | undefined,
  count: number,
): readonly ChunkInfo[] => {
  if (!previous) return next && next.n + count <= SMALL_ROWS ? [next] : [];
  if (previous.n > SMALL_ROWS) return count >= SMALL_ROWS && previous.n < MAX_ROWS ? [previous] : [];
  const total = previous.n + count;
  const earlier = total > SMALL_ROWS ? chunks.before(owner, previous) : undefined;
  return earlier && earlier.n + total <= MAX_ROWS ? [earlier, previous] : [previous];
};

/** Rows that lie between two chunks, or before the first or after the last. */
const appendBetween = (
  chunks: ChunkStore,
  owner: Owner,
  previous: ChunkInfo | undefined,
  next: ChunkInfo | undefined,
  rows: readonly Reading[],
): void => {
  const old = partners(chunks, owner, previous, next, rows.length);
  const held = old.flatMap((chunk) => chunks.rows(owner, chunk));
  chunks.replace(owner, old, cutRows(previous ? [...held, ...rows] : [...rows, ...held], MAX_ROWS));
};

/** Puts rows, sorted and without duplicates among themselves, into the owner's chunks. Returns what was new. */
const placeRows = (chunks: ChunkStore, owner: Owner, rows: readonly Reading[]): Reading[] => {
  const added: Reading[] = [];
  let start = 0;
  while (start < rows.length) {
    const key = keyOf(rows[start]!);
    const chunk = chunks.at(owner, key);
    if (chunk && compareKeys(key, lastKey(chunk)) <= 0) {
      const end = runEnd(rows, start, (other) => compareKeys(other, lastKey(chunk)) <= 0);
      added.push(...mergeInto(chunks, owner, chunk, rows.slice(start, end)));
      start = end;
    } else {
      const next = chunks.after(owner, key);
      const end = runEnd(rows, start, (other) => !next || compareKeys(other, firstKey(next)) < 0);
      const run = rows.slice(start, end);
      appendBetween(chunks, owner, chunk, next, run);
      added.push(...run);
      start = end;
    }
  }
  return added;
};

const hasSameValues = (a: Reading, b: Reading): boolean => {
  const metrics = Object.keys(a.values);
  return (
    metrics.length === Object.keys(b.values).length &&
    metrics.every((metric) => Object.hasOwn(b.values, metric) && a.values[metric] === b.values[metric])
  );
};

/**
 * Takes out what is known already of readings whose device gave a number but no time. Other values under a
 * known number are another reading: the device has started again and counts anew.
 */
const withoutResent = (chunks: ChunkStore, owner: Owner, rows: readonly Reading[]): Reading[] => {
  const unpacked = new Map<number, readonly Reading[]>();
  const accepted = new Map<number, Reading[]>();
  const unpack = (chunk: ChunkInfo): readonly Reading[] => {
    const known = unpacked.get(chunk.id);
    if (known) return known;
    const numbered = chunks
      .rows(owner, chunk)
      .filter((row) => row.tsSource === 'receive' && row.seq !== null);
    if (unpacked.size >= MAX_UNPACKED) unpacked.delete(unpacked.keys().next().value!);
    unpacked.set(chunk.id, numbered);
    return numbered;
  };
  const isHeld = (row: Reading, seq: number): boolean => {
    const from = row.tsMs - SEQ_IDENTITY_MS;
    const to = row.tsMs + SEQ_IDENTITY_MS;
    const isRepeated = (other: Reading): boolean =>
      other.seq === seq && other.tsMs >= from && other.tsMs <= to && hasSameValues(row, other);
    return (
      (accepted.get(seq) ?? []).some(isRepeated) ||
      chunks.numbered(owner, seq, from, to).some((chunk) => unpack(chunk).some(isRepeated))
    );
  };
  const fresh: Reading[] = [];
  for (const row of rows) {
    const { seq } = row;
    if (row.tsSource === 'device' || seq === null) {
      fresh.push(row);
      continue;
    }
    if (isHeld(row, seq)) continue;
    fresh.push(row);
    const others = accepted.get(seq);
    if (others) others.push(row);
    else accepted.set(seq, [row]);
  }
  return fresh;
};

/** Stores the owner's readings, given in order of arrival. Returns those that are new, with their new values. */
export const storeRows = (chunks: ChunkStore, owner: Owner, rows: readonly Reading[]): Reading[] => {
  const sorted = withoutResent(chunks, owner, rows).sort(compareRows);
  return placeRows(chunks, owner, mergeRows([], sorted).rows);
};
