import type { Kysely } from 'kysely';
import { required } from './columns.ts';

/** Hours of equipment whose hourly values are to be computed anew. */
export const dueHourTables = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('due_hours')
    .addColumn('equipment', 'text', required)
    .addColumn('hour_ms', 'bigint', required)
    .addColumn('log_offset', 'bigint', required)
    .addPrimaryKeyConstraint('due_hours_key', ['equipment', 'hour_ms'])
    .execute();
  await db.schema.createIndex('due_hours_hour').on('due_hours').columns(['hour_ms', 'equipment']).execute();
};
