import { alertAfter } from '../../core/alert/after.ts';
import type { Alert, AlertEntry, AlertEvent } from '../../core/alert/alert.ts';
import type { Alerts } from '../ledger.ts';
import { toAlert, toAlertRow } from './alert-row.ts';
import { batches } from './batch.ts';
import { storable } from './json.ts';
import { beforeTime, pageLimit, pageOf } from './page.ts';
import type { Row, Scope } from './schema.ts';

type Line = Omit<Row<'alertTimeline'>, 'id'>;

const toLine = ({ key, ...event }: AlertEvent): Line => ({
  alert: event.alert,
  logPartition: key.partition,
  logOffset: key.offset,
  logIndex: key.index,
  atMs: event.atMs,
  type: event.type,
  reason: event.reason,
  actor: null,
  note: null,
  severity: event.severity,
  evidence: JSON.stringify(event.evidence),
});

const keyText = (partition: number | null, offset: number | null, index: number | null): string =>
  `${partition}:${offset}:${index}`;

/** Writes the timeline lines; the database says which keys are new. Keeps order, and one event per key. */
const storeNew = async (db: Scope['db'], events: readonly AlertEvent[]): Promise<readonly AlertEvent[]> => {
  const fresh = new Set<string>();
  for (const batch of batches(events)) {
    const rows = await db
      .insertInto('alertTimeline')
      .values(batch.map(toLine))
      .onConflict((on) => on.columns(['logPartition', 'logOffset', 'logIndex']).doNothing())
      .returning(['logPartition', 'logOffset', 'logIndex'])
      .execute();
    for (const row of rows) fresh.add(keyText(row.logPartition, row.logOffset, row.logIndex));
  }
  return events.filter(({ key }) => fresh.delete(keyText(key.partition, key.offset, key.index)));
};

const readAlerts = async (
  db: Scope['db'],
  column: 'id' | 'equipment',
  values: readonly string[],
  activeOnly: boolean,
): Promise<readonly Alert[]> => {
  const found: Alert[] = [];
  for (const batch of batches([...new Set(values)])) {
    let query = db.selectFrom('alerts').selectAll().where(column, 'in', batch);
    if (activeOnly) query = query.where('state', '=', 'active');
    found.push(...(await query.orderBy('raisedAtMs').orderBy('id').execute()).map(toAlert));
  }
  return found;
};

const writeAlerts = async (db: Scope['db'], changed: readonly Alert[]): Promise<void> => {
  for (const batch of batches(changed)) {
    await db
      .insertInto('alerts')
      .values(batch.map(toAlertRow))
      .onConflict((on) =>
        on.column('id').doUpdateSet(({ ref }) => ({
          severity: ref('excluded.severity'),
          state: ref('excluded.state'),
          updatedAtMs: ref('excluded.updatedAtMs'),
          clearedAtMs: ref('excluded.clearedAtMs'),
          reason: ref('excluded.reason'),
          acknowledgedAtMs: ref('excluded.acknowledgedAtMs'),
          acknowledgedBy: ref('excluded.acknowledgedBy'),
          evidence: ref('excluded.evidence'),
        })),
      )
      .execute();
  }
};

const toEntry = (row: Row<'alertTimeline'>): AlertEntry => ({
  alert: row.alert,
  atMs: row.atMs,
  type: row.type as AlertEntry['type'],
  reason: row.reason,
  actor: row.actor,
  note: row.note,
});

/** What a note changes on the alert itself. Only an active alert can be acknowledged, and only once. */
const noteChanges = (alert: Alert, entry: AlertEntry, ticket: string | undefined) => ({
  ...(entry.type === 'acknowledged' && alert.state === 'active' && alert.acknowledgedAtMs === null
    ? { acknowledgedAtMs: entry.atMs, acknowledgedBy: entry.actor }
    : {}),
  ...(ticket === undefined ? {} : { ticket }),
});

const note =
  ({ db, change }: Scope): Alerts['note'] =>
  async (entry, ticket) => {
    const [alert] = await readAlerts(db, 'id', [entry.alert], false);
    if (!alert) throw new Error(`alert ${entry.alert} is not in the ledger, so nothing can be noted on it`);
    await db
      .insertInto('alertTimeline')
      .values({
        alert: entry.alert,
        atMs: entry.atMs,
        type: entry.type,
        reason: entry.reason,
        actor: entry.actor,
        note: entry.note === null ? null : storable(entry.note),
        logPartition: null,
        logOffset: null,
        logIndex: null,
        severity: null,
        evidence: null,
      })
      .execute();
    const changes = noteChanges(alert, entry, ticket);
    if (Object.keys(changes).length > 0) {
      await db.updateTable('alerts').set(changes).where('id', '=', entry.alert).execute();
    }
    change('alert', entry.alert, entry.type, entry.atMs);
  };

export const alerts = (scope: Scope): Alerts => {
  const { db, change } = scope;
  return {
    apply: async (events) => {
      const fresh = await storeNew(db, events);
      if (fresh.length === 0) return fresh;
      const ids = fresh.map(({ alert }) => alert);
      const standing = new Map((await readAlerts(db, 'id', ids, false)).map((alert) => [alert.id, alert]));
      for (const event of fresh) standing.set(event.alert, alertAfter(standing.get(event.alert), event));
      await writeAlerts(db, [...standing.values()]);
      for (const event of fresh) change('alert', event.alert, event.type, event.receivedAtMs);
      return fresh;
    },
    get: async (id) => (await readAlerts(db, 'id', [id], false))[0] ?? null,
    list: async (page) => {
      const limit = pageLimit(page);
      const [beforeMs, beforeId] = beforeTime(page);
      const { state, equipment, ticket } = page;
      let query = db
        .selectFrom('alerts')
        .selectAll()
        .where(({ eb, refTuple, tuple }) => eb(refTuple('raisedAtMs', 'id'), '<', tuple(beforeMs, beforeId)));
      if (state !== undefined) query = query.where('state', '=', state);
      if (equipment !== undefined) query = query.where('equipment', '=', equipment);
      if (ticket !== undefined) query = query.where('ticket', '=', ticket);
      const rows = await query
        .orderBy('raisedAtMs', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, (row) => [row.raisedAtMs, row.id], toAlert);
    },
    active: (equipment) => readAlerts(db, 'equipment', equipment, true),
    timeline: async (id) => {
      const rows = await db
        .selectFrom('alertTimeline')
        .selectAll()
        .where('alert', '=', id)
        .orderBy('id')
        .execute();
      return rows.map(toEntry);
    },
    note: note(scope),
  };
};
