import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../config.ts';
import { adoptLog } from '../store/adopt.ts';
import { line, NOW_MS, ticket } from '../store/ledger/suite/fixtures.ts';
import { message } from '../store/log.suite.ts';
import { openSqliteLog } from '../store/sqlite/log.ts';
import { openSqliteTelemetry } from '../store/sqlite/telemetry.ts';
import { reading } from '../store/telemetry.suite.ts';
import { openLedger } from '../stores.ts';
import { type PostgresServer, postgresBin, startPostgres } from '../test/servers/postgres.ts';
import { writeBackup } from './backup/write.ts';
import type { Finding } from './finding.ts';
import { verifyBackup } from './verify/backup.ts';
import { verifyInstallation } from './verify/installation.ts';

const T0 = 1_767_225_600_000;

/** An installation that has heard, stored and audited something, and stands still. */
const furnish = async (config: Config): Promise<void> => {
  const ledger = await openLedger(config.ledger, () => NOW_MS);
  const log = await openSqliteLog({ path: config.logPath, maxBytes: 2 ** 30 });
  await adoptLog({ log, ledger, clock: () => NOW_MS });
  for (let n = 0; n < 10; n++) await log.append(message(n));
  await ledger.transaction(async (tx) => {
    const one = ticket({ id: 't1', unit: 'bay1' });
    await tx.tickets.open(one, line(one, 'opened'));
    const lease = await tx.readers.claim('recorder', 0);
    await tx.readers.commit(lease, 6);
    for (let n = 0; n < 5; n++)
      await tx.audit.add({ atMs: NOW_MS + n, actor: 'li', action: 'test', subject: `s${n}`, detail: { n } });
  });
  await log.close();
  await ledger.close();
  if (config.telemetry.kind !== 'sqlite') return;
  const telemetry = await openSqliteTelemetry({ path: config.telemetry.path });
  await telemetry.write(
    Array.from({ length: 600 }, (_, i) => reading('g1', T0 + i, { a: i }, { unit: 'bay7' })),
  );
  await telemetry.rollUp('g1', [T0]);
  await telemetry.close();
};

const failures = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ state }) => state === 'fail').map(({ detail }) => detail);

describe('verify on SQLite', () => {
  let folder: string;
  let config: Config;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'precall-verify-'));
    config = readConfig({ PRECALL_DATA: join(folder, 'data') });
    await furnish(config);
    return () => rm(folder, { recursive: true, force: true });
  });
  const change = (file: 'ledger' | 'log' | 'telemetry', sql: string): void => {
    const db = new DatabaseSync(join(config.dataDir, `${file}.sqlite`), {
      enableForeignKeyConstraints: false,
    });
    db.exec(sql);
    db.close();
  };
  const found = async () => failures(await verifyInstallation(config));

  it('finds everything well, and says how much there is', async () => {
    const findings = await verifyInstallation(config);
    expect(findings.map(({ check, state }) => `${check} ${state}`)).toEqual([
      'audit ok',
      'ledger ok',
      'log ok',
      'readers ok',
      'telemetry ok',
    ]);
    const words = findings.map(({ detail }) => detail).join('\n');
    expect(words).toMatch(/^5 entries, head [0-9a-f]{64}$/m);
    expect(words).toMatch(/^10 records$/m);
    expect(words).toMatch(/^recorder at 6 of 9$/m);
    expect(words).toMatch(/^600 numbers in 2 chunks$/m);
  });

  it.each([
    ["UPDATE audit SET actor = 'mallory' WHERE id >= 3", 'audit entry 3, or the hash of the one before it'],
    ["UPDATE audit SET detail = '{}' WHERE id = 1", 'audit entry 1'],
    ['DELETE FROM audit WHERE id = 4', 'audit entry 4 is missing'],
    ['DELETE FROM audit WHERE id IN (2, 3)', 'audit entry 2 is missing'],
    ['DELETE FROM audit WHERE id = 1', 'audit entry 1 is missing'],
    ['DELETE FROM audit WHERE id = 5', 'audit entry 5 is missing'],
  ])('after %s names the first bad entry', async (sql, words) => {
    change('ledger', sql);
    const [first] = await found();
    expect(first).toContain(words);
  });

  it('names a row whose JSON can not be read, and one that points nowhere', async () => {
    change('ledger', "UPDATE tickets SET asked = '[' WHERE id = 't1'");
    expect(await found()).toEqual(['tickets (id t1): asked is no JSON']);
    change('ledger', "UPDATE tickets SET asked = '[]'; UPDATE ticket_timeline SET ticket = 't9'");
    expect((await found())[0]).toMatch(/row \d+ of ticket_timeline points at a row of tickets/);
  });

  it('names the offset of a damaged record', async () => {
    change('log', "UPDATE groups SET body = CAST(substr(body, 1, 20) || x'00' AS BLOB) WHERE first = 3");
    expect((await found())[0]).toMatch(/log\.sqlite is damaged at offset 3: its checksum is wrong/);
  });

  it('says where readers and log are apart', async () => {
    change('log', 'DELETE FROM groups WHERE first < 8');
    expect(await found()).toEqual(['the log begins at offset 8, recorder stands at 6']);
    change('log', 'DELETE FROM groups; UPDATE floor SET next = 5');
    expect(await found()).toEqual(["the log ends at offset 4, the ledger's readers stand at 6"]);
    change('log', "UPDATE identity SET log = 'another'");
    expect((await found())[0]).toMatch(/^the log's id is another, the ledger follows /);
    await rm(config.logPath);
    expect((await found())[0]).toMatch(/^the log that the ledger follows .* is not there$/);
  });

  it('names a damaged chunk, and a count that is wrong', async () => {
    change('telemetry', "UPDATE hours SET body = CAST(substr(body, 1, 20) || x'00' AS BLOB)");
    expect((await found())[0]).toMatch(/^hourly values of g1\/bay7, week \d+: its checksum is wrong/);
    change('telemetry', 'UPDATE total SET points = 599');
    expect((await found())[0]).toContain('telemetry counts 599 numbers, its chunks hold 600');
    change('telemetry', 'UPDATE chunk SET t1 = t1 + 1 WHERE id = 2');
    expect((await found())[0]).toMatch(/chunk 2 \(g1\/bay7 from 2026-01-01T00:00:00.512Z\): .*another time/);
    change('telemetry', "UPDATE chunk SET body = CAST(substr(body, 1, 30) || x'00' AS BLOB) WHERE id = 1");
    expect((await found())[0]).toMatch(/chunk 1 .*its checksum is wrong/);
    change('telemetry', 'DELETE FROM owner');
    expect((await found())[0]).toMatch(/chunk 1 .*nobody knows whose it is/);
  });

  it('names a file that is cut short, or none', async () => {
    change('ledger', 'PRAGMA wal_checkpoint(TRUNCATE)');
    await truncate(join(config.dataDir, 'ledger.sqlite'), 8_192);
    await expect(found()).rejects.toThrow(/ledger\.sqlite cannot be read: .*malformed; restore/);
    await writeFile(join(config.dataDir, 'ledger.sqlite'), 'not a database '.repeat(500));
    await expect(found()).rejects.toThrow(/ledger .*ledger\.sqlite cannot be read: file is not a database/);
    await rm(join(config.dataDir, 'ledger.sqlite'));
    await expect(found()).rejects.toThrow(/there is no ledger at/);
  });

  it('sees the same of a backup', async () => {
    const backup = join(folder, 'backup');
    await writeBackup(backup, config, 'test');
    const findings = await verifyBackup(backup);
    expect(findings.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok']);
    await truncate(join(backup, 'telemetry.sqlite'), 100);
    expect(failures(await verifyBackup(backup))).toEqual([
      expect.stringMatching(/telemetry\.sqlite: is not what was written/),
    ]);
  });

  it('finds in a backup what was wrong already when it was taken', async () => {
    change('ledger', "UPDATE audit SET actor = 'mallory' WHERE id = 2");
    change('log', "UPDATE groups SET body = CAST(substr(body, 1, 20) || x'00' AS BLOB) WHERE first = 3");
    const backup = join(folder, 'backup');
    await writeBackup(backup, config, 'test');
    const words = failures(await verifyBackup(backup)).join('\n');
    expect(words).toContain('audit entry 2');
    expect(words).toContain('damaged at offset 3');
  });
});

const bin = postgresBin();
describe.skipIf(bin === null)('verify on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(bin as string);
  }, 60_000);
  afterAll(() => server.stop());

  it('names the audit entry that was changed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'precall-verify-'));
    const url = await server.database();
    const config = readConfig({ PRECALL_DATA: folder, PRECALL_LEDGER: url });
    await furnish(config);
    expect(failures(await verifyInstallation(config))).toEqual([]);
    const psql = new Client({ connectionString: url });
    await psql.connect();
    await psql.query("update audit set subject = 'x' where id = 2").finally(() => psql.end());
    expect(failures(await verifyInstallation(config))).toEqual([expect.stringContaining('audit entry 2')]);
    await rm(folder, { recursive: true });
  });
});
