import { expect, test } from 'vitest';
import { location, median, quantile, trendOf } from './robust.ts';
import { normal, uniform } from './testing/play.ts';

test('median and quantiles interpolate between neighbours', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(quantile([0, 10], 0.25)).toBe(2.5);
  expect(quantile([], 0.5)).toBeNaN();
});

test('location stands between two states and ignores a wild value', () => {
  expect(location([9, 9, 9, 11, 11, 11], 1)).toBeCloseTo(10, 1);
  expect(Math.abs(location([9, 9.1, 8.9, 9, 500], 0.1) - 9)).toBeLessThan(0.2);
});

test('a line is found through noise and a third of wild points', () => {
  const random = uniform(2);
  const ts = Array.from({ length: 40 }, (_, i) => 1e12 + i * 1_000);
  const values = ts.map((_, i) => 5 + 0.1 * i + 0.2 * normal(random) + (i % 4 === 0 ? 30 * random() : 0));
  const trend = trendOf(ts, values);
  expect(trend?.slope).toBeCloseTo(0.0001, 4);
  expect(trend?.slopeLow).toBeLessThan(trend?.slope ?? 0);
  expect(trend?.slopeHigh).toBeGreaterThan(trend?.slope ?? 0);
  expect(trend?.kendallZ).toBeGreaterThan(2.6);
});

test('no trend in noise, and none of too few instants', () => {
  let seen = 0;
  for (let seed = 0; seed < 300; seed++) {
    const random = uniform(seed);
    const ts = Array.from({ length: 20 }, (_, i) => i);
    if (
      (trendOf(
        ts,
        ts.map(() => normal(random)),
      )?.kendallZ ?? 0) > 2.6
    )
      seen += 1;
  }
  expect(seen).toBeLessThan(8);
  expect(trendOf([1, 1, 1, 1], [1, 2, 3, 4])).toBeNull();
});
