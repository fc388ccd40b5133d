import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type DatabaseFile, SQLITE_FULL, sqliteCode, transaction } from './file.ts';
import { groupDamage, sealGroup } from './log.codec.ts';
import { transferring } from './thread.ts';

/**
 * What the thread that owns the log's file answers. One row is one group of records; `total` counts the bytes ever
 * appended up to and with its group, so that the bytes held are known from the first and the last row.
 */
export interface LogFile {
  readonly path: string;
  /** The log's id, where the file is new. */
  readonly newId: string;
}

/** What is in the file. */
export interface LogExtent {
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly bytes: number;
}

export interface TrimStep extends LogExtent {
  readonly dropped: number;
  /** False while more could be dropped: ask again, so that appends get their turn in between. */
  readonly done: boolean;
}

export interface StoredGroup {
  readonly first: number;
  readonly count: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

type Row = { readonly first: number; readonly count: number; readonly total: number };

/** Bytes of a row beside its body. */
const ROW_BYTES = 32;
const APPLICATION_ID = 0x50_4c_4f_47;
const FORMAT = 1;
const TRIM_GROUPS = 256;
const TRIM_BYTES = 16 * 1024 * 1024;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS groups (
    first INTEGER PRIMARY KEY, count INTEGER NOT NULL, total INTEGER NOT NULL, body BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS floor (id INTEGER PRIMARY KEY CHECK (id = 0), next INTEGER NOT NULL);
  INSERT OR IGNORE INTO floor VALUES (0, 0);
  CREATE TABLE IF NOT EXISTS identity (id INTEGER PRIMARY KEY CHECK (id = 0), log TEXT NOT NULL);`;

export const logDatabase = (path: string): DatabaseFile => ({
  path,
  what: 'log',
  applicationId: APPLICATION_ID,
  format: FORMAT,
  schema: SCHEMA,
  pageSize: 8192,
});

export const logCalls = (db: DatabaseSync, { path, newId }: LogFile) => {
  db.prepare('INSERT OR IGNORE INTO identity VALUES (0, ?)').run(newId);
  const { log: id } = db.prepare('SELECT log FROM identity').get() as { readonly log: string };
  const firstRow = db.prepare(
    'SELECT first, count, total, length(body) AS size FROM groups ORDER BY first LIMIT 1',
  );
  const lastRow = db.prepare('SELECT first, count, total FROM groups ORDER BY first DESC LIMIT 1');
  const floor = db.prepare('SELECT next FROM floor');
  const raiseFloor = db.prepare('UPDATE floor SET next = ?');
  const insert = db.prepare('INSERT INTO groups VALUES (?, ?, ?, ?)');
  const oldest = db.prepare('SELECT first, count, total FROM groups ORDER BY first LIMIT ?');
  const drop = db.prepare('DELETE FROM groups WHERE first <= ?');
  const holding = db.prepare('SELECT max(first) AS first FROM groups WHERE first <= ?');
  const from = db.prepare('SELECT first, count, body FROM groups WHERE first >= ? ORDER BY first');

  const extent = (): LogExtent => {
    const first = firstRow.get() as (Row & { readonly size: number }) | undefined;
    const last = lastRow.get() as Row | undefined;
    const { next } = floor.get() as { readonly next: number };
    if (!first || !last) return { firstOffset: next, nextOffset: next, bytes: 0 };
    return {
      firstOffset: first.first,
      nextOffset: last.first + last.count,
      bytes: last.total - first.total + first.size + ROW_BYTES,
    };
  };

  let appendedBytes = (lastRow.get() as Row | undefined)?.total ?? 0;

  const append = (first: number, count: number, body: Uint8Array): number => {
    sealGroup(body);
    const bytes = body.byteLength + ROW_BYTES;
    try {
      insert.run(first, count, appendedBytes + bytes, body);
    } catch (cause) {
      if (sqliteCode(cause) !== SQLITE_FULL) throw cause;
      const full = new Error(`the disk under ${dirname(path)} is full: free some room`);
      full.name = 'LogFullError';
      throw full;
    }
    appendedBytes += bytes;
    return bytes;
  };

  const read = (offset: number, limit: number, maxBytes: number): readonly StoredGroup[] => {
    const start = (holding.get(offset) as { readonly first: number | null }).first ?? offset;
    const groups: StoredGroup[] = [];
    let records = 0;
    let bytes = 0;
    for (const row of from.iterate(start) as Iterable<unknown> as Iterable<StoredGroup>) {
      // The group that holds `offset` may have been dropped: then this is an older one that ends before.
      if (row.first + row.count <= offset) continue;
      const damage = groupDamage(row.body, row.first);
      if (damage)
        throw new Error(
          `the log ${path} is damaged at offset ${row.first}: ${damage}; restore ${dirname(path)} from a backup`,
        );
      groups.push({ first: row.first, count: row.count, body: row.body });
      records += row.first + row.count - Math.max(row.first, offset);
      bytes += row.body.byteLength;
      if (records >= limit || bytes >= maxBytes) break;
    }
    return transferring(
      groups,
      groups.map(({ body }) => body.buffer),
    );
  };

  const dropThrough = (first: number, nextOffset: number): void => {
    transaction(db, () => {
      // With the last group the memory of its offsets would go; an offset is never used twice.
      raiseFloor.run(nextOffset);
      drop.run(first);
    });
  };

  const trim = (offset: number): TrimStep => {
    const rows = oldest.all(TRIM_GROUPS + 1) as Row[];
    const whole = rows.filter((row) => row.first + row.count <= offset);
    const start = whole[0]?.total ?? 0;
    const batch = whole.slice(0, TRIM_GROUPS).filter((row) => row.total - start <= TRIM_BYTES);
    const last = batch.at(-1);
    if (last) dropThrough(last.first, extent().nextOffset);
    const dropped = batch.reduce((sum, row) => sum + row.count, 0);
    return { ...extent(), dropped, done: batch.length === whole.length };
  };

  const skipTo = (offset: number): LogExtent => {
    if (offset > extent().nextOffset) raiseFloor.run(offset);
    return extent();
  };

  return { id: () => id, extent, append, read, trim, skipTo, close: () => db.close() };
};
