import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { LedgerFullError } from '../ledger.ts';
import { SQLITE_FULL, sqliteCode } from './file.ts';

/** Rows of a query, or how many rows a statement changed. */
export interface Answer {
  readonly rows: readonly unknown[];
  readonly changes: number | null;
}

const MAX_STATEMENTS = 256;

interface Prepared {
  readonly statement: StatementSync;
  /** Asked once: describing the columns of a wide table costs more than reading a row. */
  readonly hasRows: boolean;
}

const prepare = (db: DatabaseSync, sql: string): Prepared => {
  const statement = db.prepare(sql);
  return { statement, hasRows: statement.columns().length > 0 };
};

/** Prepared statements by their text; the longest unused one goes when there are too many. */
const statementCache = (db: DatabaseSync): ((sql: string) => Prepared) => {
  const prepared = new Map<string, Prepared>();
  return (sql) => {
    const statement = prepared.get(sql) ?? prepare(db, sql);
    prepared.delete(sql);
    prepared.set(sql, statement);
    const [oldest] = prepared.keys();
    if (prepared.size > MAX_STATEMENTS && oldest !== undefined) prepared.delete(oldest);
    return statement;
  };
};

/** What a ledger's thread answers: one statement a call, on one connection. `path` is named in errors. */
export const ledgerCalls = (db: DatabaseSync, path: string) => {
  /** Names the one error of SQLite that the operator can mend while we run. */
  const write = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      if (sqliteCode(cause) !== SQLITE_FULL) throw cause;
      throw new LedgerFullError(`the disk under ${dirname(path)} is full: free some room`);
    }
  };
  const prepared = statementCache(db);
  return {
    run: (sql: string, values: readonly SQLInputValue[]): Answer => {
      const { statement, hasRows } = prepared(sql);
      return write(() =>
        hasRows
          ? { rows: statement.all(...values), changes: null }
          : { rows: [], changes: Number(statement.run(...values).changes) },
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
};
