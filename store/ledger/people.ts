import type { Grant, People, User } from '../ledger.ts';
import { afterId, pageLimit, pageOf } from './page.ts';
import type { Row, Scope } from './schema.ts';

/** A role that is not known is compared and denied by whoever checks it; it is read as it is. */
const toUser = (row: Row<'people'>): User => ({
  id: row.id,
  role: row.role as User['role'],
  crew: row.crew,
  passwordHash: row.passwordHash,
  disabled: row.disabled !== 0,
});

const toGrant = (row: Row<'grants'>): Grant => ({
  ...row,
  kind: row.kind as Grant['kind'],
  role: row.role as Grant['role'],
});

type Granting = Pick<People, 'grant' | 'granted' | 'revoke'>;

const granting = ({ db, clock, change }: Scope): Granting => ({
  grant: async (grant) => {
    // Expired ones go when new ones come, so that sessions don't pile up over the years.
    await db.deleteFrom('grants').where('expiresAtMs', '<=', grant.createdAtMs).execute();
    await db.insertInto('grants').values(grant).execute();
  },
  granted: async (hash, nowMs) => {
    const row = await db.selectFrom('grants').selectAll().where('hash', '=', hash).executeTakeFirst();
    if (!row || (row.expiresAtMs !== null && row.expiresAtMs <= nowMs)) return null;
    if (row.kind === 'token') return toGrant(row);
    const user = await db
      .selectFrom('people')
      .select(['role', 'crew', 'disabled'])
      .where('id', '=', row.subject)
      .executeTakeFirst();
    // A session is worth what its user is worth now, not when it was opened.
    return user && user.disabled === 0 ? toGrant({ ...row, role: user.role, crew: user.crew }) : null;
  },
  revoke: async (hash) => {
    const row = await db
      .deleteFrom('grants')
      .where('hash', '=', hash)
      .returning('subject')
      .executeTakeFirst();
    if (row) change('people', row.subject, 'revoked', clock());
  },
});

const endSessions = (db: Scope['db'], id: string): Promise<unknown> =>
  db.deleteFrom('grants').where('kind', '=', 'session').where('subject', '=', id).execute();

export const people = (scope: Scope): People => {
  const { db, change } = scope;
  const get = async (id: string): Promise<User | null> => {
    const row = await db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toUser(row) : null;
  };
  return {
    ...granting(scope),
    get,
    put: async ({ id, role, crew, passwordHash, disabled }, atMs) => {
      const old = await get(id);
      const row = { role, crew, passwordHash, disabled: disabled ? 1 : 0 };
      await db
        .insertInto('people')
        .values({ id, ...row })
        .onConflict((on) => on.column('id').doUpdateSet(row))
        .execute();
      // A new password, or a closed account, ends what was opened with the old one.
      if (old && (old.passwordHash !== passwordHash || disabled)) await endSessions(db, id);
      change('people', id, old ? 'changed' : 'added', atMs);
    },
    list: async (page) => {
      const limit = pageLimit(page);
      const after = afterId(page);
      const rows = await db
        .selectFrom('people')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, (row) => [row.id], toUser);
    },
    count: async () => {
      const { count } = await db
        .selectFrom('people')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    disable: async (id, atMs) => {
      const { numUpdatedRows } = await db
        .updateTable('people')
        .set({ disabled: 1 })
        .where('id', '=', id)
        .where('disabled', '=', 0)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await endSessions(db, id);
      change('people', id, 'disabled', atMs);
      return true;
    },
  };
};
