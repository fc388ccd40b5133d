import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logSuite, message, readAll, tick } from '../log.suite.ts';
import { LogFullError } from '../log.ts';
import { openSqliteLog } from './log.ts';

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'precall-log-'));
const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

logSuite('sqlite', async () => {
  const folder = await newFolder();
  return {
    open: ({ maxBytes = 2 ** 30 } = {}) => openSqliteLog({ path: join(folder, 'log.db'), maxBytes }),
    dispose: () => remove(folder),
  };
});

logSuite('sqlite, nothing kept in memory', async () => {
  const folder = await newFolder();
  return {
    open: ({ maxBytes = 2 ** 30 } = {}) =>
      openSqliteLog({ path: join(folder, 'log.db'), maxBytes, tailBytes: 0 }),
    dispose: () => remove(folder),
  };
});

describe('sqlite log', () => {
  const child = fileURLToPath(new URL('./log.child.ts', import.meta.url));
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await newFolder();
    path = join(folder, 'deep', 'log.db');
  });
  afterEach(() => remove(folder));

  /** Appends in a process that is killed after some acknowledgements. Returns offsets by record number. */
  const appendUntilKilled = (from: number, acknowledgements: number): Promise<Map<number, number>> =>
    new Promise((resolve, reject) => {
      const process_ = spawn(process.execPath, [child, path, String(from)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const chunks: string[] = [];
      let lines = 0;
      process_.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        chunks.push(chunk);
        lines += chunk.split('\n').length - 1;
        if (lines >= acknowledgements) process_.kill('SIGKILL');
      });
      process_.stderr.setEncoding('utf8').on('data', reject);
      process_.on('close', () => {
        // The last line may be cut: it was on its way out when the process was killed.
        const whole = chunks.join('').split('\n').slice(0, -1);
        resolve(new Map(whole.map((line) => line.split(' ').map(Number) as [number, number])));
      });
    });

  it('has every acknowledged record once and in order after SIGKILL, three times over', async () => {
    const acknowledged = new Map<number, number>();
    for (const run of [0, 1, 2])
      for (const [n, offset] of await appendUntilKilled(run * 1_000_000, 400)) acknowledged.set(n, offset);
    const log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
    const records = await readAll(log);
    await log.close();
    const offsets = records.map(({ offset }) => offset);
    expect(offsets).toEqual(offsets.map((_, i) => i));
    const stored = new Map<number, number>();
    for (const record of records)
      if (record.kind === 'message') stored.set(Number(Buffer.from(record.payload)), record.offset);
    expect(stored.size).toBe(records.length);
    expect(acknowledged.size).toBeGreaterThanOrEqual(1_200);
    for (const [n, offset] of acknowledged) expect(stored.get(n)).toBe(offset);
    expect([...stored.keys()]).toEqual([...stored.keys()].sort((a, b) => a - b));
  });

  it('tells a second process in one line which folder is in use and what to do', async () => {
    const log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
    const second = await promisify(execFile)(process.execPath, [child, path]).catch(
      (error: { readonly stderr: string }) => error,
    );
    expect(second.stderr.trim().split('\n')).toEqual([
      `the log in ${join(folder, 'deep')} is in use by another process: stop that one, or set PRECALL_DATA to another folder`,
    ]);
    await expect(openSqliteLog({ path, maxBytes: 2 ** 30 })).rejects.toThrow(/in use/);
    await log.append(tick(0));
    await log.close();
  });

  it('names a file that is no log', async () => {
    const foreign = join(folder, 'foreign.db');
    await writeFile(foreign, 'not a database '.repeat(1_000));
    await expect(openSqliteLog({ path: foreign, maxBytes: 1e6 })).rejects.toThrow(
      /foreign\.db is not a log file/,
    );
    const other = new DatabaseSync(join(folder, 'other.db'));
    other.exec('PRAGMA application_id = 77; CREATE TABLE x(y)');
    other.close();
    await expect(openSqliteLog({ path: join(folder, 'other.db'), maxBytes: 1e6 })).rejects.toThrow(
      /another program/,
    );
  });

  it('detects a damaged group, names its offset, and still reads the others', async () => {
    let log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
    for (const i of [0, 1, 2]) await log.append(message(i));
    await log.close();
    const db = new DatabaseSync(path);
    const { body } = db.prepare('SELECT body FROM groups WHERE first = 1').get() as { body: Uint8Array };
    body[body.length - 2]! ^= 1;
    db.prepare('UPDATE groups SET body = ? WHERE first = 1').run(body);
    db.close();
    log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
    await expect(log.read(-1, 10)).rejects.toThrow(/damaged at offset 1: its checksum is wrong; restore/);
    expect((await log.read(1, 10)).map(({ offset }) => offset)).toEqual([2]);
    await log.close();
  });

  it('says that it is broken after a failed write, and is whole again when opened again', async () => {
    let log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
    await log.append(message(0));
    await log.close();
    const execute = (sql: string): void => {
      const db = new DatabaseSync(path);
      db.exec(sql);
      db.close();
    };
    execute(`CREATE TRIGGER fails BEFORE INSERT ON groups BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END`);
    log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
    expect((await log.stats()).broken).toBeNull();
    await expect(log.append(message(1))).rejects.toThrow(/disk I\/O error/);
    expect((await log.stats()).broken).toMatch(/failed write \(disk I\/O error\): restart the service/);
    await log.close();
    execute('DROP TRIGGER fails');
    log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
    expect(await log.append(message(1))).toBe(1);
    await log.close();
  });

  it('gives an id to a file from before logs had one', async () => {
    await (await openSqliteLog({ path, maxBytes: 2 ** 30 })).close();
    const db = new DatabaseSync(path);
    db.exec('DROP TABLE identity');
    db.close();
    const log = await openSqliteLog({ path, maxBytes: 2 ** 30, newId: () => 'given' });
    expect(log.id).toBe('given');
    await log.close();
    const again = await openSqliteLog({ path, maxBytes: 2 ** 30, newId: () => 'other' });
    expect(again.id).toBe('given');
    await again.close();
  });

  it('reads on over offsets that were never stored, as after a full disk', async () => {
    let log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
    for (const i of [0, 1, 2, 3]) await log.append(message(i));
    await log.close();
    const db = new DatabaseSync(path);
    db.exec('DELETE FROM groups WHERE first IN (1, 2)');
    db.close();
    log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
    const offset = await log.append(message(4));
    for (const after of [-1, 0, 1, 2])
      expect((await readAll(log, after, 1)).map((record) => record.offset)).toEqual(
        [0, 3, offset].filter((held) => held > after),
      );
    await log.close();
  });

  it('uses the room of trimmed records again instead of growing', async () => {
    const log = await openSqliteLog({ path, maxBytes: 4 * 2 ** 20 });
    const payload = new Uint8Array(64 * 1024);
    const fill = async (): Promise<number> => {
      let last = -1;
      for (let i = 0; i < 50; i++) last = await log.append(message(i, payload));
      return last;
    };
    await log.trim((await fill()) + 1);
    const sizes: number[] = [];
    for (let round = 0; round < 5; round++) {
      await log.trim((await fill()) + 1);
      sizes.push((await stat(path)).size);
    }
    expect(Math.max(...sizes)).toBeLessThan(3 * 4 * 2 ** 20);
    expect(sizes.at(-1)).toBe(sizes[1]);
    await log.close();
  });

  it('bounds the records and the bytes that wait for the disk', async () => {
    const counted = await openSqliteLog({ path, maxBytes: 2 ** 30, maxPending: 10 });
    const results = await Promise.allSettled(Array.from({ length: 25 }, (_, i) => counted.append(tick(i))));
    expect(results.map(({ status }) => status)).toEqual([
      ...Array(10).fill('fulfilled'),
      ...Array(15).fill('rejected'),
    ]);
    expect(results[10]).toMatchObject({ reason: expect.any(LogFullError) });
    expect(await counted.stats()).toMatchObject({ refused: 15, appended: 10, pending: 0 });
    expect(await counted.append(tick(99))).toBe(10);
    await counted.close();
    const weighed = await openSqliteLog({ path, maxBytes: 2 ** 30, maxPendingBytes: 10_000 });
    const payload = new Uint8Array(4_000);
    const settled = await Promise.allSettled([0, 1, 2, 3].map((i) => weighed.append(message(i, payload))));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    await weighed.close();
  });

  it('splits a burst into groups that a reader may take in parts', async () => {
    const log = await openSqliteLog({ path, maxBytes: 2 ** 30, tailBytes: 0 });
    const offsets = await Promise.all(Array.from({ length: 10_000 }, (_, i) => log.append(message(i))));
    expect((await log.stats()).groups).toBeGreaterThan(1);
    expect((await readAll(log, -1, 999)).map(({ offset }) => offset)).toEqual(offsets);
    await log.close();
  });
});
