import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateFile } from './private.ts';

/** A database file that only Precall writes, and how it is opened. Errors are one line with the mend. */
export interface DatabaseFile {
  readonly path: string;
  /** What a person would call it: `log`, `telemetry`. */
  readonly what: string;
  /** SQLite's `application_id`: whose file it is. */
  readonly applicationId: number;
  /** Raised when the tables change. */
  readonly format: number;
  /** Statements that make the tables where they are missing. */
  readonly schema: string;
  readonly pageSize: number;
}

/** The primary result code of a SQLite error; 0 for any other error. */
export const sqliteCode = (error: unknown): number =>
  ((error as { readonly errcode?: number }).errcode ?? 0) & 0xff;

export const SQLITE_FULL = 13;
export const SQLITE_BUSY = 5;
export const SQLITE_READONLY = 8;
export const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;
const BUSY_MS = 5_000;
const JOURNAL_BYTES = 64 * 1024 * 1024;

export const inUseError = ({ path, what }: Pick<DatabaseFile, 'path' | 'what'>): Error =>
  new Error(
    `the ${what} in ${dirname(path)} is in use by another process: stop that one, or set PRECALL_DATA to another folder`,
  );

const openingError = ({ path, what }: DatabaseFile, cause: unknown): Error => {
  const folder = dirname(path);
  const text = (cause as Error).message;
  const code = sqliteCode(cause);
  if (code === SQLITE_BUSY) return inUseError({ path, what });
  if (code === SQLITE_NOTADB)
    return new Error(`${path} is not a ${what} file: move it away, or restore ${folder} from a backup`);
  if (code === SQLITE_CANTOPEN)
    return new Error(`${path} cannot be opened: make ${folder} writable for this user (${text})`);
  return new Error(`the ${what} ${path} cannot be opened: ${text}`);
};

const pragma = (db: DatabaseSync, name: string): number =>
  Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);

const prepareFile = (db: DatabaseSync, file: DatabaseFile): void => {
  db.exec(`PRAGMA page_size = ${file.pageSize}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
           PRAGMA journal_size_limit = ${JOURNAL_BYTES};`);
  const id = pragma(db, 'application_id');
  const format = pragma(db, 'user_version');
  if (id !== 0 && id !== file.applicationId) throw new Error('another program wrote it; move it away');
  if (format > file.format)
    throw new Error(`its format ${format} is newer than ${file.format}: run the newer release of Precall`);
  transaction(db, () =>
    db.exec(`PRAGMA application_id = ${file.applicationId}; PRAGMA user_version = ${file.format};
             ${file.schema}`),
  );
};

/** Opens the file for writing (WAL, `synchronous=FULL`); makes its folder and its tables where they are missing. */
export const openDatabaseFile = (file: DatabaseFile): DatabaseSync => {
  let db: DatabaseSync | null = null;
  try {
    makePrivateFile(file.path);
    db = new DatabaseSync(file.path, { timeout: BUSY_MS });
    prepareFile(db, file);
    return db;
  } catch (cause) {
    db?.close();
    throw openingError(file, cause);
  }
};

/** The same tables in a database that lives in memory, for tests: it holds as long as nobody closes it. */
export const openDatabaseInMemory = (file: DatabaseFile): DatabaseSync => {
  const db = new DatabaseSync(':memory:');
  prepareFile(db, file);
  return db;
};

/** Everything that `work` writes commits together; a throw rolls all of it back. */
export const transaction = <T>(db: DatabaseSync, work: () => T): T => {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
};
