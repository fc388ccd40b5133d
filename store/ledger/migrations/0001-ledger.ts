import { type Kysely, sql } from 'kysely';
import { numbered, primary, required } from './columns.ts';
import type { Engine } from './migrate.ts';

const equipment = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('sites')
    .addColumn('id', 'text', primary)
    .addColumn('name', 'text', required)
    .addColumn('lat', 'double precision')
    .addColumn('lon', 'double precision')
    .addColumn('time_zone', 'text', required)
    .execute();
  await db.schema
    .createTable('equipment')
    .addColumn('id', 'text', primary)
    .addColumn('site', 'text', required)
    .addColumn('model', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('online', 'text', required)
    .addColumn('online_at_ms', 'bigint')
    .addColumn('firmware', 'text')
    .addColumn('connection_id', 'text')
    .execute();
  await db.schema.createIndex('equipment_site').on('equipment').columns(['site', 'id']).execute();
  await db.schema
    .createTable('credentials')
    .addColumn('id', 'text', primary)
    .addColumn('secret_hash', 'text', required)
    .addColumn('equipment', 'text', required)
    .addColumn('revoked', 'integer', required)
    .execute();
  await db.schema
    .createTable('crews')
    .addColumn('id', 'text', primary)
    .addColumn('name', 'text', required)
    .addColumn('station', 'text')
    .addColumn('lat', 'double precision', required)
    .addColumn('lon', 'double precision', required)
    .addColumn('skills', 'text', required)
    .addColumn('shifts', 'text', required)
    .addColumn('time_zone', 'text', required)
    .addColumn('active', 'integer', required)
    .execute();
};

const alerts = async (db: Kysely<unknown>, engine: Engine): Promise<void> => {
  await db.schema
    .createTable('alerts')
    .addColumn('id', 'text', primary)
    .addColumn('equipment', 'text', required)
    .addColumn('unit', 'text', required)
    .addColumn('component', 'text', required)
    .addColumn('rule', 'text', required)
    .addColumn('severity', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('raised_at_ms', 'bigint', required)
    .addColumn('raised_heard_at_ms', 'bigint', required)
    .addColumn('updated_at_ms', 'bigint', required)
    .addColumn('cleared_at_ms', 'bigint')
    .addColumn('reason', 'text', required)
    .addColumn('acknowledged_at_ms', 'bigint')
    .addColumn('acknowledged_by', 'text')
    .addColumn('ticket', 'text')
    .addColumn('evidence', 'text', required)
    .execute();
  await db.schema.createIndex('alerts_raised').on('alerts').columns(['raised_at_ms', 'id']).execute();
  await db.schema
    .createIndex('alerts_equipment')
    .on('alerts')
    .columns(['equipment', 'state', 'raised_at_ms'])
    .execute();
  await db.schema.createIndex('alerts_ticket').on('alerts').column('ticket').execute();
  await numbered(db, engine, 'alert_timeline')
    .addColumn('alert', 'text', required)
    .addColumn('log_partition', 'integer')
    .addColumn('log_offset', 'bigint')
    .addColumn('log_index', 'integer')
    .addColumn('at_ms', 'bigint', required)
    .addColumn('type', 'text', required)
    .addColumn('reason', 'text', required)
    .addColumn('actor', 'text')
    .addColumn('note', 'text')
    .addColumn('severity', 'text')
    .addColumn('evidence', 'text')
    // Deferred: which events are new is known by writing them, before their alert is.
    .addForeignKeyConstraint('alert_timeline_alert', ['alert'], 'alerts', ['id'], (key) =>
      key.deferrable().initiallyDeferred(),
    )
    .execute();
  await db.schema.createIndex('alert_timeline_alert').on('alert_timeline').columns(['alert', 'id']).execute();
  // The key of an event: what makes a replay harmless. Lines by people have nulls, which never collide.
  await db.schema
    .createIndex('alert_timeline_key')
    .unique()
    .on('alert_timeline')
    .columns(['log_partition', 'log_offset', 'log_index'])
    .execute();
};

const tickets = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('tickets')
    .addColumn('id', 'text', primary)
    .addColumn('equipment', 'text', required)
    .addColumn('unit', 'text', required)
    .addColumn('site', 'text', required)
    .addColumn('component', 'text', required)
    .addColumn('cause', 'text', required)
    .addColumn('severity', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('source', 'text', required)
    .addColumn('opened_at_ms', 'bigint', required)
    .addColumn('updated_at_ms', 'bigint', required)
    .addColumn('version', 'integer', required)
    .addColumn('alerts', 'text', required)
    .addColumn('crew', 'text')
    .addColumn('asked', 'text', required)
    .addColumn('acknowledge_by_ms', 'bigint')
    .addColumn('hold_until_ms', 'bigint')
    .addColumn('acknowledged_at_ms', 'bigint')
    .addColumn('departed_at_ms', 'bigint')
    .addColumn('arrived_at_ms', 'bigint')
    .addColumn('eta_at_ms', 'bigint')
    .addColumn('due_at_ms', 'bigint', required)
    .addColumn('resolved_at_ms', 'bigint')
    .addColumn('closed_at_ms', 'bigint')
    .addColumn('close_reason', 'text')
    .addColumn('reporter', 'text')
    .addColumn('words', 'text')
    .execute();
  // At most one that is not closed or cancelled; also what the desk looks through, so it stays small.
  await sql`create unique index tickets_open on tickets (equipment, unit, component)
    where state not in ('closed', 'cancelled')`.execute(db);
  await db.schema.createIndex('tickets_opened').on('tickets').columns(['opened_at_ms', 'id']).execute();
  await db.schema
    .createIndex('tickets_equipment')
    .on('tickets')
    .columns(['equipment', 'opened_at_ms'])
    .execute();
  await db.schema.createIndex('tickets_crew').on('tickets').columns(['crew', 'opened_at_ms']).execute();
  await db.schema.createIndex('tickets_state').on('tickets').columns(['state', 'opened_at_ms']).execute();
  await db.schema
    .createTable('ticket_timeline')
    .addColumn('ticket', 'text', (column) => column.notNull().references('tickets.id'))
    .addColumn('version', 'integer', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('heard_at_ms', 'bigint', required)
    .addColumn('what', 'text', required)
    .addColumn('actor', 'text', required)
    .addColumn('from_state', 'text')
    .addColumn('to_state', 'text', required)
    .addColumn('crew', 'text')
    .addColumn('reason', 'text')
    .addColumn('note', 'text')
    .addPrimaryKeyConstraint('ticket_timeline_key', ['ticket', 'version'])
    .execute();
};

const people = async (db: Kysely<unknown>, engine: Engine): Promise<void> => {
  await db.schema
    .createTable('people')
    .addColumn('id', 'text', primary)
    .addColumn('role', 'text', required)
    .addColumn('crew', 'text')
    .addColumn('password_hash', 'text', required)
    .addColumn('disabled', 'integer', required)
    .execute();
  await db.schema
    .createTable('grants')
    .addColumn('hash', 'text', primary)
    .addColumn('kind', 'text', required)
    .addColumn('subject', 'text', required)
    .addColumn('role', 'text', required)
    .addColumn('crew', 'text')
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('expires_at_ms', 'bigint')
    .execute();
  await db.schema.createIndex('grants_expiry').on('grants').column('expires_at_ms').execute();
  await db.schema.createIndex('grants_subject').on('grants').column('subject').execute();
  await db.schema
    .createTable('audit')
    .addColumn('id', 'bigint', primary)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('actor', 'text', required)
    .addColumn('action', 'text', required)
    .addColumn('subject', 'text', required)
    .addColumn('detail', 'text', required)
    .addColumn('hash', 'text', required)
    .execute();
  await numbered(db, engine, 'idempotency')
    .addColumn('actor', 'text', required)
    .addColumn('key', 'text', required)
    .addColumn('request', 'text', required)
    .addColumn('status', 'integer', required)
    .addColumn('body', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addUniqueConstraint('idempotency_key', ['actor', 'key'])
    .execute();
  await db.schema.createIndex('idempotency_age').on('idempotency').column('at_ms').execute();
};

const readers = async (db: Kysely<unknown>, engine: Engine): Promise<void> => {
  await db.schema
    .createTable('leases')
    .addColumn('reader', 'text', required)
    .addColumn('log_partition', 'integer', required)
    .addColumn('epoch', 'bigint', required)
    .addColumn('log_offset', 'bigint', required)
    .addPrimaryKeyConstraint('leases_key', ['reader', 'log_partition'])
    .execute();
  await db.schema
    .createTable('checkpoints')
    .addColumn('reader', 'text', required)
    .addColumn('log_partition', 'integer', required)
    .addColumn('key', 'text', required)
    .addColumn('state', 'text', required)
    .addPrimaryKeyConstraint('checkpoints_key', ['reader', 'log_partition', 'key'])
    .execute();
  await numbered(db, engine, 'quarantine')
    .addColumn('log_partition', 'integer', required)
    .addColumn('log_offset', 'bigint', required)
    .addColumn('log_index', 'integer', required)
    .addColumn('equipment', 'text', required)
    .addColumn('channel', 'text', required)
    .addColumn('reason', 'text', required)
    .addColumn('detail', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('payload', 'text', required)
    .addUniqueConstraint('quarantine_key', ['log_partition', 'log_offset', 'log_index'])
    .execute();
  await db.schema
    .createTable('quarantine_counts')
    .addColumn('reason', 'text', primary)
    .addColumn('count', 'bigint', required)
    .execute();
};

const changes = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('settings')
    .addColumn('key', 'text', primary)
    .addColumn('value', 'text', required)
    .execute();
  await db.schema
    .createTable('changes')
    .addColumn('seq', 'bigint', primary)
    .addColumn('kind', 'text', required)
    .addColumn('id', 'text', required)
    .addColumn('what', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .execute();
  await db.schema
    .createTable('counters')
    .addColumn('name', 'text', primary)
    .addColumn('value', 'bigint', required)
    .execute();
  await sql`insert into counters (name, value) values ('changes', 0), ('audit', 0)`.execute(db);
};

export const ledgerTables = async (db: Kysely<unknown>, engine: Engine): Promise<void> => {
  await equipment(db);
  await alerts(db, engine);
  await tickets(db);
  await people(db, engine);
  await readers(db, engine);
  await changes(db);
};
