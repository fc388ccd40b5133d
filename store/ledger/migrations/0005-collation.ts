import { type Kysely, sql } from 'kysely';
import type { Engine } from './migrate.ts';

/** All that there were. */
const TABLES = [
  'alert_timeline',
  'alerts',
  'audit',
  'changes',
  'channels',
  'checkpoints',
  'clocks',
  'counters',
  'credentials',
  'crews',
  'due_hours',
  'equipment',
  'grants',
  'idempotency',
  'leases',
  'notice_reads',
  'notices',
  'outbox',
  'people',
  'quarantine',
  'quarantine_counts',
  'settings',
  'sites',
  'ticket_timeline',
  'tickets',
] as const;

interface Column {
  readonly column: string;
}

/**
 * PostgreSQL compares text as its database is told to, SQLite byte by byte. Tables that were made before text columns
 * were told to do the same (see `postgres/migrations-dialect.ts`) are brought there; indexes are built anew with them.
 */
export const binaryText = async (db: Kysely<unknown>, engine: Engine): Promise<void> => {
  if (engine === 'sqlite') return;
  for (const table of TABLES) {
    const { rows } = await sql<Column>`select column_name as "column" from information_schema.columns
      where table_schema = current_schema() and table_name = ${table} and data_type = 'text'
        and collation_name is distinct from 'C'`.execute(db);
    if (rows.length === 0) continue;
    const changes = rows.map(({ column }) => sql`alter column ${sql.id(column)} type text collate "C"`);
    await sql`alter table ${sql.id(table)} ${sql.join(changes)}`.execute(db);
  }
};
