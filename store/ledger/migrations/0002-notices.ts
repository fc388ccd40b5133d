import { type Kysely, sql } from 'kysely';
import { numbered, primary, required } from './columns.ts';
import type { Engine } from './migrate.ts';

const channels = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable('channels')
    .addColumn('id', 'text', primary)
    .addColumn('kind', 'text', required)
    .addColumn('url', 'text', required)
    .addColumn('secret', 'text', required)
    .addColumn('audience', 'text', required)
    .addColumn('language', 'text', required)
    .addColumn('per_minute', 'integer', required)
    .addColumn('disabled', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('failures', 'integer', required)
    .addColumn('paused_until_ms', 'bigint')
    .addColumn('pause_reason', 'text')
    .addColumn('last_sent_at_ms', 'bigint')
    .execute();

const notices = async (db: Kysely<unknown>, engine: Engine): Promise<void> => {
  await numbered(db, engine, 'notices')
    .addColumn('key', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', required)
    .addColumn('audience', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('ticket', 'text')
    .addColumn('version', 'integer', required)
    .addColumn('site', 'text')
    .addColumn('severity', 'text')
    .addColumn('crew', 'text')
    .addColumn('channel', 'text')
    .addColumn('reason', 'text')
    .execute();
  await db.schema.createIndex('notices_audience').on('notices').columns(['audience', 'id']).execute();
  await db.schema
    .createTable('notice_reads')
    .addColumn('notice', 'bigint', required)
    .addColumn('reader', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('notice_reads_key', ['notice', 'reader'])
    .execute();
};

const outbox = async (db: Kysely<unknown>, engine: Engine): Promise<void> => {
  await numbered(db, engine, 'outbox')
    .addColumn('notice', 'bigint', required)
    .addColumn('channel', 'text', required)
    .addColumn('ticket', 'text')
    .addColumn('kind', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('attempts', 'integer', required)
    .addColumn('due_at_ms', 'bigint', required)
    .addColumn('lease_until_ms', 'bigint')
    .addColumn('epoch', 'bigint', required)
    .addColumn('message', 'text')
    .addColumn('reason', 'text')
    .addColumn('passed', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('tried_at_ms', 'bigint')
    .addColumn('ended_at_ms', 'bigint')
    // A notice is told once on each channel, however often its cause is written.
    .addUniqueConstraint('outbox_key', ['notice', 'channel'])
    .execute();
  // What is on its way: small, and what the sender looks through all day.
  await sql`create index outbox_open on outbox (channel, ticket, id)
    where state in ('waiting', 'sending')`.execute(db);
  await db.schema.createIndex('outbox_ticket').on('outbox').columns(['ticket', 'channel', 'id']).execute();
  await db.schema.createIndex('outbox_state').on('outbox').columns(['state', 'id']).execute();
  await db.schema.createIndex('outbox_tried').on('outbox').columns(['channel', 'tried_at_ms']).execute();
};

/** Tickets that were open before there were clocks get theirs, as if they had just begun to wait. */
const clocks = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('clocks')
    .addColumn('key', 'text', primary)
    .addColumn('kind', 'text', required)
    .addColumn('ticket', 'text', required)
    .addColumn('due_at_ms', 'bigint', required)
    .addColumn('payload', 'text', required)
    .execute();
  await db.schema.createIndex('clocks_due').on('clocks').columns(['due_at_ms', 'key']).execute();
  await sql`insert into clocks (key, kind, ticket, due_at_ms, payload)
    select 'escalation:' || id, 'escalation', id, coalesce(hold_until_ms, updated_at_ms), '{}'
    from tickets where state in ('open', 'dispatched') and acknowledged_at_ms is null`.execute(db);
  await sql`insert into clocks (key, kind, ticket, due_at_ms, payload)
    select 'arrival:' || id, 'arrival', id, due_at_ms, '{}'
    from tickets where state not in ('resolved', 'closed', 'cancelled') and arrived_at_ms is null`.execute(
    db,
  );
};

export const noticeTables = async (db: Kysely<unknown>, engine: Engine): Promise<void> => {
  await channels(db);
  await notices(db, engine);
  await outbox(db, engine);
  await clocks(db);
};
