import { expect, test } from 'vitest';
import { normal, uniform } from '../testing/play.ts';
import { likenessOf, newShape, savedShape } from './shape.ts';

const WINDOW = 24;
/** Turns of 24 readings, so that a step is a reading. */
const wave = (n: number, seed = 1): number[] => {
  const random = uniform(seed);
  return Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * i) / 24) + 0.05 * normal(random));
};

/** The same by its definition. */
const slowly = (values: readonly number[], end: number) => {
  const part = (last: number) =>
    values.slice(last - WINDOW + 1, last + 1).map((value) => Math.round(value * 1_000));
  const own = part(end);
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  const deviation = (list: readonly number[]) => {
    const mean = sum(list) / WINDOW;
    return Math.sqrt(sum(list.map((v) => (v - mean) ** 2)) + WINDOW * 100 ** 2);
  };
  let shape = Number.POSITIVE_INFINITY;
  let size = Number.POSITIVE_INFINITY;
  for (let last = WINDOW - 1; last <= end - WINDOW; last++) {
    const other = part(last);
    const [mean, otherMean] = [sum(own) / WINDOW, sum(other) / WINDOW];
    const together = sum(own.map((v, i) => (v - mean) * ((other[i] as number) - otherMean)));
    shape = Math.min(shape, 1 - together / (deviation(own) * deviation(other)));
    size = Math.min(size, sum(own.map((v, i) => (v - (other[i] as number)) ** 2)) / WINDOW);
  }
  return { byShape: Math.sqrt(Math.max(0, shape)), bySize: Math.sqrt(size) / 1_000 };
};

test('is the distance to the most similar turn before', () => {
  const values = wave(400);
  values[350] = 3;
  const shape = newShape(24, 0, 1);
  values.forEach((value, i) => {
    const { byShape, bySize } = likenessOf(shape, value);
    if (i < 2 * WINDOW - 1) return;
    const expected = slowly(values, i);
    expect(byShape).toBeCloseTo(expected.byShape, 6);
    expect(bySize).toBeCloseTo(expected.bySize, 6);
  });
});

test('a turn upside down is unlike all before, until it is over', () => {
  const values = wave(3_000);
  for (let i = 2_400; i < 2_412; i++) values[i] = -(values[i] as number);
  const shape = newShape(24, 0, 1);
  const apart = values.map((value) => likenessOf(shape, value).byShape);
  const best = apart.indexOf(Math.max(...apart.slice(500)));
  expect(best).toBeGreaterThanOrEqual(2_400);
  expect(best).toBeLessThan(2_448);
  expect(Math.max(...apart.slice(2_472))).toBeLessThan(0.75 * (apart[best] as number));
});

test('saved and read back, it goes on exactly as it would have', () => {
  const values = wave(6_000, 2).map((value) => 40 + 7 * value);
  const whole = newShape(24, 40, 5);
  let cut = newShape(24, 40, 5);
  values.forEach((value, i) => {
    if (i === 11 || i === 900 || i === 5_501) cut = JSON.parse(JSON.stringify(savedShape(cut)));
    expect(likenessOf(cut, value)).toEqual(likenessOf(whole, value));
  });
  expect(JSON.stringify(savedShape(whole)).length).toBeLessThan(16_000);
});
