import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Schema } from '../schema.ts';
import { ledgerTables } from './0001-ledger.ts';
import { noticeTables } from './0002-notices.ts';
import { dueHourTables } from './0003-due-hours.ts';
import { clockLeases } from './0004-claims.ts';
import { binaryText } from './0005-collation.ts';

/** Where a migration must differ: how the database numbers rows, and compares text. Everything else is common SQL. */
export type Engine = 'sqlite' | 'postgres';

/** In order; a released one never changes. There is no way down: restore a backup instead. */
const migrations = (engine: Engine): Record<string, Migration> => ({
  '0001-ledger': { up: (db) => ledgerTables(db, engine) },
  '0002-notices': { up: (db) => noticeTables(db, engine) },
  '0003-due-hours': { up: dueHourTables },
  '0004-claims': { up: clockLeases },
  '0005-collation': { up: (db) => binaryText(db, engine) },
});

/** Names of the migrations that this version knows, in order: what a ledger's tables are like is the last one done. */
export const MIGRATIONS: readonly string[] = Object.keys(migrations('sqlite')).sort();

/**
 * Brings the tables up to this version, or to migration `upTo`, in one transaction (in the caller's, where `db` is one).
 * @throws where the ledger was written by a newer version, or a migration fails
 */
export const migrate = async <S = Schema>(db: Kysely<S>, engine: Engine, upTo?: string): Promise<void> => {
  const known = migrations(engine);
  const migrator = new Migrator({
    db: db.withoutPlugins(),
    provider: { getMigrations: async () => known },
  });
  const { error } = await (upTo === undefined ? migrator.migrateToLatest() : migrator.migrateTo(upTo));
  if (error === undefined) return;
  const message = error instanceof Error ? error.message : String(error);
  const newer = /previously executed migration (\S+) is missing/.exec(message);
  if (newer) {
    throw new Error(
      `the ledger was written by a newer version of Precall (migration ${newer[1]}): start that version, or restore an older backup`,
    );
  }
  throw new Error(`the ledger's tables could not be brought up to date: ${message}`, { cause: error });
};
