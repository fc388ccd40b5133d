import type { DatabaseSync } from 'node:sqlite';
import { pointsIn } from './chunk.merge.ts';
import { transaction } from './file.ts';
import type { ChunkInfo, ChunkStore, Owner } from './telemetry.chunks.ts';

export interface ExpireStep {
  readonly dropped: number;
  /** Go on after this owner; null at the end. */
  readonly next: number | null;
}

/** Work of one transaction, so that writes get their turn in between. */
const OWNERS_PER_STEP = 200;
const CHUNKS_PER_STEP = 1_000;

/** Drops chunks that ended before a time, and the older rows of the one chunk per owner that reaches across it. */
export const expirer = (db: DatabaseSync, chunks: ChunkStore) => {
  const ownersAfter = db.prepare('SELECT id, equipment, unit FROM owner WHERE id > ? ORDER BY id LIMIT ?');
  const old = db.prepare(
    'SELECT id, t0, s0, t1, s1, n, points FROM chunk WHERE owner = ? AND t0 < ? ORDER BY t0, s0 LIMIT ?',
  );
  const uncount = db.prepare('UPDATE total SET points = points - ?');
  const moveFirst = db.prepare('UPDATE series SET first = ? WHERE owner = ? AND first < ? AND last >= ?');

  const shorten = (owner: Owner, chunk: ChunkInfo, beforeMs: number): number => {
    const rows = chunks.rows(owner, chunk);
    const kept = rows.filter(({ tsMs }) => tsMs >= beforeMs);
    chunks.replace(owner, [chunk], [kept]);
    return pointsIn(rows) - pointsIn(kept);
  };

  const expireOwner = (owner: Owner, beforeMs: number, limit: number): number => {
    let dropped = 0;
    let points = 0;
    for (const chunk of old.all(owner.id, beforeMs, limit) as unknown as ChunkInfo[]) {
      if (chunk.t1 >= beforeMs) points += shorten(owner, chunk, beforeMs);
      else {
        chunks.drop(chunk);
        points += chunk.points;
        dropped++;
      }
    }
    if (points > 0) uncount.run(points);
    moveFirst.run(beforeMs, owner.id, beforeMs, beforeMs);
    return dropped;
  };

  return (beforeMs: number, after: number): ExpireStep =>
    transaction(db, () => {
      const owners = ownersAfter.all(after, OWNERS_PER_STEP) as unknown as Owner[];
      let dropped = 0;
      for (const owner of owners) {
        const left = CHUNKS_PER_STEP - dropped;
        const now = expireOwner(owner, beforeMs, left);
        dropped += now;
        // Perhaps not all of this owner's: come back to it.
        if (dropped >= CHUNKS_PER_STEP) return { dropped, next: owner.id - 1 };
      }
      return { dropped, next: owners.length < OWNERS_PER_STEP ? null : owners.at(-1)!.id };
    });
};
