import { describe, expect, it } from 'vitest';
import { exponential, normal, round, weibull, within } from './draw.ts';
import { stream } from './stream.ts';

const take = (count: number, next: () => number): number[] => Array.from({ length: count }, () => next());
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('stream', () => {
  it('gives the same numbers for the same seed and name, today and in years', () => {
    expect(take(3, stream(1, 'a'))).toEqual(take(3, stream(1, 'a')));
    expect(take(3, stream(1, 'a')).map((value) => round(value, 9))).toMatchInlineSnapshot(`
      [
        0.930454207,
        0.744195682,
        0.930002127,
      ]
    `);
  });

  it('gives other numbers for another seed or name', () => {
    const firsts = new Set([
      stream(1, 'a')(),
      stream(2, 'a')(),
      stream(1, 'b')(),
      stream(12, '')(),
      stream(1, '2')(),
    ]);
    expect(firsts.size).toBe(5);
  });

  it('fills [0, 1) evenly, also across many streams', () => {
    for (const values of [
      take(40_000, stream(7, 'long')),
      Array.from({ length: 40_000 }, (_, index) => stream(7, `machine-${index}`)()),
    ]) {
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...values)).toBeLessThan(1);
      const tenths = Array.from(
        { length: 10 },
        (_, tenth) => values.filter((v) => Math.floor(v * 10) === tenth).length,
      );
      for (const count of tenths) expect(Math.abs(count - 4_000)).toBeLessThan(300);
    }
  });
});

describe('draws', () => {
  it('have the mean that they are named for', () => {
    const random = stream(3, 'draws');
    expect(mean(take(20_000, () => normal(random, 5, 2)))).toBeCloseTo(5, 1);
    expect(mean(take(20_000, () => exponential(random, 4)))).toBeCloseTo(4, 0);
    // Weibull of shape 2: the mean is scale × Γ(1.5).
    expect(mean(take(20_000, () => weibull(random, 2, 10)))).toBeCloseTo(8.86, 0);
  });

  it('within never leaves its bounds', () => {
    const random = stream(4, 'within');
    const values = take(5_000, () => within(random, 0, 10, -1, 1));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
  });
});
