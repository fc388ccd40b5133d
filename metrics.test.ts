import { expect, test } from 'vitest';
import { type Parts, serviceHealth, serviceStats } from './metrics.ts';
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
      readers: {
        quarantineCounts: async () => [],
        offsets: async () => [
          { reader: 'recorder', partition: 0, offset: 24 },
          { reader: 'watcher', partition: 0, offset: -1 },
        ],
      },
    },
    telemetry: { stats: async () => ({}) },
    ...{ broker: null, recorder: null, watcher: null, rules: null, desk: null },
  }) as unknown as Parts;

const valuesOf = async (name: string, log: Partial<LogStats> = {}): Promise<readonly number[]> =>
  (await serviceStats(parts(log))).filter((stat) => stat.name === name).map(({ value }) => value);

test('ready while the log takes what comes; not when it is nearly full or broken, and it says why', async () => {
  expect(await serviceHealth(parts({}))).toEqual({ ready: true, reasons: [] });
  const full = await serviceHealth(parts({ bytes: 950 }));
  expect(full).toMatchObject({ ready: false, reasons: [expect.stringMatching(/95 % of PRECALL_LOG_MAX/)] });
  const broken = 'the log stopped after a failed write (disk I/O error): restart the service';
  expect(await serviceHealth(parts({ broken }))).toEqual({
    ready: false,
    reasons: [`nothing is acknowledged: ${broken}`],
  });
});

test('a broken log is a metric; a lag counts only records that the log holds', async () => {
  expect(await valuesOf('log_broken')).toEqual([0]);
  expect(await valuesOf('log_broken', { broken: 'why' })).toEqual([1]);
  expect(await valuesOf('reader_lag_records')).toEqual([5, 20]);
});
