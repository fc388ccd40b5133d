import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadCatalogue } from '../catalogue/load.ts';
import type { Ledger } from '../store/ledger.ts';
import { type Log, LogFullError } from '../store/log.ts';
import { openSqliteLedger } from '../store/sqlite/ledger.ts';
import { openSqliteLog } from '../store/sqlite/log.ts';
import { openSqliteTelemetry } from '../store/sqlite/telemetry.ts';
import { TelemetryDownError, TelemetryRefusedError, type TelemetryStore } from '../store/telemetry.ts';
import { systemTimers } from '../time/system.ts';
import type { Problem } from './reader.ts';
import { startRecorder } from './recorder.ts';
import { NOW } from './testing/records.ts';
import { startWatcher } from './watcher.ts';

/** Both readers on the real embedded stores. */
const catalogue = await loadCatalogue();
let folder: string;
let log: Log;
let ledger: Ledger;
let telemetry: TelemetryStore;
let problems: Problem[];
const clock = () => NOW;
const timers = { ...systemTimers, now: clock };
const onProblem = (problem: Problem): void => {
  problems.push(problem);
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precall-ingest-'));
  log = await openSqliteLog({ path: join(folder, 'log.db'), maxBytes: 1e9 });
  ledger = await openSqliteLedger({ path: join(folder, 'ledger.db'), clock });
  telemetry = await openSqliteTelemetry({ path: join(folder, 'telemetry.db') });
  problems = [];
});
afterEach(async () => {
  await Promise.all([log.close(), ledger.close(), telemetry.close()]);
  await rm(folder, { recursive: true });
});

const send = (channel: 'telemetry' | 'fault' | 'status', body: unknown, equipment = 'E'): Promise<number> =>
  log.append({
    kind: 'message',
    receivedAtMs: NOW,
    equipment,
    site: 's',
    channel,
    connectionId: 'c1',
    payload: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
  });
const reading = (i: number) => ({ ts: NOW - 1_000_000 + i * 1_000, seq: i, values: { a: i } });
const committed = async (reader: string): Promise<number> =>
  (await ledger.readers.offsets()).find((entry) => entry.reader === reader)?.offset ?? -1;
const stored = async (): Promise<number> =>
  (await telemetry.readings({ equipment: 'E', fromMs: 0, toMs: NOW + 1, limit: 10_000 })).rows.length;

test('the recorder stores what was heard, quarantines what is bad, and resumes where it committed', async () => {
  await Promise.all(Array.from({ length: 50 }, (_, i) => send('telemetry', reading(i))));
  await send('telemetry', '{');
  await send('telemetry', [reading(50), { ts: NOW, values: { '7': 1 } }]);
  const first = await startRecorder({ log, telemetry, ledger, timers, onProblem });
  await vi.waitFor(async () => expect(await committed('recorder')).toBe(51));
  expect(await stored()).toBe(51);
  const { rows } = await ledger.readers.quarantined({ limit: 10 });
  expect(rows.map(({ offset, index, reason }) => `${offset}/${index} ${reason}`).sort()).toEqual([
    '50/0 not-json',
    '51/1 bad-metric-name',
  ]);
  expect(first.stats()).toMatchObject({
    readings: 51,
    quarantined: { 'not-json': 1, 'bad-metric-name': 1 },
    now: { offset: 51, lagMs: 0 },
  });
  await send('telemetry', reading(60));
  await first.close();
  await send('telemetry', reading(61));
  const second = await startRecorder({ log, telemetry, ledger, timers, onProblem });
  await vi.waitFor(async () => expect(await stored()).toBe(53));
  await second.close();
  expect(await committed('recorder')).toBe(53);
  expect(problems).toEqual([]);
});

test('what the store refuses for good goes to quarantine with its reason, and the recorder goes on', async () => {
  const picky: TelemetryStore = {
    ...telemetry,
    write: async (readings) => {
      const refused = readings.filter(({ seq }) => seq === 2);
      const result = await telemetry.write(readings.filter(({ seq }) => seq !== 2));
      if (refused.length > 0)
        throw new TelemetryRefusedError('400: points beyond retention', { refused, ...result });
      return result;
    },
  };
  await send('telemetry', [reading(1), { ts: NOW, values: { '7': 1 } }, reading(2), reading(3)]);
  const recorder = await startRecorder({
    log,
    telemetry: picky,
    ledger,
    timers,
    onProblem,
    commitEveryMs: 50,
  });
  await vi.waitFor(async () => expect(await committed('recorder')).toBe(0), 5_000);
  const { rows } = await ledger.readers.quarantined({ limit: 10 });
  expect(rows.map(({ index, reason }) => `${index} ${reason}`).sort()).toEqual([
    '1 bad-metric-name',
    '2 refused-by-store',
  ]);
  expect(rows.find(({ index }) => index === 2)).toMatchObject({ detail: '400: points beyond retention' });
  expect(recorder.stats()).toMatchObject({ stored: 2, retries: 0 });
  await send('telemetry', reading(4));
  await vi.waitFor(async () => expect(await stored()).toBe(3), 5_000);
  await recorder.close();
});

test('what the watcher works out goes through the log into the store, beside what was measured', async () => {
  const quarters = Array.from({ length: 96 * 3 }, (_, i) => ({
    ts: NOW - 3 * 86_400_000 + i * 900_000,
    seq: i,
    unit: 'bay1',
    values: { hoistCurrentA: 9 + 0.1 * Math.sin(i) },
  }));
  await send('telemetry', quarters);
  const watcher = await startWatcher({ log, ledger, catalogue, timers, onProblem });
  const recorder = await startRecorder({ log, telemetry, ledger, timers, onProblem });
  const range = { equipment: 'E', fromMs: 0, toMs: NOW + 1, limit: 1_000 };
  await vi.waitFor(async () => {
    const { rows } = await telemetry.readings({ ...range, metric: 'hoistCurrentA.high' });
    expect(rows.length).toBeGreaterThan(200);
    expect(rows.every(({ values }) => (values['hoistCurrentA.high'] as number) > 9)).toBe(true);
  }, 20_000);
  expect(await stored()).toBe(quarters.length);
  expect(recorder.stats()).toMatchObject({ readings: quarters.length, stored: quarters.length });
  expect(watcher.stats().derived).toMatchObject({ dropped: 0, now: { waiting: 0 } });
  expect(watcher.stats().derived.told).toBeGreaterThan(200);
  await watcher.close();
  await recorder.close();
  expect(problems).toEqual([]);
});

test.each([
  ['begins with what the telemetry store knows of a machine', true],
  ['is blind without it', false],
])('a new watcher %s', async (_, knows) => {
  const quarter = 900_000;
  const at = (i: number, level: number) => ({
    ts: NOW - 20 * 86_400_000 + i * quarter,
    seq: i,
    unit: 'bay1',
    values: { hoistCurrentA: level + 0.1 * Math.sin(i * 2.3) },
  });
  const end = 20 * 96;
  const history = Array.from({ length: end - 60 }, (_, i) => at(i, 9));
  const since = { tsSource: 'device', equipment: 'E' } as const;
  await telemetry.write(
    history.map(({ ts, ...rest }) => ({ ...rest, ...since, tsMs: ts, receivedAtMs: ts + 40 })),
  );
  const watcher = await startWatcher({
    ...{ log, ledger, catalogue, timers, onProblem, warmEveryMs: 50 },
    ...(knows ? { telemetry } : {}),
  });
  await send('telemetry', [at(end - 60, 9), at(end - 59, 9)]);
  if (knows) await vi.waitFor(() => expect(watcher.stats().warmer?.warmed).toBe(1), 20_000);
  await send(
    'telemetry',
    Array.from({ length: 50 }, (_, i) => at(end - 58 + i, 11.5)),
  );
  await vi.waitFor(() => expect(watcher.stats().now.reached).toBeGreaterThanOrEqual(knows ? 3 : 1), 20_000);
  await watcher.close();
  const { rows } = await ledger.alerts.list({ limit: 10 });
  expect(rows.map(({ rule }) => rule)).toEqual(knows ? ['shift:hoistCurrentA:high'] : []);
  expect(problems).toEqual([]);
});

test('a log that takes nothing costs what was worked out, and nothing else', async () => {
  await send(
    'telemetry',
    Array.from({ length: 300 }, (_, i) => ({ ...reading(i), ts: NOW - 9e7 + i * 300_000 })),
  );
  const full: Log = { ...log, append: () => Promise.reject(new LogFullError('full')) };
  const watcher = await startWatcher({ log: full, ledger, catalogue, timers, onProblem });
  await vi.waitFor(() => expect(watcher.stats().derived.dropped).toBeGreaterThan(0), 20_000);
  await watcher.close();
  expect(await committed('watcher')).toBe(0);
  expect(problems).toEqual([]);
});

test('a store that is away is waited for; nothing is lost and the offset stays behind', async () => {
  let away = 3;
  const flaky: TelemetryStore = {
    ...telemetry,
    write: async (readings) => {
      if (away-- > 0) throw new TelemetryDownError('ECONNREFUSED');
      return telemetry.write(readings);
    },
  };
  await send('telemetry', reading(1));
  const recorder = await startRecorder({
    log,
    telemetry: flaky,
    ledger,
    timers,
    onProblem,
    commitEveryMs: 50,
  });
  expect(await committed('recorder')).toBe(-1);
  await vi.waitFor(async () => expect(await committed('recorder')).toBe(0), 5_000);
  expect(recorder.stats()).toMatchObject({ retries: 3, stored: 1 });
  expect(problems[0]?.what).toMatch(/try 1/);
  await recorder.close();
});

const alerts = async () =>
  (await ledger.alerts.list({ limit: 100 })).rows.map(({ id, rule, state }) => `${id} ${rule} ${state}`);

test('the watcher tells at once, and a replay of the same records tells nothing twice', async () => {
  await ledger.equipment.put({ id: 'E', site: 's', model: 'PSH-7', name: 'E' }, NOW);
  const first = await startWatcher({ log, ledger, catalogue, timers, onProblem });
  await log.append({
    kind: 'control',
    receivedAtMs: NOW,
    control: { type: 'connected', connectionId: 'c1', equipment: ['E'] },
  });
  await send('fault', { code: 'G06', ts: NOW });
  await vi.waitFor(async () => expect(await alerts()).toEqual(['a0-1-0 fault:G06 active']));
  expect(await ledger.equipment.get('E')).toMatchObject({ online: 'online', connectionId: 'c1' });
  // Killed without a word: another one claims the lease and goes on from the checkpoints.
  const second = await startWatcher({ log, ledger, catalogue, timers, onProblem });
  await send('fault', { code: 'G06', ts: NOW + 1 });
  await send('fault', { code: 'G06', ts: NOW + 2, active: false });
  await vi.waitFor(async () => expect(await alerts()).toEqual(['a0-1-0 fault:G06 cleared']));
  await vi.waitFor(() => expect(first.stopped()).toMatch(/no longer holds/));
  expect(second.stopped()).toBeNull();
  expect(second.stats()).toMatchObject({ cleared: 1, raised: 0 });
  await Promise.all([first.close(), second.close()]);
  expect(await ledger.alerts.timeline('a0-1-0')).toHaveLength(2);
});

test('readings that waited for older ones survive a restart', async () => {
  const first = await startWatcher({ log, ledger, catalogue, timers, onProblem });
  await send('telemetry', { ts: NOW, values: { skewMm: 20 } });
  await vi.waitFor(() => expect(first.stats().now.buffered).toBe(1));
  await first.close();
  const second = await startWatcher({ log, ledger, catalogue, timers, onProblem });
  expect(second.stats().now.buffered).toBe(1);
  await log.append({ kind: 'tick', receivedAtMs: NOW + 6_000 });
  await vi.waitFor(async () => expect(await alerts()).toEqual(['a0-1-0 limit:skewMm:high active']));
  await second.close();
});

/** A catalogue that throws when it is asked for one metric: a bug in a detector, for one record. */
const fragile = {
  ...catalogue,
  signals: new Proxy(catalogue.signals, {
    get: (signals, name) => {
      if (name !== 'get') return Reflect.get(signals, name, signals);
      return (metric: string) => {
        if (metric === 'poison') throw new Error('boom');
        return signals.get(metric);
      };
    },
  }),
};

test('a record that crashes the watcher twice goes to quarantine, also across restarts', async () => {
  const options = { log, ledger, catalogue: fragile, timers, onProblem, latenessMs: 0 };
  const first = await startWatcher(options);
  await send('fault', { code: 'G05', ts: NOW });
  await send('telemetry', { ts: NOW, values: { poison: 1 } });
  await send('fault', { code: 'G06', ts: NOW });
  await vi.waitFor(async () => expect(await alerts()).toHaveLength(2), 5_000);
  const { rows } = await ledger.readers.quarantined({ limit: 10 });
  expect(rows).toMatchObject([{ offset: 1, reason: 'crashes-reader', equipment: 'E' }]);
  expect(problems.filter(({ error }) => error.message.includes('boom'))).toHaveLength(2);
  expect(first.stats().restarts).toBe(2);
  await first.close();
});

test('a record that takes the process down is found by starting carefully', async () => {
  await send('fault', { code: 'G05', ts: NOW });
  await send('fault', { code: 'G06', ts: NOW });
  // Starts that got nowhere, and two deaths on record 0 while being careful, as a killed process leaves them.
  await ledger.settings.set(
    'reader-attempts:watcher:0',
    JSON.stringify({ start: -1, starts: 4, crashes: [[0, 2]] }),
  );
  const watcher = await startWatcher({ log, ledger, catalogue, timers, onProblem });
  await vi.waitFor(async () => expect(await alerts()).toEqual(['a0-1-0 fault:G06 active']));
  await vi.waitFor(async () =>
    expect(JSON.parse((await ledger.settings.get('reader-attempts:watcher:0')) ?? '').crashes).toEqual([
      [0, 1],
    ]),
  );
  await watcher.close();
  expect((await ledger.readers.quarantined({ limit: 10 })).rows).toMatchObject([
    { offset: 0, reason: 'crashes-reader' },
  ]);
});

test('an unreadable checkpoint stops the start with what to do', async () => {
  await ledger.readers.saveCheckpoints('watcher', 0, [
    {
      key: 'E',
      state: JSON.stringify({ heard: { keys: [] }, waiting: { buffer: [] }, head: { version: 99 } }),
    },
  ]);
  await expect(startWatcher({ log, ledger, catalogue, timers, onProblem })).rejects.toThrow(/version 99/);
});

test('a reader does not start on a log that its ledger does not know', async () => {
  const options = { log, telemetry, ledger, timers, onProblem };
  await send('telemetry', reading(1));
  const recorder = await startRecorder(options);
  await recorder.close();
  expect(await committed('recorder')).toBe(0);
  const other = await openSqliteLog({ path: join(folder, 'other.db'), maxBytes: 1e9 });
  try {
    await other.append({ kind: 'tick', receivedAtMs: NOW });
    await expect(startRecorder({ ...options, log: other })).rejects.toThrow(/not the ledger's/);
    await expect(startWatcher({ ...options, log: other, catalogue })).rejects.toThrow(/not the ledger's/);
  } finally {
    await other.close();
  }
});
