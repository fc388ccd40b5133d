import type { Clock } from '../../core/notice/clocks.ts';
import type { Clocks } from '../notices.ts';
import type { Row, Scope } from './schema.ts';

const toClock = (row: Row<'clocks'>): Clock => ({ ...row, kind: row.kind as Clock['kind'] });

export const clocks = ({ db }: Scope): Clocks => ({
  set: async ({ key, kind, ticket, dueAtMs, payload }) => {
    const row = { kind, ticket, dueAtMs, payload };
    await db
      .insertInto('clocks')
      .values({ key, ...row })
      .onConflict((on) => on.column('key').doUpdateSet(row))
      .execute();
  },
  hasten: async (key, dueAtMs) => {
    await db
      .updateTable('clocks')
      .set({ dueAtMs })
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
  due: async (nowMs, limit) => {
    const rows = await db
      .selectFrom('clocks')
      .selectAll()
      .where('dueAtMs', '<=', nowMs)
      .orderBy('dueAtMs')
      .orderBy('key')
      .limit(limit)
      .execute();
    return rows.map(toClock);
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
});
