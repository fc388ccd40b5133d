import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, startApp } from './app.ts';
import { loadCatalogue } from './catalogue/load.ts';
import { readConfig } from './config.ts';
import { openSqliteLog } from './store/sqlite/log.ts';
import { systemTimers } from './time/system.ts';

/** The whole service in this process, on a folder whose files are swapped under it. */
const catalogue = await loadCatalogue();
let folder: string;
let app: App | null;

const start = async (): Promise<App> => {
  const config = readConfig({ PRECALL_DATA: folder, PRECALL_OPEN: 'true' });
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
