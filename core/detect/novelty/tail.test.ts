import { expect, test } from 'vitest';
import { normal, uniform } from '../testing/play.ts';
import { addTo, newTail, quantileOf, rarity } from './tail.ts';

const filled = (n: number, figure: (random: () => number) => number) => {
  const tail = newTail(1);
  const random = uniform(3);
  for (let i = 0; i < n; i++) addTo(tail, figure(random));
  return tail;
};

test('says how rarely a figure is so high, in the bulk and far out', () => {
  const tail = filled(20_000, (random) => random());
  for (const share of [0.5, 0.2, 0.05, 0.01, 0.001])
    expect(rarity(tail, 1 - share) / -Math.log(share)).toBeCloseTo(1, share < 0.01 ? 0 : 0.7);
  expect(rarity(tail, -1)).toBeLessThan(0.01);
  expect(quantileOf(tail, 0.9)).toBeGreaterThan(0.85);
  expect(quantileOf(tail, 0.9)).toBeLessThan(0.95);
});

test('what is beyond all before it is rarer the farther it is, up to a limit', () => {
  const tail = filled(1_000, normal);
  const most = tail.greatest.at(-1) as number;
  const [at, little, far, farther] = [most, most * 1.1, most * 2, most * 100].map((v) => rarity(tail, v));
  expect(at).toBeLessThan(little as number);
  expect(little).toBeLessThan(far as number);
  expect(farther).toBe(Math.log(1_001) + 5);
});

test('its room is bounded, and a constant is never rare', () => {
  const tail = filled(5_000, () => 4);
  expect(tail.greatest).toHaveLength(64);
  expect(tail.sample).toHaveLength(256);
  expect(rarity(tail, 4)).toBeLessThan(0.01);
  expect(rarity(newTail(1), 4)).toBe(0);
});

test('half is forgotten after a million figures', () => {
  const tail = filled(1 << 20, (random) => random());
  expect(tail.n).toBe(1 << 19);
  expect(tail.greatest).toHaveLength(32);
  expect(rarity(tail, 0.999)).toBeGreaterThan(5);
});
