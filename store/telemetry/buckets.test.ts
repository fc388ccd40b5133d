import { expect, test } from 'vitest';
import { HOUR_MS, hourRuns } from '../../core/telemetry/hours.ts';
import { bucketsOf } from './buckets.ts';

const T0 = 1_767_225_600_000;
const query = (fromMs: number, toMs: number, points: number) =>
  bucketsOf({ equipment: 'E', unit: '', metric: 'a', fromMs, toMs, points });

test('a short range begins exactly where it was asked to', () => {
  expect(query(T0 + 7, T0 + 1_007, 10)).toMatchObject({
    fromMs: T0 + 7,
    widthMs: 100,
    count: 10,
    isHourly: false,
  });
  // Two months of hours are still exact.
  expect(query(T0 + 7, T0 + 7 + 60 * 24 * HOUR_MS, 100).fromMs).toBe(T0 + 7);
});

test('a long range is made up of full hours and covers what was asked for, with no more points', () => {
  const fromMs = T0 + 20 * 60_000;
  const toMs = fromMs + 400 * 24 * HOUR_MS;
  const { ts, widthMs, count, isHourly } = query(fromMs, toMs, 600);
  expect(isHourly).toBe(true);
  expect(ts[0]).toBe(T0);
  expect(widthMs).toBe(17 * HOUR_MS);
  expect(count).toBeLessThanOrEqual(600);
  expect(T0 + count * widthMs).toBeGreaterThanOrEqual(toMs);
});

test('many points over a long range stay as fine as they were asked for', () => {
  expect(query(T0 + 7, T0 + 7 + 70 * 24 * HOUR_MS, 50_000)).toMatchObject({
    fromMs: T0 + 7,
    isHourly: false,
  });
});

test('hours side by side make a run, of a week at most', () => {
  const hour = (n: number) => T0 + n * HOUR_MS;
  expect(hourRuns([hour(3), hour(1), hour(2) + 5, hour(7)])).toEqual([
    { fromMs: hour(1), toMs: hour(4) },
    { fromMs: hour(7), toMs: hour(8) },
  ]);
  const long = hourRuns(Array.from({ length: 400 }, (_, i) => hour(i)));
  expect(long.map(({ fromMs, toMs }) => (toMs - fromMs) / HOUR_MS)).toEqual([168, 168, 64]);
});
