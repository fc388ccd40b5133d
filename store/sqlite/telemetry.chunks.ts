import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Reading } from '../../core/telemetry/reading.ts';
import { type Key, keyOf, pointsIn } from './chunk.merge.ts';
import { DamagedChunkError, decodeChunk, encodeChunk } from './chunk.ts';

/** A unit whose readings lie in chunks of their own. */
export interface Owner {
  readonly id: number;
  readonly equipment: string;
  readonly unit: string;
}

/** What is known of a chunk without unpacking it. */
export interface ChunkInfo {
  readonly id: number;
  readonly t0: number;
  readonly s0: number;
  readonly t1: number;
  readonly s1: number;
  readonly n: number;
  readonly points: number;
}

/** Says which chunk could not be unpacked, and the mend. */
export const unpacking = <T>(path: string, owner: Omit<Owner, 'id'>, t0: number, work: () => T): T => {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof DamagedChunkError) && !(cause instanceof RangeError)) throw cause;
    const unit = owner.unit === '' ? '' : `/${owner.unit}`;
    throw new DamagedChunkError(
      `telemetry of ${owner.equipment}${unit} from ${new Date(t0).toISOString()} in ${path} is damaged: ` +
        `${cause.message}; restore ${dirname(path)} from a backup`,
    );
  }
};

const receivedRange = (rows: readonly Reading[]): readonly [number | null, number | null] => {
  let low: number | null = null;
  let high: number | null = null;
  for (const { tsSource, seq } of rows) {
    if (tsSource !== 'receive' || seq === null) continue;
    if (low === null || seq < low) low = seq;
    if (high === null || seq > high) high = seq;
  }
  return [low, high];
};

/** The packed chunks of an owner that may hold a row from `fromMs` up to `toMs`, oldest first; one by one. */
export const chunkBodies = (db: DatabaseSync) => {
  // The last chunk that begins before the window may reach into it.
  const reaching = db.prepare('SELECT max(t0) AS t0 FROM chunk WHERE owner = ? AND t0 < ?');
  const bodies = db.prepare(
    'SELECT t0, body FROM chunk WHERE owner = ? AND t0 >= ? AND t0 < ? AND t1 >= ? ORDER BY t0, s0',
  );
  return (owner: number, fromMs: number, toMs: number) => {
    const before = reaching.get(owner, fromMs) as { readonly t0: number | null };
    const rows: Iterable<unknown> = bodies.iterate(owner, before.t0 ?? fromMs, toMs, fromMs);
    return rows as Iterable<{ readonly t0: number; readonly body: Uint8Array }>;
  };
};

const INFO = 'id, t0, s0, t1, s1, n, points';

/** The chunks of the file; every call belongs into the writer's transaction. */
export const chunkStore = (db: DatabaseSync, path: string) => {
  const at = db.prepare(
    `SELECT ${INFO} FROM chunk WHERE owner = ? AND (t0, s0) <= (?, ?) ORDER BY t0 DESC, s0 DESC LIMIT 1`,
  );
  const before = db.prepare(
    `SELECT ${INFO} FROM chunk WHERE owner = ? AND (t0, s0) < (?, ?) ORDER BY t0 DESC, s0 DESC LIMIT 1`,
  );
  const after = db.prepare(
    `SELECT ${INFO} FROM chunk WHERE owner = ? AND (t0, s0) > (?, ?) ORDER BY t0, s0 LIMIT 1`,
  );
  const body = db.prepare('SELECT body FROM chunk WHERE id = ?');
  const drop = db.prepare('DELETE FROM chunk WHERE id = ?');
  const insert = db.prepare(
    'INSERT INTO chunk (owner, t0, s0, t1, s1, n, points, r0, r1, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const update = db.prepare(
    'UPDATE chunk SET t0 = ?, s0 = ?, t1 = ?, s1 = ?, n = ?, points = ?, r0 = ?, r1 = ?, body = ? WHERE id = ?',
  );
  // The last chunk that begins before the window may reach into it.
  const reaching = db.prepare('SELECT max(t0) AS t0 FROM chunk WHERE owner = ? AND t0 < ?');
  const numbered = db.prepare(
    `SELECT ${INFO} FROM chunk WHERE owner = ? AND t0 BETWEEN ? AND ? AND t1 >= ? AND r0 <= ? AND r1 >= ?`,
  );

  const columns = (rows: readonly Reading[]) => {
    const first = keyOf(rows[0]!);
    const last = keyOf(rows.at(-1)!);
    const range = receivedRange(rows);
    return [
      first.ts,
      first.seq,
      last.ts,
      last.seq,
      rows.length,
      pointsIn(rows),
      ...range,
      encodeChunk(rows),
    ] as const;
  };

  return {
    /** The chunk whose part of the axis holds the key. */
    at: (owner: Owner, key: Key) => at.get(owner.id, key.ts, key.seq) as unknown as ChunkInfo | undefined,
    before: (owner: Owner, chunk: ChunkInfo) =>
      before.get(owner.id, chunk.t0, chunk.s0) as unknown as ChunkInfo | undefined,
    /** The first chunk that begins after the key. */
    after: (owner: Owner, key: Key) =>
      after.get(owner.id, key.ts, key.seq) as unknown as ChunkInfo | undefined,
    rows: (owner: Owner, chunk: ChunkInfo): Reading[] => {
      const stored = body.get(chunk.id) as { readonly body: Uint8Array };
      return unpacking(path, owner, chunk.t0, () => decodeChunk(stored.body, owner));
    },
    /** Chunks that may hold a row without device time and with this number, from `fromMs` to `toMs`. */
    numbered: (owner: Owner, seq: number, fromMs: number, toMs: number): readonly ChunkInfo[] => {
      const start = (reaching.get(owner.id, fromMs) as { readonly t0: number | null }).t0 ?? fromMs;
      return numbered.all(owner.id, start, toMs, fromMs, seq, seq) as unknown as ChunkInfo[];
    },
    drop: (chunk: ChunkInfo): void => void drop.run(chunk.id),
    /** Puts the pieces in the place of the old chunks. */
    replace: (owner: Owner, old: readonly ChunkInfo[], pieces: readonly (readonly Reading[])[]): void => {
      const [only] = old;
      const [piece] = pieces;
      if (only && piece && old.length === 1 && pieces.length === 1) {
        update.run(...columns(piece), only.id);
        return;
      }
      // First out, then in: a new chunk may begin where an old one did.
      for (const chunk of old) drop.run(chunk.id);
      for (const rows of pieces) insert.run(owner.id, ...columns(rows));
    },
  };
};

export type ChunkStore = ReturnType<typeof chunkStore>;
