import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Problem } from '../../ingest/reader.ts';
import { type Recorder, type RecorderStats, startRecorder } from '../../ingest/recorder.ts';
import { type Influx1Server, startInflux1 } from '../../test/servers/influx1.ts';
import { type Fault, type FaultyProxy, startFaultyProxy } from '../../test/servers/proxy.ts';
import { commandOf } from '../../test/servers/servers.ts';
import { systemTimers } from '../../time/system.ts';
import { openInflux1Telemetry } from '../influx1/telemetry.ts';
import { openInflux2Telemetry } from '../influx2/telemetry.ts';
import type { Ledger } from '../ledger.ts';
import type { Log } from '../log.ts';
import { openSqliteLedger } from '../sqlite/ledger.ts';
import { openSqliteLog } from '../sqlite/log.ts';
import { readAll } from '../telemetry.suite.ts';
import type { TelemetryStore } from '../telemetry.ts';

/** The whole recorder, log and ledger on disk, before a real InfluxDB with which everything goes wrong that can. */
const influxd = commandOf('influxd');
const TIMEOUT_MS = 500;
const DATABASE = 'faults';
const T0 = 1_767_225_600_000;
const MESSAGES = 10;
const EACH = 10;

const ADAPTERS = {
  'influx1:': (host: string) =>
    openInflux1Telemetry({ url: `influx1://u:s3cret@${host}/${DATABASE}`, timeoutMs: TIMEOUT_MS }),
  // Its lines and queries are the same; the proxy knows the other address to write to.
  'influx2:': (host: string) =>
    openInflux2Telemetry({ url: `influx2://${host}/o/${DATABASE}?token=s3cret`, timeoutMs: TIMEOUT_MS }),
};

interface Case {
  readonly name: string;
  readonly fault: Fault;
  readonly on?: 'write' | 'query';
  /** What people are told. */
  readonly said: RegExp;
}

const status = (code: number, body = '{"error":"no"}'): Fault => ({ kind: 'answers', status: code, body });

const AWAY: readonly Case[] = [
  { name: 'too many requests (429)', fault: status(429), said: /answered 429: no/ },
  { name: 'a server that is starting (503)', fault: status(503), said: /answered 503|Service Unavailable/ },
  { name: 'a refused user (401)', fault: status(401), said: /refuses the user or token/ },
  { name: 'a user who may not write (403)', fault: status(403), on: 'write', said: /refuses the user/ },
  { name: 'a database that is gone (404)', fault: status(404), on: 'write', said: /does not know/ },
  {
    name: 'a full disk',
    fault: status(500, '{"error":"engine: error writing WAL entry: write /wal: no space left on device"}'),
    on: 'write',
    said: /no space left on device/,
  },
  { name: 'an answer that comes too late', fault: { kind: 'slow', ms: 2 * TIMEOUT_MS }, said: /reached/ },
  { name: 'a connection cut before the answer', fault: { kind: 'cut', at: 'start' }, said: /reached/ },
  {
    name: 'a connection cut in the middle of what was asked',
    fault: { kind: 'cut', at: 'middle' },
    on: 'query',
    said: /reached/,
  },
  {
    name: "somebody else's page instead of an answer",
    fault: { kind: 'answers', status: 200, body: '<html>Welcome</html>' },
    on: 'query',
    said: /InfluxDB/,
  },
];

describe.skipIf(influxd === null).each(Object.keys(ADAPTERS) as (keyof typeof ADAPTERS)[])(
  'the recorder and %s (needs influxd)',
  (adapter) => {
    let server: Influx1Server;
    let proxy: FaultyProxy;
    let folder: string;
    let log: Log;
    let ledger: Ledger;
    let telemetry: TelemetryStore;
    let recorder: Recorder;
    let problems: Problem[] = [];
    let before: RecorderStats;
    let machines = 0;
    let equipment = '';
    let last = -1;

    beforeAll(async () => {
      server = await startInflux1(influxd as string);
      await fetch(`http://${server.host}/query?q=CREATE+DATABASE+${DATABASE}`, { method: 'POST' });
      proxy = await startFaultyProxy(server.host);
      folder = await mkdtemp(join(tmpdir(), 'precall-faults-'));
      log = await openSqliteLog({ path: join(folder, 'log.db'), maxBytes: 1e9 });
      ledger = await openSqliteLedger({ path: join(folder, 'ledger.db'), clock: () => T0 });
      telemetry = await ADAPTERS[adapter](proxy.host);
      const timers = { ...systemTimers, now: () => T0 };
      const onProblem = (problem: Problem): number => problems.push(problem);
      recorder = await startRecorder({ log, telemetry, ledger, timers, onProblem, commitEveryMs: 50 });
    });
    afterAll(async () => {
      await recorder.close();
      await Promise.all([log.close(), ledger.close(), telemetry.close()]);
      await proxy.close();
      await server.stop();
      await rm(folder, { recursive: true });
    });
    beforeEach(() => {
      equipment = `E${machines++}`;
      problems = [];
      before = recorder.stats();
    });
    afterEach(() => proxy.set(null));
    const since = (key: 'retries' | 'stored' | 'duplicates'): number => recorder.stats()[key] - before[key];

    const values = (i: number, odd: string | null): Record<string, number> =>
      odd !== null && i % 50 === 7 ? { a: i, [odd]: i } : { a: i };
    /** Ten messages of ten readings; `odd`: every fiftieth has this metric, too. */
    const say = async (odd: string | null = null): Promise<void> => {
      const messages = Array.from({ length: MESSAGES }, (_, at) => {
        const readings = Array.from({ length: EACH }, (_, i) => {
          const seq = at * EACH + i;
          return { ts: T0 - 1e6 + seq * 1_000, seq, unit: 'bay1', values: values(seq, odd) };
        });
        return log.append({
          ...{ kind: 'message', receivedAtMs: T0, equipment, site: 's', channel: 'telemetry' },
          ...{ connectionId: 'c1', payload: new TextEncoder().encode(JSON.stringify(readings)) },
        });
      });
      last = Math.max(...(await Promise.all(messages)));
    };
    const committedOffset = async (): Promise<number> =>
      (await ledger.readers.offsets()).find(({ reader }) => reader === 'recorder')?.offset ?? -1;
    const committed = (): Promise<void> =>
      vi.waitFor(async () => expect(await committedOffset()).toBe(last), { timeout: 15_000, interval: 50 });
    const quarantined = async () =>
      (await ledger.readers.quarantined({ limit: 500 })).rows.filter((row) => row.equipment === equipment);
    const storedNumbers = async (): Promise<(number | null)[]> =>
      (await readAll(telemetry, { equipment })).map(({ seq }) => seq);
    const all = Array.from({ length: MESSAGES * EACH }, (_, i) => i);

    it.each(AWAY)('waits through $name, says so, and stores everything once', async ({ fault, on, said }) => {
      proxy.set(fault, on);
      const offset = await committedOffset();
      await say();
      await vi.waitFor(() => expect(since('retries')).toBeGreaterThanOrEqual(2), 15_000);
      expect(proxy.met()).toBeGreaterThanOrEqual(2);
      expect(await committedOffset()).toBe(offset);
      for (const { error, what } of problems) {
        expect(`${what}: ${error.message}`).toMatch(said);
        expect(String(error.stack)).not.toContain('s3cret');
      }
      proxy.set(null);
      await committed();
      expect(await storedNumbers()).toEqual(all);
      expect(await quarantined()).toEqual([]);
    });

    it.each<{ fault: Fault; said: RegExp }>([
      {
        fault: { kind: 'does-and-answers', status: 500, body: '{"error":"timeout"}' },
        said: /500: timeout$/,
      },
      { fault: { kind: 'cut', at: 'middle' }, said: /reached/ },
    ])('writes nothing twice where all was stored, and $fault.kind', async ({ fault, said }) => {
      proxy.set(fault, 'write');
      await say();
      await committed();
      expect(problems[0]?.error.message).toMatch(said);
      // It looked, and found that nothing is left to write.
      expect([since('stored'), since('duplicates')]).toEqual([0, all.length]);
      expect(await storedNumbers()).toEqual(all);
    });

    it('goes on when a database that somebody dropped is there again', async () => {
      const database = (what: string) =>
        fetch(`http://${server.host}/query?q=${what}+DATABASE+${DATABASE}`, { method: 'POST' });
      await database('DROP');
      await say();
      await vi.waitFor(() => expect(problems.at(-1)?.error.message).toMatch(/database/), 15_000);
      // A database of version 1 is made by who writes; the bucket of version 2 is the operator's to make.
      if (adapter === 'influx2:') await database('CREATE');
      await committed();
      expect(await storedNumbers()).toEqual(all);
    });

    it('waits for a slow answer within its time, without another try', async () => {
      proxy.set({ kind: 'slow', ms: TIMEOUT_MS / 3 });
      await say();
      await committed();
      expect([since('retries'), since('stored')]).toEqual([0, all.length]);
      proxy.set(null);
      expect(await storedNumbers()).toEqual(all);
    });

    it('puts what InfluxDB takes a part of into quarantine, with its reason, and stores the rest', async () => {
      const odd = `odd${machines}`;
      await fetch(`http://${server.host}/write?db=${DATABASE}`, {
        method: 'POST',
        body: `reading,equipment=other ${odd}="text" ${T0}000000`,
      });
      await say(odd);
      await committed();
      const rows = await quarantined();
      expect(rows.map(({ reason, index }) => `${reason} ${index}`)).toEqual(
        Array.from({ length: 2 }, () => 'refused-by-store 7'),
      );
      for (const { detail, payload } of rows) {
        expect(detail).toMatch(/field type conflict/);
        expect(payload).toContain(odd);
      }
      expect(since('retries')).toBe(0);
      expect(await storedNumbers()).toEqual(all.filter((seq) => seq % 50 !== 7));
    });

    it.each([400, 413])('puts what is always answered %d into quarantine, and goes on', async (code) => {
      proxy.set(status(code, '{"error":"unable to parse"}'), 'write');
      await say();
      await committed();
      expect([since('retries'), since('stored')]).toEqual([0, 0]);
      expect(await quarantined()).toHaveLength(all.length);
      proxy.set(null);
      expect(await storedNumbers()).toEqual([]);
    });
  },
);
