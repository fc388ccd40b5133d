import type { Quarantined, Readers } from '../ledger.ts';
import { batches } from './batch.ts';
import { storable } from './json.ts';
import { beforeNumber, pageLimit, pageOf } from './page.ts';
import type { Row, Scope } from './schema.ts';

const KEPT = 10_000;
const PAYLOAD_CHARS = 2_048;

const toRow = (item: Quarantined) => ({
  logPartition: item.partition,
  logOffset: item.offset,
  logIndex: item.index,
  equipment: item.equipment,
  channel: item.channel,
  reason: item.reason,
  detail: storable(item.detail),
  atMs: item.atMs,
  payload: storable(item.payload.slice(0, PAYLOAD_CHARS)),
});

const toItem = (row: Row<'quarantine'>): Quarantined => ({
  partition: row.logPartition,
  offset: row.logOffset,
  index: row.logIndex,
  equipment: row.equipment,
  channel: row.channel,
  reason: row.reason,
  detail: row.detail,
  atMs: row.atMs,
  payload: row.payload,
});

type Stored = Pick<Quarantined, 'equipment' | 'reason' | 'atMs'>;

const storeNew = async (db: Scope['db'], items: readonly Quarantined[]): Promise<readonly Stored[]> => {
  const stored: Stored[] = [];
  for (const batch of batches(items)) {
    const rows = await db
      .insertInto('quarantine')
      .values(batch.map(toRow))
      .onConflict((on) => on.columns(['logPartition', 'logOffset', 'logIndex']).doNothing())
      .returning(['equipment', 'reason', 'atMs'])
      .execute();
    stored.push(...rows);
  }
  return stored;
};

/** Counted apart, because the items themselves are dropped in the end. */
const count = async (db: Scope['db'], stored: readonly Stored[]): Promise<void> => {
  const counts = new Map<string, number>();
  for (const { reason } of stored) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  await db
    .insertInto('quarantineCounts')
    .values([...counts].map(([reason, more]) => ({ reason, count: more })))
    .onConflict((on) =>
      on
        .column('reason')
        .doUpdateSet(({ eb, ref }) => ({ count: eb('quarantineCounts.count', '+', ref('excluded.count')) })),
    )
    .execute();
};

const trim = (db: Scope['db']): Promise<unknown> =>
  db
    .deleteFrom('quarantine')
    .where('id', '<=', ({ selectFrom }) =>
      selectFrom('quarantine').select('id').orderBy('id', 'desc').limit(1).offset(KEPT),
    )
    .execute();

type Quarantining = Pick<Readers, 'quarantine' | 'quarantined' | 'quarantineCounts'>;

export const quarantine = ({ db, change }: Scope): Quarantining => ({
  quarantine: async (items) => {
    const stored = await storeNew(db, items);
    if (stored.length === 0) return;
    await count(db, stored);
    await trim(db);
    // One event per machine and reason, however many items came.
    const told = new Map(stored.map((item) => [JSON.stringify([item.equipment, item.reason]), item]));
    for (const { equipment, reason, atMs } of told.values()) change('quarantine', equipment, reason, atMs);
  },
  quarantined: async (page) => {
    const limit = pageLimit(page);
    const rows = await db
      .selectFrom('quarantine')
      .selectAll()
      .where('id', '<', beforeNumber(page))
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    return pageOf(rows, limit, (row) => [row.id], toItem);
  },
  quarantineCounts: async () => {
    const rows = await db.selectFrom('quarantineCounts').selectAll().orderBy('reason').execute();
    return rows.map((row) => ({ reason: row.reason, count: Number(row.count) }));
  },
});
