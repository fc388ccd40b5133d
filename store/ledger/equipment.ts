import type { Equipment } from '../../core/equipment/equipment.ts';
import type { EquipmentBook } from '../ledger.ts';
import { afterId, pageLimit, pageOf } from './page.ts';
import type { Row, Scope } from './schema.ts';

const toEquipment = (row: Row<'equipment'>): Equipment => ({
  ...row,
  online: row.online === 'online' || row.online === 'offline' ? row.online : 'unknown',
});

const read = async (db: Scope['db'], id: string): Promise<Equipment | null> => {
  const row = await db.selectFrom('equipment').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? toEquipment(row) : null;
};

/** What to tell of a connection state: its new name where it changed, else what did. */
const heardWhat = (old: Equipment, now: Equipment): string | null => {
  if (old.online !== now.online) return now.online;
  if (old.firmware !== now.firmware) return 'firmware';
  return old.connectionId === now.connectionId ? null : 'reconnected';
};

export const equipment = ({ db, change }: Scope): EquipmentBook => ({
  put: async ({ id, site, model, name }, atMs) => {
    const old = await read(db, id);
    if (old && old.site === site && old.model === model && old.name === name) return;
    await db
      .insertInto('equipment')
      .values({
        id,
        site,
        model,
        name,
        online: 'unknown',
        onlineAtMs: null,
        firmware: null,
        connectionId: null,
      })
      .onConflict((on) => on.column('id').doUpdateSet({ site, model, name }))
      .execute();
    change('equipment', id, old ? 'changed' : 'added', atMs);
  },
  get: (id) => read(db, id),
  list: async (page) => {
    const limit = pageLimit(page);
    const after = afterId(page);
    const { site } = page;
    const rows = await db
      .selectFrom('equipment')
      .selectAll()
      .where('id', '>', after)
      .$if(site !== undefined, (query) => query.where('site', '=', site ?? ''))
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return pageOf(rows, limit, (row) => [row.id], toEquipment);
  },
  heard: async (id, { online, connectionId, firmware, atMs }) => {
    const old = await read(db, id);
    if (!old) return;
    const now: Equipment = {
      ...old,
      online,
      connectionId,
      onlineAtMs: online === old.online ? old.onlineAtMs : atMs,
      // A disconnect says nothing of the firmware: what was heard stays.
      firmware: firmware ?? old.firmware,
    };
    const what = heardWhat(old, now);
    if (what === null) return;
    await db
      .updateTable('equipment')
      .set({ online, connectionId, onlineAtMs: now.onlineAtMs, firmware: now.firmware })
      .where('id', '=', id)
      .execute();
    change('equipment', id, what, atMs);
  },
});
