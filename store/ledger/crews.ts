import type { Crew, Shift } from '../../core/crew/crew.ts';
import type { Crews } from '../ledger.ts';
import { isRecord, readList, readStrings } from './json.ts';
import { afterId, pageLimit, pageOf } from './page.ts';
import type { Row, Scope } from './schema.ts';

const isShift = (item: unknown): item is Shift =>
  isRecord(item) &&
  Array.isArray(item.days) &&
  item.days.every((day) => typeof day === 'number') &&
  typeof item.from === 'string' &&
  typeof item.to === 'string';

const toCrew = (row: Row<'crews'>): Crew => ({
  id: row.id,
  name: row.name,
  station: row.station,
  position: { lat: row.lat, lon: row.lon },
  skills: readStrings(row.skills),
  shifts: readList(row.shifts, isShift),
  timeZone: row.timeZone,
  active: row.active === 1,
});

const toRow = ({ position, skills, shifts, active, ...same }: Crew): Row<'crews'> => ({
  id: same.id,
  name: same.name,
  station: same.station,
  lat: position.lat,
  lon: position.lon,
  skills: JSON.stringify(skills),
  shifts: JSON.stringify(shifts),
  timeZone: same.timeZone,
  active: active ? 1 : 0,
});

export const crews = ({ db, change }: Scope): Crews => ({
  put: async (crew, atMs) => {
    const { id, ...row } = toRow(crew);
    const known = await db.selectFrom('crews').select('id').where('id', '=', id).executeTakeFirst();
    await db
      .insertInto('crews')
      .values({ id, ...row })
      .onConflict((on) => on.column('id').doUpdateSet(row))
      .execute();
    change('crew', id, known ? 'changed' : 'added', atMs);
  },
  get: async (id) => {
    const row = await db.selectFrom('crews').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toCrew(row) : null;
  },
  list: async (page) => {
    const limit = pageLimit(page);
    const after = afterId(page);
    const rows = await db
      .selectFrom('crews')
      .selectAll()
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return pageOf(rows, limit, (row) => [row.id], toCrew);
  },
  remove: async (id, atMs) => {
    const { numDeletedRows } = await db.deleteFrom('crews').where('id', '=', id).executeTakeFirst();
    if (numDeletedRows === 0n) return false;
    change('crew', id, 'removed', atMs);
    return true;
  },
});
