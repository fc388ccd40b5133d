import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_READONLY, sqliteCode } from './file.ts';

/** A database file as it is at one moment, while another process goes on writing it. */
export interface FileSnapshot {
  readonly db: DatabaseSync;
  close(): void;
}

/** There is no such file. */
export class NoFileError extends Error {
  override readonly name = 'NoFileError';
}

const BUSY_MS = 5_000;

const AS_SERVICE = 'run it as the user that the service runs as';
/** By SQLite's result code. */
const mends: ReadonlyMap<number, string> = new Map([
  [SQLITE_BUSY, 'an older version of Precall holds it; stop that one first'],
  [SQLITE_READONLY, AS_SERVICE],
  [SQLITE_CANTOPEN, AS_SERVICE],
]);

/** @throws NoFileError, or an Error of one line where it can't be read */
export const openSnapshot = (path: string, what: string): FileSnapshot => {
  if (!existsSync(path)) throw new NoFileError(`there is no ${what} at ${path}`);
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    // The state that is read from here on is the one of the first look.
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_master').get();
  } catch (cause) {
    db?.close();
    const mend =
      mends.get(sqliteCode(cause)) ?? `${(cause as Error).message}; restore ${dirname(path)} from a backup`;
    throw new Error(`the ${what} ${path} cannot be read: ${mend}`, { cause });
  }
  const opened = db;
  return { db: opened, close: () => opened.close() };
};

/** The version of its tables and whose file it is. */
export const headerOf = (db: DatabaseSync): { readonly applicationId: number; readonly format: number } => ({
  applicationId: pragma(db, 'application_id'),
  format: pragma(db, 'user_version'),
});

const pragma = (db: DatabaseSync, name: string): number =>
  Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const copyRows = (from: DatabaseSync, to: DatabaseSync, table: string): void => {
  const columns = from
    .prepare(`SELECT name FROM pragma_table_info(?)`)
    .all(table)
    .map(({ name }) => quoted(String(name)));
  const insert = to.prepare(
    `INSERT INTO ${quoted(table)} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  const rows = from.prepare(`SELECT ${columns.join(', ')} FROM ${quoted(table)}`);
  rows.setReturnArrays(true);
  rows.setReadBigInts(true);
  for (const row of rows.iterate()) insert.run(...(row as unknown as Parameters<typeof insert.run>));
};

/**
 * Writes all tables into a new or empty file, without the room that dropped rows have left. The copy is one file, not a
 * file and its log; it is whole only when this returns.
 */
export const copySnapshot = ({ db: from }: Pick<FileSnapshot, 'db'>, path: string): void => {
  const to = new DatabaseSync(path);
  try {
    const { applicationId, format } = headerOf(from);
    // Nobody reads it before it is whole, and whoever made it syncs it then.
    to.exec(`PRAGMA page_size = ${pragma(from, 'page_size')}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
             PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${format}; BEGIN`);
    const made = from
      .prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
      .all() as { readonly type: string; readonly name: string; readonly sql: string }[];
    const tables = made.filter(({ type }) => type === 'table');
    for (const { sql } of tables) to.exec(sql);
    for (const { name } of tables) copyRows(from, to, name);
    // After the rows: an index over what is there is made faster than one that grows.
    for (const { type, sql } of made) if (type !== 'table') to.exec(sql);
    to.exec('COMMIT');
  } finally {
    to.close();
  }
};
