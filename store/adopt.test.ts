import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adoptLog, ForeignLogError } from './adopt.ts';
import type { AuditEntry, Ledger } from './ledger.ts';
import { tick } from './log.suite.ts';
import type { Log } from './log.ts';
import { openSqliteLedger } from './sqlite/ledger.ts';
import { openSqliteLog } from './sqlite/log.ts';
import { putWatchedUpTo } from './watched.ts';

const NOW_MS = 1_767_225_600_000;
const clock = () => NOW_MS;

describe('a log and a ledger', () => {
  let folder: string;
  let ledger: Ledger;
  let log: Log;
  const path = (name: string): string => join(folder, name);
  const openLog = (name = 'log.db'): Promise<Log> => openSqliteLog({ path: path(name), maxBytes: 1e8 });
  const append = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) await log.append(tick(n));
  };
  /** Both readers commit up to `offset`. */
  const readTo = async (offset: number): Promise<void> => {
    for (const reader of ['recorder', 'watcher']) {
      await ledger.readers.commit(await ledger.readers.claim(reader, 0), offset);
    }
  };
  const offsets = async (): Promise<readonly number[]> =>
    (await ledger.readers.offsets()).map(({ offset }) => offset);
  const audited = async (): Promise<readonly AuditEntry[]> => (await ledger.audit.list({ limit: 10 })).rows;
  const swap = async (name: string): Promise<void> => {
    await log.close();
    log = await openLog(name);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'precall-adopt-'));
    ledger = await openSqliteLedger({ path: path('ledger.db'), clock });
    log = await openLog();
  });
  afterEach(async () => {
    await Promise.all([log.close(), ledger.close()]);
    await rm(folder, { recursive: true });
  });

  it('are held together from the first start on, without a word', async () => {
    expect(await adoptLog({ log, ledger, clock })).toEqual({ outcome: 'first', missed: [] });
    await append(3);
    await readTo(1);
    for (const name of ['log.db', 'log.db']) {
      await swap(name);
      expect(await adoptLog({ log, ledger, clock })).toEqual({ outcome: 'known', missed: [] });
    }
    expect([await offsets(), await audited()]).toEqual([[1, 1], []]);
  });

  it('go on with a new log beyond every old offset, so that all of it is read and no key comes again', async () => {
    await adoptLog({ log, ledger, clock });
    await append(30);
    await readTo(19);
    await ledger.readers.claim('late', 0);
    await swap('new.db');
    expect(await adoptLog({ log, ledger, clock })).toMatchObject({ outcome: 'replaced' });
    const { nextOffset } = await log.stats();
    expect(nextOffset).toBeGreaterThan(30);
    expect(await offsets()).toEqual([nextOffset - 1, nextOffset - 1, nextOffset - 1]);
    expect(await audited()).toMatchObject([
      { action: 'log.replaced', detail: { now: log.id, readTo: 19, goesOnAt: nextOffset } },
    ]);
    await swap('new.db');
    expect(await adoptLog({ log, ledger, clock })).toEqual({ outcome: 'known', missed: [] });
    await append(1);
    expect((await log.read(nextOffset - 1, 10)).map(({ offset }) => offset)).toEqual([nextOffset]);
    expect(await adoptLog({ log, ledger, clock })).toEqual({ outcome: 'known', missed: [] });
  });

  it('are refused where the log is another one and holds records', async () => {
    await adoptLog({ log, ledger, clock });
    await append(3);
    await readTo(1);
    await swap('other.db');
    await append(50);
    const refusal = await adoptLog({ log, ledger, clock }).catch((error: Error) => error);
    expect(refusal).toBeInstanceOf(ForeignLogError);
    expect((refusal as Error).message).toMatch(
      /not the ledger's.*holds offsets 0 to 49, the readers stood at 1\. Put back .* of one backup; or, .* move its files/,
    );
    expect((refusal as Error).message).not.toContain('\n');
    await swap('log.db');
    expect(await adoptLog({ log, ledger, clock })).toMatchObject({ outcome: 'known' });
  });

  it('are refused where the log is an older copy of itself, until it is moved away', async () => {
    await adoptLog({ log, ledger, clock });
    await append(5);
    await log.close();
    await copyFile(path('log.db'), path('backup.db'));
    log = await openLog();
    await append(5);
    await readTo(9);
    await swap('backup.db');
    await expect(adoptLog({ log, ledger, clock })).rejects.toThrow(
      /the log is older than the ledger; it holds offsets 0 to 4, the readers stood at 9/,
    );
    await swap('fresh.db');
    expect(await adoptLog({ log, ledger, clock })).toMatchObject({ outcome: 'replaced' });
  });

  it('are refused where the log is older than what the watcher told of, though not than where it would begin', async () => {
    await adoptLog({ log, ledger, clock });
    await append(5);
    await readTo(2);
    await putWatchedUpTo(ledger, 9);
    await expect(adoptLog({ log, ledger, clock })).rejects.toThrow(
      /the log is older than the ledger.*stood at 9/,
    );
    await putWatchedUpTo(ledger, 4);
    expect(await adoptLog({ log, ledger, clock })).toMatchObject({ outcome: 'known' });
  });

  it('are not guessed at where no id is known yet and the offsets say no', async () => {
    await readTo(9);
    await append(4);
    await expect(adoptLog({ log, ledger, clock })).rejects.toThrow(/the ledger followed one without an id/);
    await log.trim(4);
    expect(await adoptLog({ log, ledger, clock })).toMatchObject({ outcome: 'replaced' });
  });

  it('say so where the ledger is older and the log has dropped what it would need', async () => {
    await adoptLog({ log, ledger, clock });
    await append(9);
    await readTo(2);
    await log.trim(6);
    const missed = [
      { reader: 'recorder', from: 3, to: 5 },
      { reader: 'watcher', from: 3, to: 5 },
    ];
    expect(await adoptLog({ log, ledger, clock })).toEqual({ outcome: 'known', missed });
    expect(await adoptLog({ log, ledger, clock })).toEqual({ outcome: 'known', missed: [] });
    expect(await audited()).toMatchObject([{ action: 'log.missed' }, { action: 'log.missed' }]);
    expect(await offsets()).toEqual([5, 5]);
  });
});
