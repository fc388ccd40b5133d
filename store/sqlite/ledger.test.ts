import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGate } from '../ledger/gate.ts';
import type { ServedLedger } from '../ledger/served.ts';
import { event, NOW_MS, noted, opened } from '../ledger/suite/fixtures.ts';
import { verifyAudit } from '../ledger/verify-audit.ts';
import { ledgerSuite } from '../ledger.suite.ts';
import { LedgerBusyError, LedgerFullError } from '../ledger.ts';
import { openSqliteLedger, type SqliteLedgerOptions } from './ledger.ts';
import { threadDialect } from './ledger-dialect.ts';
import { startThread } from './thread.ts';

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'precall-ledger-'));
const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

ledgerSuite('sqlite', async () => {
  const folder = await newFolder();
  return {
    open: (options) => openSqliteLedger({ path: join(folder, 'ledger.db'), ...options }),
    dispose: () => remove(folder),
  };
});

describe('sqlite ledger', () => {
  const child = fileURLToPath(new URL('./ledger.child.ts', import.meta.url));
  const run = promisify(execFile);
  let folder: string;
  let path: string;
  let ledgers: ServedLedger[];
  const open = async (options: Partial<SqliteLedgerOptions> = {}): Promise<ServedLedger> => {
    const ledger = await openSqliteLedger({ path, clock: () => NOW_MS, ...options });
    ledgers.push(ledger);
    return ledger;
  };
  /** Does something to the file that no ledger would do. */
  const meddle = (sql: string): void => {
    const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
    db.exec(sql);
    db.close();
  };

  beforeEach(async () => {
    folder = await newFolder();
    path = join(folder, 'deep', 'ledger.db');
    ledgers = [];
  });
  afterEach(async () => {
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    await remove(folder);
  });

  /** Commits in a process that is killed after some reports. Returns the last number that it reported. */
  const commitUntilKilled = (from: number, reports: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const killed = spawn(process.execPath, [child, path, 'commit', String(from)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      killed.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.split('\n').length > reports) killed.kill('SIGKILL');
      });
      // The last piece may be cut: it was on its way out when the process was killed.
      killed.on('close', () => resolve(Number(text.split('\n').slice(0, -1).at(-1) ?? Number.NaN)));
      killed.on('error', reject);
    });

  it('keeps what it said was committed, and nothing half, when the process is killed', async () => {
    let from = 1;
    for (const reports of [5, 23, 40]) {
      const reported = await commitUntilKilled(from, reports);
      const ledger = await open();
      const [lease] = await ledger.readers.offsets();
      const last = lease?.offset ?? 0;
      expect(last).toBeGreaterThanOrEqual(reported);
      expect(reported).toBeGreaterThanOrEqual(from + reports - 1);
      expect(await ledger.readers.loadCheckpoints('watcher', 0)).toEqual([
        { key: 'g1', state: String(last) },
      ]);
      expect((await ledger.tickets.list({ limit: 1_000 })).rows).toHaveLength(last);
      expect((await ledger.alerts.list({ limit: 1_000 })).rows).toHaveLength(last);
      expect(await ledger.changes(null, 10_000)).toHaveLength(2 * last);
      expect(await verifyAudit(ledger)).toMatchObject({ ok: true, entries: last });
      for (let n = 1; n <= last; n += 1) expect(await ledger.tickets.timeline(`t${n}`)).toHaveLength(1);
      await ledger.close();
      from = last + 1;
    }
  });

  it('hears within a second of what another process wrote', async () => {
    const ledger = await open();
    const heard = vi.fn();
    ledger.onChange(heard);
    await run(process.execPath, [child, path, 'add', 'g7']);
    await vi.waitFor(() => expect(heard).toHaveBeenCalled(), { timeout: 1_000 });
    expect((await ledger.changes(null, 10)).map(({ kind, what }) => `${kind} ${what}`)).toEqual([
      'equipment added',
      'credential added',
    ]);
    expect((await ledger.credentials.get('g7'))?.equipment).toEqual([{ id: 'g7', site: 's1' }]);
    await ledger.credentials.revoke('g7', NOW_MS);
    expect(await ledger.changes(null, 10)).toHaveLength(3);
  });

  it('takes turns with other processes that write at the same time, from the first opening on', async () => {
    const others = ['g1', 'g2', 'g3'].map((id) => run(process.execPath, [child, path, 'add', id]));
    const ledger = await open();
    for (let n = 0; n < 50; n += 1) await opened(ledger, { id: `t${n}`, unit: `bay${n}` });
    await Promise.all(others);
    expect((await ledger.equipment.list({ limit: 9 })).rows.map(({ id }) => id)).toEqual(['g1', 'g2', 'g3']);
    const changes = await ledger.changes(null, 1_000);
    expect(changes).toHaveLength(56);
    expect(new Set(changes.map(({ cursor }) => cursor)).size).toBe(56);
  });

  it('turns away who would wait behind too many, and counts them', async () => {
    const ledger = await open({ maxWaiting: 3 });
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => ledger.settings.set(`k${i}`, '1')),
    );
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(6);
    expect(refused[0]).toMatchObject({ reason: expect.any(LedgerBusyError) });
    expect(ledger.queues().writes).toEqual({ waiting: 0, maxWaiting: 3, refused: 6 });
    await ledger.settings.set('k', '1');
  });

  it('shows in the audit what was changed or taken out behind its back', async () => {
    const ledger = await open();
    for (let n = 1; n <= 6; n += 1)
      await ledger.audit.add({ atMs: n, actor: 'lin', action: 'x', subject: 's', detail: { n } });
    meddle(`update audit set detail = '{"n":9}' where id = 3`);
    expect(await verifyAudit(ledger, 2)).toMatchObject({ ok: false, id: 3, reason: 'changed' });
    meddle(`update audit set detail = '{"n":3}' where id = 3; update audit set actor = 'wang' where id = 6`);
    expect(await verifyAudit(ledger)).toMatchObject({ ok: false, id: 6, reason: 'changed' });
    meddle(`update audit set actor = 'lin' where id = 6`);
    expect(await verifyAudit(ledger)).toMatchObject({ ok: true, entries: 6 });
    meddle('delete from audit where id = 4');
    expect(await verifyAudit(ledger)).toMatchObject({ ok: false, id: 4, reason: 'missing' });
    meddle('delete from audit where id <= 4');
    expect(await verifyAudit(ledger)).toMatchObject({ ok: false, id: 4, reason: 'missing' });
    meddle('delete from audit where id = 6');
    const add = ledger.audit.add({ atMs: 7, actor: 'lin', action: 'x', subject: 's', detail: {} });
    await expect(add).rejects.toThrow('precall verify');
  });

  it('reads on where a JSON column was damaged', async () => {
    const ledger = await open();
    await ledger.alerts.apply([event(1, 'raised')]);
    await opened(ledger);
    await ledger.credentials.put({ id: 'g1', secretHash: 'a', equipment: [{ id: 'g1', site: 's' }] }, NOW_MS);
    meddle(`update alerts set evidence = '[]'; update tickets set alerts = '{"a"', asked = '[1,"c1"]';
      update credentials set equipment = '[{"id":"g1"},null]'`);
    expect((await ledger.alerts.list({ limit: 1 })).rows[0]?.evidence.window).toEqual({ fromMs: 0, toMs: 0 });
    expect(await ledger.tickets.get('t1')).toMatchObject({ alerts: [], asked: ['c1'] });
    expect(await ledger.credentials.get('g1')).toMatchObject({ equipment: [] });
  });

  it('says in one line why a file cannot be opened', async () => {
    const ledger = await open();
    await ledger.close();
    meddle("insert into kysely_migration values ('9999-later', '2030-01-01T00:00:00.000Z')");
    await expect(open()).rejects.toThrow(/ledger\.db cannot be opened: .*newer version.*9999-later/);
    path = folder;
    await expect(open()).rejects.toThrow('cannot be opened');
    path = join(folder, 'other.db');
    await writeFile(path, 'no database at all, but long enough to be taken for one'.repeat(20));
    await expect(open()).rejects.toThrow('other.db cannot be opened: file is not a database');
  });

  it('leaves the file to its owner alone, durable as promised', async () => {
    const ledger = await open();
    await ledger.settings.set('a', '1');
    for (const suffix of ['', '-wal']) expect((await stat(path + suffix)).mode & 0o077).toBe(0);
    const db = new DatabaseSync(path);
    expect(db.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' });
    db.close();
  });

  it('names a full disk, keeps nothing half, and goes on when there is room again', async () => {
    const thread = await startThread(new URL('./ledger.worker.ts', import.meta.url), {
      path: join(folder, 'small.db'),
      readOnly: false,
    });
    const db = new Kysely<{ t: { x: string } }>({ dialect: threadDialect(thread, createGate(1, 10)) });
    const fill = (): Promise<void> =>
      db.transaction().execute(async (tx) => {
        for (let n = 0; n < 20; n += 1)
          await tx
            .insertInto('t')
            .values({ x: 'y'.repeat(4_000) })
            .execute();
      });
    try {
      await sql`create table t (x text)`.execute(db);
      await sql`pragma max_page_count = 8`.execute(db);
      await expect(fill()).rejects.toThrow(LedgerFullError);
      await expect(fill()).rejects.toThrow('is full: free some room');
      expect(await db.selectFrom('t').selectAll().execute()).toEqual([]);
      await sql`pragma max_page_count = 8000`.execute(db);
      await fill();
      expect(await db.selectFrom('t').selectAll().execute()).toHaveLength(20);
    } finally {
      await db.destroy();
    }
  });

  it('calls a listener that comes later, and others when one leaves', async () => {
    const ledger = await open();
    const [one, two] = [vi.fn(), vi.fn()];
    const stop = ledger.onChange(one);
    ledger.onChange(two);
    await ledger.alerts.apply([event(1, 'raised')]);
    await vi.waitFor(() => expect(two).toHaveBeenCalledTimes(1));
    stop();
    stop();
    await ledger.alerts.note(noted('commented'));
    await vi.waitFor(() => expect(two).toHaveBeenCalledTimes(2));
    expect(one).toHaveBeenCalledTimes(1);
  });
});
