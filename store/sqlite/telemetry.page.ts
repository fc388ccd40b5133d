import type { DatabaseSync } from 'node:sqlite';
import type { Reading } from '../../core/telemetry/reading.ts';
import { comparePlaces, decodeCursor, encodeCursor, MAX_LIMIT, type Place } from '../telemetry/cursor.ts';
import type { ReadingsPage, ReadingsQuery } from '../telemetry.ts';
import { decodeChunk } from './chunk.ts';
import { type Owner, unpacking } from './telemetry.chunks.ts';
import { shelfOf } from './telemetry.shelf.ts';

const START: Place = { ts: Number.NEGATIVE_INFINITY, unit: '', seq: 0, nth: 0 };

interface Placed {
  readonly place: Place;
  readonly row: Reading;
}

type ChunkRow = { readonly id: number; readonly t0: number; readonly s0: number };

/** Chunks listed at once. */
const LISTED = 64;

export const readingsPager = (db: DatabaseSync, path: string) => {
  const owners = db.prepare('SELECT id, equipment, unit FROM owner WHERE equipment = ? ORDER BY unit');
  const reaching = db.prepare('SELECT max(t0) AS t0 FROM chunk WHERE owner = ? AND t0 < ?');
  const chunksAfter = db.prepare(
    'SELECT id, t0, s0 FROM chunk WHERE owner = ? AND (t0, s0) > (?, ?) AND t0 < ? AND t1 >= ? ORDER BY t0, s0 LIMIT ?',
  );
  const body = db.prepare('SELECT body FROM chunk WHERE id = ?');

  /** The owner's chunks from `fromMs` on, listed some at a time. */
  const chunksOf = function* (owner: Owner, fromMs: number, toMs: number): Generator<ChunkRow> {
    const start = (reaching.get(owner.id, fromMs) as { readonly t0: number | null }).t0 ?? fromMs;
    let seen = { t0: start, s0: Number.MIN_SAFE_INTEGER - 1 };
    for (;;) {
      const listed = chunksAfter.all(
        owner.id,
        seen.t0,
        seen.s0,
        toMs,
        fromMs,
        LISTED,
      ) as unknown as ChunkRow[];
      yield* listed;
      const last = listed.at(-1);
      if (!last || listed.length < LISTED) return;
      seen = last;
    }
  };

  const rowsOf = (owner: Owner, chunk: ChunkRow, query: ReadingsQuery): Placed[] => {
    const stored = body.get(chunk.id) as { readonly body: Uint8Array };
    const of = { equipment: query.equipment, unit: owner.unit };
    const rows = unpacking(path, owner, chunk.t0, () => decodeChunk(stored.body, of, query.metric));
    const placed: Placed[] = [];
    let last: Place | null = null;
    for (const row of rows) {
      const seq = row.seq ?? 0;
      const nth: number = last && last.ts === row.tsMs && last.seq === seq ? last.nth + 1 : 0;
      last = { ts: row.tsMs, unit: owner.unit, seq, nth };
      placed.push({ place: last, row });
    }
    return placed;
  };

  /** One unit's rows after `start`; a chunk is unpacked only when its turn comes. */
  const unitCursor = (owner: Owner, query: ReadingsQuery, start: Place) => {
    const fromMs = Math.max(query.fromMs, start.ts);
    const chunks = chunksOf(owner, fromMs, query.toMs);
    let next = chunks.next();
    let rows: readonly Placed[] = [];
    let at = 0;
    const wanted = ({ place, row }: Placed): boolean =>
      place.ts >= query.fromMs &&
      place.ts < query.toMs &&
      comparePlaces(place, start) > 0 &&
      Object.keys(row.values).length > 0;
    return {
      /** No row of this unit comes before this; null at the end. */
      bound: (): Place | null => {
        const row = rows[at];
        if (row) return row.place;
        if (next.done) return null;
        return {
          ts: Math.max(next.value.t0, fromMs),
          unit: owner.unit,
          seq: Number.NEGATIVE_INFINITY,
          nth: 0,
        };
      },
      /** The row at the bound; null where a chunk was unpacked first and the bound has moved. */
      take: (): Placed | null => {
        const row = rows[at];
        if (row) {
          at++;
          return row;
        }
        if (!next.done) rows = rowsOf(owner, next.value, query).filter(wanted);
        at = 0;
        next = chunks.next();
        return null;
      },
    };
  };

  return (query: ReadingsQuery): ReadingsPage => {
    if (!(query.limit >= 1)) throw new RangeError(`limit must be at least 1, got ${query.limit}`);
    const limit = Math.min(Math.floor(query.limit), MAX_LIMIT);
    const start = query.cursor === undefined ? START : decodeCursor(query.cursor);
    const all = owners.all(shelfOf(query.equipment, query.metric)) as unknown as Owner[];
    const asked = query.unit === undefined ? all : all.filter(({ unit }) => unit === query.unit);
    let units = asked.map((owner) => unitCursor(owner, query, start));
    const taken: Placed[] = [];
    while (units.length > 0) {
      let first: { readonly unit: (typeof units)[number]; readonly bound: Place } | null = null;
      let ended = false;
      for (const unit of units) {
        const bound = unit.bound();
        if (!bound) ended = true;
        else if (!first || comparePlaces(bound, first.bound) < 0) first = { unit, bound };
      }
      if (ended) units = units.filter((unit) => unit.bound() !== null);
      if (!first) break;
      const placed = first.unit.take();
      if (placed) taken.push(placed);
      // One more than asked for tells whether there is a next page.
      if (taken.length > limit) break;
    }
    const page = taken.slice(0, limit);
    const more = taken.length > limit;
    return { rows: page.map(({ row }) => row), next: more ? encodeCursor(page.at(-1)!.place) : null };
  };
};
