import type { DatabaseSync } from 'node:sqlite';
import type { DatabaseFile } from '../../store/sqlite/file.ts';
import { logDatabase } from '../../store/sqlite/log.calls.ts';
import type { StoredExtent } from '../../store/sqlite/log.extent.ts';
import { verifyLog } from '../../store/sqlite/log.verify.ts';
import { headerOf } from '../../store/sqlite/snapshot.ts';
import { telemetryDatabase } from '../../store/sqlite/telemetry.file.ts';
import { verifyTelemetry } from '../../store/sqlite/telemetry.verify.ts';
import { mismatch, type Position } from '../backup/moment.ts';
import { type Finding, fail, ok } from '../finding.ts';

const RESTORE = 'restore the machine from a backup (docs/backup.md)';

const firstOf = (db: DatabaseSync, sql: string): string | null => {
  const row = db.prepare(sql).get();
  return row === undefined ? null : String(Object.values(row)[0]);
};

/** SQLite's own look at its pages and indexes. */
const checkPages = (db: DatabaseSync, what: string, path: string): Finding | null => {
  const found = firstOf(db, 'PRAGMA integrity_check(1)');
  return found === 'ok' ? null : fail(what, `${path} is damaged: ${found}`, RESTORE);
};

/** Rows that point at one that is not there, in SQLite's words. */
const checkForeignKeys = (db: DatabaseSync, path: string): Finding | null => {
  const row = db.prepare('PRAGMA foreign_key_check').get();
  return row === undefined
    ? null
    : fail(
        'ledger',
        `${path}: row ${row.rowid} of ${row.table} points at a row of ${row.parent} that is not there`,
        RESTORE,
      );
};

/** Whatever reading a damaged file throws is what is found. */
const guarded = <F extends Finding | null>(what: string, path: string, work: () => F): F | Finding => {
  try {
    return work();
  } catch (cause) {
    return fail(what, `${path} cannot be read: ${(cause as Error).message}`, RESTORE);
  }
};

/** Null: its file is whole. */
export const checkLedgerPages = (db: DatabaseSync, path: string): Finding | null =>
  guarded('ledger', path, () => checkPages(db, 'ledger', path) ?? checkForeignKeys(db, path));

const checkHeader = (db: DatabaseSync, file: DatabaseFile): Finding | null => {
  const { applicationId, format } = headerOf(db);
  if (applicationId !== file.applicationId)
    return fail(file.what, `${file.path} is not a ${file.what} file`, RESTORE);
  return format <= file.format
    ? null
    : fail(
        file.what,
        `${file.path} has format ${format}, newer than ${file.format}`,
        'use the newer release of Precall',
      );
};

export const checkLog = (db: DatabaseSync, path: string): Finding =>
  guarded('log', path, () => {
    const broken = checkHeader(db, logDatabase(path)) ?? checkPages(db, 'log', path);
    if (broken) return broken;
    const { records, damage } = verifyLog(db);
    return damage
      ? fail('log', `${path} is damaged at offset ${damage.offset}: ${damage.reason}`, RESTORE)
      : ok('log', `${records} records`);
  });

export const checkTelemetry = (db: DatabaseSync, path: string): Finding =>
  guarded('telemetry', path, () => {
    const broken = checkHeader(db, telemetryDatabase(path)) ?? checkPages(db, 'telemetry', path);
    if (broken) return broken;
    const { chunks, points, damage } = verifyTelemetry(db);
    return damage
      ? fail('telemetry', `${damage} in ${path}`, RESTORE)
      : ok('telemetry', `${points} numbers in ${chunks} chunks`);
  });

/** The readers' offsets, and what they have noted, are of records that the log holds or has held. */
export const checkReaders = (position: Position, extent: StoredExtent | null): Finding => {
  const apart = mismatch(position, extent);
  if (apart !== null)
    return fail('readers', apart, 'put back the log and the ledger of one backup (docs/backup.md)');
  const stand = position.readers.map(({ reader, offset }) => `${reader} at ${offset}`).join(', ');
  return ok(
    'readers',
    extent === null || stand === '' ? 'nothing read yet' : `${stand} of ${extent.nextOffset - 1}`,
  );
};
