import { DatabaseSync } from 'node:sqlite';
import { SQLITE_BUSY, sqliteCode } from './file.ts';
import { makePrivateFile } from './private.ts';

/** Held until it is released, or until its process ends however it ends. */
export interface FileLock {
  release(): void;
}

/** An empty file beside the one that is meant: SQLite's own lock on it is one that the system ends with the process. */
export const lockPathOf = (path: string): string => `${path}-lock`;

/**
 * Takes the one lock of a file, so that others may read the file itself meanwhile (backup, verify). Null: another holds
 * it. @throws where the file beside it can't be made
 */
export const takeFileLock = (path: string): FileLock | null => {
  const lockPath = lockPathOf(path);
  makePrivateFile(lockPath);
  const db = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
    return { release: () => db.close() };
  } catch (cause) {
    db.close();
    if (sqliteCode(cause) === SQLITE_BUSY) return null;
    throw cause;
  }
};

/** Whether a process holds the lock now. Makes nothing. */
export const isFileLocked = (path: string): boolean => {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(lockPathOf(path), { readOnly: true, timeout: 0 });
    db.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (cause) {
    return sqliteCode(cause) === SQLITE_BUSY;
  } finally {
    db?.close();
  }
};
