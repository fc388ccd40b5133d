import type { Credential, Credentials } from '../ledger.ts';
import { isRecord, readList } from './json.ts';
import { afterId, pageLimit, pageOf } from './page.ts';
import type { Row, Scope } from './schema.ts';

type Spoken = Credential['equipment'][number];

const isSpoken = (item: unknown): item is Spoken =>
  isRecord(item) && typeof item.id === 'string' && typeof item.site === 'string';

const toListed = (row: Omit<Row<'credentials'>, 'secretHash'>): Omit<Credential, 'secretHash'> => ({
  id: row.id,
  equipment: readList(row.equipment, isSpoken),
  // Anything but a clean "no" counts as revoked.
  revoked: row.revoked !== 0,
});

export const credentials = ({ db, change }: Scope): Credentials => ({
  put: async ({ id, secretHash, equipment }, atMs) => {
    const row = {
      secretHash,
      equipment: JSON.stringify(equipment.map((one) => ({ id: one.id, site: one.site }))),
      revoked: 0,
    };
    const known = await db.selectFrom('credentials').select('id').where('id', '=', id).executeTakeFirst();
    await db
      .insertInto('credentials')
      .values({ id, ...row })
      .onConflict((on) => on.column('id').doUpdateSet(row))
      .execute();
    change('credential', id, known ? 'rotated' : 'added', atMs);
  },
  get: async (id) => {
    const row = await db.selectFrom('credentials').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? { ...toListed(row), secretHash: row.secretHash } : null;
  },
  revoke: async (id, atMs) => {
    const { numUpdatedRows } = await db
      .updateTable('credentials')
      .set({ revoked: 1 })
      .where('id', '=', id)
      .where('revoked', '=', 0)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    change('credential', id, 'revoked', atMs);
    return true;
  },
  list: async (page) => {
    const limit = pageLimit(page);
    const after = afterId(page);
    const rows = await db
      .selectFrom('credentials')
      .select(['id', 'equipment', 'revoked'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return pageOf(rows, limit, (row) => [row.id], toListed);
  },
});
