import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { newCurve } from './detect.curve.ts';

test('few rows stay as they are', () => {
  const { add, curve } = newCurve(['a', 'b']);
  add({ tsMs: 1, values: [1, null], score: 0.2, alert: false });
  add({ tsMs: 2, values: [3, 4], score: 0.9, alert: true });
  expect(curve()).toEqual({
    columns: ['a', 'b'],
    ts: [1, 2],
    min: [
      [1, 3],
      [null, 4],
    ],
    max: [
      [1, 3],
      [null, 4],
    ],
    mean: [
      [1, 3],
      [null, 4],
    ],
    score: [0.2, 0.9],
    alert: [0, 1],
    rows: 2,
  });
});

test('of very many rows no extreme, no alert and no time is lost, in a bounded number of points', () => {
  fc.assert(
    fc.property(fc.integer({ min: 8_001, max: 90_000 }), fc.integer({ min: 0, max: 8_000 }), (rows, at) => {
      const { add, curve } = newCurve(['a']);
      for (let i = 0; i < rows; i++)
        add({ tsMs: i, values: [i === at ? 99 : i % 7], score: i === at ? 1 : 0.1, alert: i === at });
      const { ts, max, mean, score, alert } = curve();
      expect(ts.length).toBeLessThanOrEqual(8_000);
      expect(ts.length).toBeGreaterThan(3_900);
      expect(ts).toEqual(ts.toSorted((a, b) => a - b));
      const point = max[0]!.indexOf(99);
      expect([score[point], (alert[point] as number) > 0]).toEqual([1, true]);
      expect(ts[point]).toBeLessThanOrEqual(at);
      expect(ts[point + 1] ?? rows).toBeGreaterThan(at);
      expect(Math.max(...(mean[0] as number[]))).toBeLessThanOrEqual(99);
    }),
    { numRuns: 20 },
  );
});
