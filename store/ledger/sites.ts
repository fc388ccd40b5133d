import type { Site } from '../../core/equipment/equipment.ts';
import type { Sites } from '../ledger.ts';
import { afterId, pageLimit, pageOf } from './page.ts';
import type { Row, Scope } from './schema.ts';

const toSite = ({ id, name, lat, lon, timeZone }: Row<'sites'>): Site => ({
  id,
  name,
  position: lat === null || lon === null ? null : { lat, lon },
  timeZone,
});

export const sites = ({ db, change }: Scope): Sites => ({
  put: async ({ id, name, position, timeZone }, atMs) => {
    const row = { name, lat: position?.lat ?? null, lon: position?.lon ?? null, timeZone };
    const known = await db.selectFrom('sites').select('id').where('id', '=', id).executeTakeFirst();
    await db
      .insertInto('sites')
      .values({ id, ...row })
      .onConflict((on) => on.column('id').doUpdateSet(row))
      .execute();
    change('site', id, known ? 'changed' : 'added', atMs);
  },
  get: async (id) => {
    const row = await db.selectFrom('sites').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toSite(row) : null;
  },
  list: async (page) => {
    const limit = pageLimit(page);
    const after = afterId(page);
    const rows = await db
      .selectFrom('sites')
      .selectAll()
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return pageOf(rows, limit, (row) => [row.id], toSite);
  },
});
