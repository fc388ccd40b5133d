import { describe, expect, test } from 'vitest';
import { heard, joinSparse, lonely, MAX_TAIL, NO_TAIL, staleAfterMs, withTail } from './prepare.ts';

const series = (mean: readonly (number | null)[], step = 10) => ({
  ts: mean.map((_, at) => at * step),
  min: [...mean],
  max: [...mean],
  mean: [...mean],
});

describe('joinSparse', () => {
  test('joins readings that come seldom by their nature', () => {
    const joined = joinSparse(series([1, null, null, 2, null, null, 3, null, null, 4]));
    expect(joined).toEqual({ ts: [0, 30, 60, 90], min: [1, 2, 3, 4], max: [1, 2, 3, 4], mean: [1, 2, 3, 4] });
  });

  test('leaves a gap open where nothing came for long', () => {
    const silent = Array.from({ length: 13 }, () => null);
    const joined = joinSparse(series([1, null, null, 2, null, null, 3, ...silent, 4, null, null, 5]));
    expect(joined.mean).toEqual([1, 2, 3, null, 4, 5]);
    expect(joined.ts[3]).toBeGreaterThan(60);
    expect(joined.ts[3]).toBeLessThan(200);
  });

  test('a dense series with one outage keeps it', () => {
    const joined = joinSparse(series([1, 1, 1, 1, null, null, null, null, null, 1, 1, 1]));
    expect(joined.mean.filter((value) => value === null)).toHaveLength(1);
  });

  test('nothing stays nothing', () => {
    expect(joinSparse(series([null, null])).ts).toEqual([]);
  });
});

test('what is heard live follows the loaded part, in order, limited', () => {
  let tail = heard(NO_TAIL, 100, 1);
  tail = heard(tail, 90, 9);
  tail = heard(tail, 110, 2);
  expect(tail).toEqual({ ts: [100, 110], value: [1, 2] });
  expect(withTail(series([5, 6]), tail).mean).toEqual([5, 6, 1, 2]);
  expect(withTail({ ...series([5]), ts: [105] }, tail).ts).toEqual([105, 110]);
  const late = heard(heard(heard(NO_TAIL, 20_000, 1), 21_000, 2), 50_000, 3);
  expect(withTail(series([5, 6, 7, 8]), late).mean).toEqual([5, 6, 7, 8, null, 1, 2, null, 3]);
  for (let at = 0; at < MAX_TAIL + 10; at++) tail = heard(tail, 200 + at, at);
  expect(tail.ts).toHaveLength(MAX_TAIL);
});

test('lonely points are those that no line touches', () => {
  expect(lonely([1, null, 2, 3, null, 4], 0, 5)).toEqual([0, 5]);
});

test('stale after several usual spacings, at least two minutes', () => {
  expect(staleAfterMs(series([1, 2, 3], 1_000))).toBe(120_000);
  expect(staleAfterMs(series([1, 2, 3], 3_600_000))).toBe(6 * 3_600_000);
  const night = Array.from({ length: 8 }, () => null);
  expect(staleAfterMs(series([1, 2, 3, ...night, 4, 5], 3_600_000))).toBe(1.25 * 9 * 3_600_000);
});
