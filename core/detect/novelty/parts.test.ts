import { expect, test } from 'vitest';
import { normal, uniform } from '../testing/play.ts';
import { hasRhythm, newDaily, restOf } from './daily.ts';
import { periodOf } from './period.ts';
import { distanceTo, newPlaces } from './places.ts';

const MINUTE = 60_000;

test('the length of a turn is found, also where half of it is alike; noise has none to speak of', () => {
  const random = uniform(1);
  const wave = Array.from({ length: 1_000 }, (_, i) => {
    const turn = (2 * Math.PI * i) / 130;
    return Math.sin(turn) + 1.5 * Math.cos(2 * turn) + 0.2 * normal(random);
  });
  const found = periodOf(wave);
  expect(Math.abs((found?.length ?? 0) - 130)).toBeLessThanOrEqual(1);
  expect(found?.likeness).toBeGreaterThan(0.8);
  const noise = Array.from({ length: 1_000 }, () => normal(random));
  expect(periodOf(noise)?.likeness ?? 0).toBeLessThan(0.15);
  expect(periodOf(new Array(600).fill(3))).toBeNull();
});

test('the time of day is taken out where it tells something', () => {
  const random = uniform(2);
  const rest = (value: (row: number) => number) => {
    const daily = newDaily();
    const rests = Array.from({ length: 6 * 288 }, (_, row) => restOf(daily, row * 5 * MINUTE, value(row)));
    return { daily, last: rests.slice(5 * 288).map(Math.abs) };
  };
  const most = (list: readonly number[]) => Math.max(...list);
  const known = rest((row) => 10 * Math.sin((2 * Math.PI * row) / 288) + 0.1 * normal(random));
  expect(hasRhythm(known.daily)).toBe(true);
  expect(most(known.last)).toBeLessThan(3);
  const none = rest(() => normal(random));
  expect(hasRhythm(none.daily)).toBe(false);
});

test('far from where it was is far, and near again once it has been there', () => {
  const random = uniform(3);
  const places = newPlaces();
  const usual = Array.from({ length: 2_000 }, () => distanceTo(places, normal(random)));
  const far = distanceTo(places, 15);
  expect(far).toBeGreaterThan(3 * Math.max(...usual.slice(500)));
  for (let i = 0; i < 2_000; i++) distanceTo(places, 15 + normal(random));
  expect(distanceTo(places, 15)).toBeLessThan(far / 5);
  expect(places.past).toHaveLength(2_400);
});

test('the slowest average counts for as much as it is told to', () => {
  const far = (slow: number) => {
    const random = uniform(4);
    const places = newPlaces();
    for (let i = 0; i < 1_000; i++) distanceTo(places, normal(random), slow);
    return distanceTo(places, 20, slow);
  };
  expect(far(1)).toBeGreaterThan(1.01 * far(0));
  expect(far(0)).toBeGreaterThan(3);
});
