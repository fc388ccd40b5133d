import { expect, test } from 'vitest';
import { type Parts, serviceHealth, serviceReaders, serviceStats } from './metrics.ts';
import type { LogStats } from './store/log.ts';

const held: LogStats = {
  firstOffset: 10,
  nextOffset: 30,
  bytes: 5,
  maxBytes: 1_000,
  pending: 0,
  groups: 1,
  appended: 20,
  refused: 0,
  broken: null,
};

/** Only what the figures are read from; the parts have tests of their own. */
const parts = (log: Partial<LogStats>): Parts =>
  ({
    log: { stats: async () => ({ ...held, ...log }) },
    ledger: {
      head: async () => '3',
      trouble: () => null,
      queues: () => ({
        writes: { waiting: 4, maxWaiting: 9, refused: 1 },
        reads: { waiting: 0, maxWaiting: 9, refused: 0 },
      }),
      readers: {
        quarantineCounts: async () => [],
        offsets: async () => [
          { reader: 'recorder', partition: 0, offset: 24 },
          { reader: 'watcher', partition: 0, offset: -1 },
        ],
      },
    },
    telemetry: { ping: async () => {}, stats: async () => ({}) },
    ...{
      broker: null,
      recorder: null,
      watcher: null,
      roller: null,
      rules: null,
      desk: null,
      messenger: null,
    },
  }) as unknown as Parts;

const valuesOf = async (name: string, log: Partial<LogStats> = {}): Promise<readonly number[]> =>
  (await serviceStats(parts(log))).filter((stat) => stat.name === name).map(({ value }) => value);

test('ready while the log takes what comes; not when it is nearly full or broken, and it says why', async () => {
  expect(await serviceHealth(parts({}))).toEqual({ ready: true, codes: [], reasons: [] });
  const full = await serviceHealth(parts({ bytes: 950 }));
  expect(full).toMatchObject({
    ready: false,
    codes: ['log-filling'],
    reasons: [expect.stringMatching(/95 % of PRECALL_LOG_MAX/)],
  });
  const broken = 'the log stopped after a failed write (disk I/O error): restart the service';
  expect(await serviceHealth(parts({ broken }))).toEqual({
    ready: false,
    codes: ['log-broken'],
    reasons: [`nothing is acknowledged: ${broken}`],
  });
});

test('a broken log is a metric; a lag counts only records that the log holds', async () => {
  expect(await valuesOf('log_broken')).toEqual([0]);
  expect(await valuesOf('log_broken', { broken: 'why' })).toEqual([1]);
  expect(await valuesOf('reader_lag_records')).toEqual([5, 20]);
  const watcher = { stats: () => ({ now: { offset: 3, reached: 28 } }), stopped: () => null };
  const here = { ...parts({}), watcher } as unknown as Parts;
  const lags = (await serviceStats(here)).filter(({ name }) => name === 'reader_lag_records');
  // A reader that runs here is judged by what it has dealt with, not by where it would start again.
  expect(lags.map(({ value }) => value)).toEqual([5, 1]);
});

test('a reader tells how far it is and why it stopped; without a log here nobody knows what is before it', async () => {
  const watcher = {
    stats: () => ({ now: { offset: 3, reached: 28, lagMs: 1_200 } }),
    stopped: () => 'disk full',
  };
  const here = { ...parts({}), watcher } as unknown as Parts;
  expect(await serviceReaders(here)).toMatchObject([
    { reader: 'recorder', isHere: false, reached: null, lagRecords: 5, lagMs: null, stopped: null },
    { reader: 'watcher', isHere: true, reached: 28, lagRecords: 1, lagMs: 1_200, stopped: 'disk full' },
  ]);
  const [elsewhere] = await serviceReaders({ ...parts({}), log: null });
  expect(elsewhere).toMatchObject({ offset: 24, lagRecords: null });
});

test('dead letters and failing channels are told, and make nobody unready', async () => {
  const now = { waiting: 3, sending: 0, dead: 2, oldestAgeMs: 3_600_000, pausedChannels: 1, underWay: 0 };
  const messenger = { stats: async () => ({ sent: 7, now }) };
  const all = { ...parts({}), messenger } as unknown as Parts;
  const health = await serviceHealth(all);
  expect(health).toMatchObject({ ready: true, reasons: [] });
  expect(health.notes).toEqual([
    expect.stringContaining('2 notices could not be delivered'),
    expect.stringContaining('1 channels fail'),
    expect.stringContaining('60 min'),
  ]);
  const stats = await serviceStats(all);
  const of = (name: string) => stats.find((stat) => stat.name === name);
  expect(of('messenger_sent_total')).toMatchObject({ kind: 'counter', value: 7 });
  expect(of('messenger_dead')).toMatchObject({ kind: 'gauge', value: 2 });
  expect(of('messenger_oldest_age_ms')).toMatchObject({ kind: 'gauge', value: 3_600_000 });
});

test('a ledger that is away makes the service unready in plain words; its figures are missing, the others stand', async () => {
  const gone = async () => {
    throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
  };
  const { ledger } = parts({});
  const away = {
    ...parts({}),
    ledger: { ...ledger, head: gone, readers: { quarantineCounts: gone, offsets: gone } },
    messenger: { stats: gone },
  } as unknown as Parts;
  expect(await serviceHealth(away)).toEqual({
    ready: false,
    codes: ['ledger-away'],
    reasons: [expect.stringMatching(/ledger does not answer \(connect ECONNREFUSED.*kept in the log/)],
  });
  const named = new Map((await serviceStats(away)).map(({ name, value }) => [name, value]));
  expect(named.get('ledger_up')).toBe(0);
  expect(named.get('log_bytes')).toBe(5);
  expect(named.has('reader_lag_records')).toBe(false);
  expect(await valuesOf('ledger_up')).toEqual([1]);
  expect(await valuesOf('ledger_writes_waiting')).toEqual([4]);
  expect(await valuesOf('ledger_writes_refused_total')).toEqual([1]);
});

test('a ledger that can be read and not written makes the service unready, with the mend', async () => {
  const { ledger } = parts({});
  const trouble = () => 'the server at db:5432 takes no writes; point PRECALL_LEDGER at the primary';
  const health = await serviceHealth({ ...parts({}), ledger: { ...ledger, trouble } });
  expect(health).toEqual({
    ready: false,
    codes: ['ledger-not-written'],
    reasons: [expect.stringMatching(/^nothing is written to the ledger: .* takes no writes; point .* log$/)],
  });
});

test('a telemetry store that is away is told, and makes nobody unready: the log keeps what it would store', async () => {
  const ping = async () => {
    throw new Error('InfluxDB at http://db:8086 does not answer');
  };
  // Its figures may be known all the same: they are kept along.
  const stats = async () => ({ points: 7 });
  const away = { ...parts({}), telemetry: { ping, stats } } as unknown as Parts;
  const health = await serviceHealth(away);
  expect(health).toMatchObject({ ready: true, reasons: [] });
  expect(health.notes).toEqual([expect.stringMatching(/wait in the log.*does not answer/)]);
  const up = (await serviceStats(away)).find(({ name }) => name === 'telemetry_up');
  expect(up?.value).toBe(0);
});
