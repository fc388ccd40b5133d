import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { message, readAll } from '../log.suite.ts';
import { isFileLocked, lockPathOf, takeFileLock } from './lock.ts';
import { storedExtent } from './log.extent.ts';
import { openSqliteLog } from './log.ts';
import { verifyLog } from './log.verify.ts';
import { copySnapshot, NoFileError, openSnapshot } from './snapshot.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precall-snapshot-'));
  path = join(folder, 'log.sqlite');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a snapshot', () => {
  it('of a log is one moment of it, while it goes on', async () => {
    const log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
    for (let n = 0; n < 20; n++) await log.append(message(n));
    await log.trim(5);
    const snapshot = openSnapshot(path, 'log');
    for (let n = 20; n < 40; n++) await log.append(message(n));
    await log.trim(30);
    expect(storedExtent(snapshot.db)).toEqual({ id: log.id, firstOffset: 5, nextOffset: 20 });
    expect(verifyLog(snapshot.db)).toEqual({ records: 15, damage: null });
    snapshot.close();
    await log.close();
  });

  it('is copied into a file that is opened as the log it was, without the room of what was dropped', async () => {
    const log = await openSqliteLog({ path, maxBytes: 2 ** 30, newId: () => 'given' });
    for (let n = 0; n < 60; n++) await log.append(message(n, new Uint8Array(64 * 1024)));
    await log.trim(58);
    const copied = join(folder, 'copy.sqlite');
    const snapshot = openSnapshot(path, 'log');
    copySnapshot(snapshot, copied);
    snapshot.close();
    const wanted = await readAll(log);
    await log.close();
    expect((await stat(copied)).size).toBeLessThan(300_000);
    const again = await openSqliteLog({ path: copied, maxBytes: 2 ** 30 });
    expect(again.id).toBe('given');
    expect(await readAll(again)).toEqual(wanted);
    expect(await again.append(message(60))).toBe(60);
    await again.close();
  });

  it('of a file that is not there is said so, and none is made', async () => {
    expect(() => openSnapshot(path, 'log')).toThrow(NoFileError);
    await expect(stat(path)).rejects.toThrow();
  });
});

describe('an older version, which let nobody read the log', () => {
  it('is named by who would read it, and by a service that would start beside it', async () => {
    await (await openSqliteLog({ path, maxBytes: 2 ** 30 })).close();
    const older = new DatabaseSync(path);
    older.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; UPDATE floor SET next = next; COMMIT');
    try {
      expect(() => openSnapshot(path, 'log')).toThrow(/an older version of Precall holds it; stop that one/);
      await expect(openSqliteLog({ path, maxBytes: 2 ** 30 })).rejects.toThrow(
        /is in use by another process/,
      );
      expect(isFileLocked(path)).toBe(false);
    } finally {
      older.close();
    }
  });
});

describe('a lock', () => {
  it('is held by one until it is released, and is looked at without making anything', async () => {
    expect(isFileLocked(path)).toBe(false);
    await expect(stat(lockPathOf(path))).rejects.toThrow();
    const lock = takeFileLock(path);
    expect(isFileLocked(path)).toBe(true);
    expect(takeFileLock(path)).toBeNull();
    lock?.release();
    expect(isFileLocked(path)).toBe(false);
    takeFileLock(path)?.release();
  });

  it('is the log’s while it is open, also where opening it fails', async () => {
    const log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
    expect(isFileLocked(path)).toBe(true);
    await log.close();
    expect(isFileLocked(path)).toBe(false);
    await expect(openSqliteLog({ path: folder, maxBytes: 1 })).rejects.toThrow();
    expect(isFileLocked(folder)).toBe(false);
  });
});
