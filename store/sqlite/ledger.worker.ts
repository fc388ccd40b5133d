import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { LedgerFullError } from '../ledger.ts';
import { SQLITE_FULL, sqliteCode } from './file.ts';
import { serve } from './thread.ts';

/** What a ledger's thread is started with. */
export interface LedgerThreadData {
  readonly path: string;
  readonly readOnly: boolean;
}

/** Rows of a query, or how many rows a statement changed. */
export interface Answer {
  readonly rows: readonly unknown[];
  readonly changes: number | null;
}

/** How long a statement waits for another process (the command line) that is writing. */
const BUSY_TIMEOUT_MS = 10_000;
const MAX_STATEMENTS = 256;
const MAX_WAL_BYTES = 64 * 1024 * 1024;

const openDatabase = ({ path, readOnly }: LedgerThreadData): DatabaseSync => {
  const db = new DatabaseSync(path, {
    readOnly,
    timeout: BUSY_TIMEOUT_MS,
    enableForeignKeyConstraints: true,
  });
  if (readOnly) return db;
  db.exec('pragma journal_mode = wal');
  // Committed means that it is on the disk, also after a power cut.
  db.exec('pragma synchronous = full');
  db.exec(`pragma journal_size_limit = ${MAX_WAL_BYTES}`);
  return db;
};

/** Prepared statements by their text; the longest unused one goes when there are too many. */
const statementCache = (db: DatabaseSync): ((sql: string) => StatementSync) => {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const statement = prepared.get(sql) ?? db.prepare(sql);
    prepared.delete(sql);
    prepared.set(sql, statement);
    const [oldest] = prepared.keys();
    if (prepared.size > MAX_STATEMENTS && oldest !== undefined) prepared.delete(oldest);
    return statement;
  };
};

serve<LedgerThreadData>((data) => {
  const db = openDatabase(data);
  /** Names the one error of SQLite that the operator can mend while we run. */
  const write = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      if (sqliteCode(cause) !== SQLITE_FULL) throw cause;
      throw new LedgerFullError(`the disk under ${dirname(data.path)} is full: free some room`);
    }
  };
  const statement = statementCache(db);
  return {
    run: (sql: string, values: readonly SQLInputValue[]): Answer => {
      const prepared = statement(sql);
      return write(() =>
        prepared.columns().length > 0
          ? { rows: prepared.all(...values), changes: null }
          : { rows: [], changes: Number(prepared.run(...values).changes) },
      );
    },
    begin: () => db.exec('begin immediate'),
    commit: () => write(() => db.exec('commit')),
    // SQLite has already rolled back by itself after some errors (a full disk).
    rollback: () => {
      if (db.isTransaction) db.exec('rollback');
    },
    /** A number that changes whenever another connection, of this or another process, has committed. */
    dataVersion: () => db.prepare('pragma data_version').get()?.data_version,
    close: () => db.close(),
  };
});
