import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, startApp } from './app.ts';
import { loadCatalogue } from './catalogue/load.ts';
import { FileError, readConfig } from './config.ts';
import { rulesNote } from './store/rules-note.ts';
import { openSqliteLog } from './store/sqlite/log.ts';
import { systemTimers } from './time/system.ts';

/** The whole service in this process, on a folder whose files are swapped under it. */
const catalogue = await loadCatalogue();
let folder: string;
let app: App | null;

const start = async (more: Readonly<Record<string, string>> = {}): Promise<App> => {
  const config = readConfig({ PRECALL_DATA: folder, PRECALL_OPEN: 'true', ...more });
  const any = { host: '127.0.0.1', port: 0 };
  app = await startApp({
    config: { ...config, mqtt: any, http: any },
    catalogue,
    timers: systemTimers,
    newId: randomUUID,
    logger: pino({ level: 'silent' }),
  });
  return app;
};
const stop = async (): Promise<void> => {
  await app?.close();
  app = null;
};
const fault = async ({ mqttUrl }: App, unit: string): Promise<void> => {
  const client = await mqtt.connectAsync(mqttUrl ?? '', { clientId: 'G-1', username: 'G-1' });
  const body = { ts: Date.now(), unit, code: 'G06', active: true };
  await client.publishAsync('v1/plaza/G-1/fault', JSON.stringify(body), { qos: 1 });
  await client.endAsync();
};
const alertedUnits = async ({ ledger }: App): Promise<readonly string[]> =>
  (await ledger.alerts.list({ limit: 10 })).rows.map(({ unit }) => unit).sort();
const hears = async (running: App, ...units: string[]): Promise<void> => {
  await fault(running, units.at(-1) ?? '');
  await vi.waitFor(async () => expect(await alertedUnits(running)).toEqual(units), { timeout: 10_000 });
};
/** The log's files, with those that SQLite keeps beside it. */
const moveLog = async (from: string, to: string): Promise<void> => {
  for (const file of await readdir(folder)) {
    if (file.startsWith(from)) await rename(join(folder, file), join(folder, file.replace(from, to)));
  }
};
const logEnd = async (): Promise<number> => {
  const log = await openSqliteLog({ path: join(folder, 'log.sqlite'), maxBytes: 1e9 });
  const { nextOffset } = await log.stats();
  await log.close();
  return nextOffset;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precall-app-'));
});
afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

test('with a new log under an old ledger everything that is acknowledged is still read', async () => {
  await hears(await start(), 'bay1');
  await stop();
  await moveLog('log', 'gone');
  const again = await start();
  await hears(again, 'bay1', 'bay2');
  const { rows } = await again.ledger.audit.list({ limit: 50 });
  expect(rows.filter(({ action }) => action === 'log.replaced')).toHaveLength(1);
});

test('a log of another age stops the start, and nothing is appended to it', async () => {
  await hears(await start(), 'bay1');
  await stop();
  await moveLog('log', 'aside');
  await hears(await start(), 'bay1', 'bay2');
  await stop();
  await moveLog('log', 'newer');
  await moveLog('aside', 'log');
  const nextOffset = await logEnd();
  await expect(start()).rejects.toThrow(/the log is not the ledger's.*; or, to go on without/);
  expect(await logEnd()).toBe(nextOffset);
  await moveLog('log', 'aside');
  await moveLog('newer', 'log');
  await hears(await start(), 'bay1', 'bay2', 'bay3');
});

test('rules are the first thing in the log; a file that is changed holds within seconds, a bad one never', async () => {
  const file = join(folder, 'rules.yaml');
  await writeFile(file, 'detectors: { stuck: { for: soon } }\n');
  const failure = await start({ PRECALL_RULES: file }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(FileError);
  expect((failure as FileError).lines).toEqual([
    `${file}:1:28: detectors.stuck.for: expected a duration such as 90s or 14d, got "soon"`,
  ]);
  expect(await readdir(folder)).toEqual(['rules.yaml']);

  await writeFile(file, 'detectors: { stuck: { for: 2h } }\n');
  const running = await start({ PRECALL_RULES: file });
  await hears(running, 'bay1');
  const first = await rulesNote(running.ledger);
  expect(first).toMatchObject({ offset: 0, file, rules: { detectors: { stuck: { forMs: 7_200_000 } } } });
  const { rows } = await running.ledger.alerts.list({ limit: 1 });
  expect(rows[0]?.evidence.rules).toBe(first?.version);

  await writeFile(file, 'detectors: { stuck: { for: never } }\n');
  await vi.waitFor(
    async () => expect((await rulesNote(running.ledger))?.refused?.errors).toHaveLength(1),
    10_000,
  );
  expect((await rulesNote(running.ledger))?.version).toBe(first?.version);
  await writeFile(file, 'detectors: { stuck: { for: 3h } }\n');
  await vi.waitFor(async () => {
    const note = await rulesNote(running.ledger);
    expect(note).toMatchObject({ refused: null, rules: { detectors: { stuck: { forMs: 10_800_000 } } } });
  }, 10_000);
  const second = await rulesNote(running.ledger);
  await stop();
  const log = await openSqliteLog({ path: join(folder, 'log.sqlite'), maxBytes: 1e9 });
  const versions = (await log.read(-1, 1_000)).flatMap((record) =>
    record.kind === 'control' && record.control.type === 'rules' ? [record.control.version] : [],
  );
  await log.close();
  expect(versions).toEqual([first?.version, second?.version]);
});

test('nobody who was not heard since the start is shown as online', async () => {
  await hears(await start(), 'bay1');
  const { ledger } = app as App;
  const heard = { online: 'online', connectionId: 'c1', firmware: '1.2', atMs: Date.now() } as const;
  await ledger.equipment.heard('G-1', heard);
  await stop();
  const again = await start();
  expect(await again.ledger.equipment.get('G-1')).toMatchObject({ online: 'unknown', firmware: '1.2' });
});
