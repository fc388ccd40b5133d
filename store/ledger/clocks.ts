import type { Clock } from '../../core/notice/clocks.ts';
import type { Clocks } from '../notices.ts';
import type { Row, Scope } from './schema.ts';

const toClock = ({ leaseUntilMs, ...row }: Row<'clocks'>): Clock => ({
  ...row,
  kind: row.kind as Clock['kind'],
});

type Claiming = Pick<Clocks, 'due' | 'claim'>;

const claiming = ({ db, skipsLocked }: Scope): Claiming => {
  const overdue = (nowMs: number, limit: number) =>
    db.selectFrom('clocks').where('dueAtMs', '<=', nowMs).orderBy('dueAtMs').orderBy('key').limit(limit);
  return {
    due: async (nowMs, limit) => (await overdue(nowMs, limit).selectAll().execute()).map(toClock),
    claim: async (nowMs, limit, leaseUntilMs) => {
      let free = overdue(nowMs, limit)
        .select('key')
        .where(({ eb, or }) => or([eb('leaseUntilMs', 'is', null), eb('leaseUntilMs', '<=', nowMs)]));
      if (skipsLocked) free = free.forUpdate().skipLocked();
      const rows = await db
        .with('free', () => free)
        .updateTable('clocks')
        .set({ leaseUntilMs })
        .where('key', 'in', ({ selectFrom }) => selectFrom('free').select('key'))
        .returningAll()
        .execute();
      // In the order of what is due, which the database does not keep.
      const byDue = (a: Clock, b: Clock) => a.dueAtMs - b.dueAtMs || (a.key < b.key ? -1 : 1);
      return rows.map(toClock).toSorted(byDue);
    },
  };
};

export const clocks = (scope: Scope): Clocks => {
  const { db } = scope;
  return {
    ...claiming(scope),
    set: async ({ key, kind, ticket, dueAtMs, payload }) => {
      const row = { kind, ticket, dueAtMs, payload, leaseUntilMs: null };
      await db
        .insertInto('clocks')
        .values({ key, ...row })
        .onConflict((on) => on.column('key').doUpdateSet(row))
        .execute();
    },
    hasten: async (key, dueAtMs) => {
      await db
        .updateTable('clocks')
        .set({ dueAtMs, leaseUntilMs: null })
        .where('key', '=', key)
        .where('dueAtMs', '>', dueAtMs)
        .execute();
    },
    clear: async (key) => {
      await db.deleteFrom('clocks').where('key', '=', key).execute();
    },
    get: async (key) => {
      const row = await db.selectFrom('clocks').selectAll().where('key', '=', key).executeTakeFirst();
      return row ? toClock(row) : null;
    },
    // The second who deletes finds nothing.
    take: async ({ key, dueAtMs, payload }) => {
      const { numDeletedRows } = await db
        .deleteFrom('clocks')
        .where('key', '=', key)
        .where('dueAtMs', '=', dueAtMs)
        .where('payload', '=', payload)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
};
