import { type Change, ChangesLostError, CursorError, type Ledger } from '../ledger.ts';
import { batches } from './batch.ts';
import { take, taken } from './counter.ts';
import type { Row, Scope } from './schema.ts';

/** Trimming is done once per this many changes, so that most commits don't pay for it. */
const TRIM_STEP = 1_000;

export type NewChange = Omit<Row<'changes'>, 'seq'>;

/** Numbers and writes what a transaction changed; returns the last number, or null when it was nothing. */
export const writeChanges = async (
  db: Scope['db'],
  changes: readonly NewChange[],
  keep: number,
): Promise<number | null> => {
  if (changes.length === 0) return null;
  const last = await take(db, 'changes', changes.length);
  const first = last - changes.length + 1;
  for (const batch of batches(changes.map((change, at) => ({ seq: first + at, ...change })))) {
    await db.insertInto('changes').values(batch).execute();
  }
  const step = Math.max(1, Math.min(TRIM_STEP, Math.floor(keep / 10)));
  if (Math.floor(last / step) !== Math.floor((first - 1) / step)) {
    await db
      .deleteFrom('changes')
      .where('seq', '<=', last - keep)
      .execute();
  }
  return last;
};

const toSeq = (cursor: string): number => {
  if (!/^\d{1,15}$/.test(cursor)) throw new CursorError(cursor);
  return Number(cursor);
};

const toChange = ({ seq, kind, id, what, atMs }: Row<'changes'>): Change => ({
  cursor: String(seq),
  kind,
  id,
  what,
  atMs,
});

/** The feed of changes, as others follow it. */
export const changeFeed = (db: Scope['db']): Pick<Ledger, 'changes' | 'head'> => ({
  changes: async (after, limit) => {
    const seq = after === null ? null : toSeq(after);
    const rows = await db
      .selectFrom('changes')
      .selectAll()
      .where('seq', '>', seq ?? 0)
      .orderBy('seq')
      .limit(limit)
      .execute();
    if (seq !== null) {
      const [oldest] = rows;
      // Numbers have no gaps: what comes next must be the next number.
      if (oldest && oldest.seq !== seq + 1) throw new ChangesLostError(String(seq), String(oldest.seq));
      if (!oldest && seq > (await taken(db, 'changes'))) throw new CursorError(String(seq));
    }
    return rows.map(toChange);
  },
  head: async () => {
    const last = await taken(db, 'changes');
    return last === 0 ? null : String(last);
  },
});
