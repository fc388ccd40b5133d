import type { Kysely } from 'kysely';

/** Until when a clock is somebody's to run. */
export const clockLeases = (db: Kysely<unknown>): Promise<void> =>
  db.schema.alterTable('clocks').addColumn('lease_until_ms', 'bigint').execute();
