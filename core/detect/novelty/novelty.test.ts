import { expect, test } from 'vitest';
import { normal, uniform } from '../testing/play.ts';
import { newNovelty, observe, savedNovelty } from './novelty.ts';

const MINUTE = 60_000;
/** A beat of some 90 readings that is never quite the same. */
const beats = (n: number, seed: number): number[] => {
  const random = uniform(seed);
  const values: number[] = [];
  while (values.length < n) {
    const length = Math.round(90 + 3 * normal(random));
    const size = 1 + 0.05 * normal(random);
    for (let i = 0; i < length; i++) {
      const peak = Math.exp(-0.5 * ((i / length - 0.3) / 0.03) ** 2);
      const wave = 0.3 * Math.exp(-0.5 * ((i / length - 0.6) / 0.08) ** 2);
      values.push(size * (peak + wave) + 0.02 * normal(random));
    }
  }
  return values.slice(0, n);
};
const scores = (values: readonly (number | null)[], warmup = 0, stepMs = 1_000) => {
  const state = newNovelty(1, warmup);
  return values.map((value, row) => observe(state, { tsMs: row * stepMs, values: [value] }).score);
};
const best = (list: readonly number[], from: number) => list.indexOf(Math.max(...list.slice(from)), from);

test('a beat that runs backwards is the newest thing in most long series', () => {
  const found = [1, 2, 3, 4, 5, 6].filter((seed) => {
    const values = beats(9_000, seed);
    values.splice(6_300, 90, ...values.slice(6_300, 6_390).reverse());
    const at = best(scores(values, 3_000), 3_000);
    return at >= 6_300 && at < 6_490;
  });
  expect(found.length).toBeGreaterThanOrEqual(4);
});

test('a quiet night that is not quiet, in a series that knows the time of day', () => {
  const random = uniform(4);
  const values = Array.from({ length: 14 * 288 }, (_, i) => {
    const hour = (i / 12) % 24;
    const isOdd = i >= 10 * 288 + 24 && i < 10 * 288 + 48;
    return (hour > 6 && hour < 22) || isOdd ? 80 + normal(random) : 20 + normal(random);
  });
  const list = scores(values, 0, 5 * MINUTE);
  const at = best(list, 600);
  expect(at).toBeGreaterThanOrEqual(10 * 288 + 24);
  expect(at).toBeLessThan(10 * 288 + 48);
  expect(list[at]).toBeGreaterThan(0.5);
});

test('readings of noise are no event, also where more and more is known of them', () => {
  const random = uniform(9);
  const state = newNovelty(3, 0);
  const alerts = Array.from({ length: 2_500 }, (_, row) => {
    const values = [normal(random), normal(random), normal(random)];
    return observe(state, { tsMs: row * MINUTE, values }).alert;
  });
  expect(alerts.filter(Boolean)).toEqual([]);
});

test('one event is one high score', () => {
  const random = uniform(5);
  const values = Array.from({ length: 3_000 }, (_, i) => normal(random) + (i >= 2_000 && i < 2_080 ? 12 : 0));
  const list = scores(values);
  expect(list.slice(2_000, 2_100).filter((score) => score > 0.5).length).toBeLessThanOrEqual(3);
  expect(Math.max(...list.slice(2_000, 2_012))).toBeGreaterThan(0.5);
  expect(Math.max(...list)).toBeLessThan(1);
});

test('what was never seen is an alert by itself, for a short while, with the metric that did it', () => {
  const random = uniform(11);
  const state = newNovelty(2, 0);
  const verdicts = Array.from({ length: 2_300 }, (_, row) => {
    const values = [normal(random), 50 + normal(random) + (row === 2_000 ? 14 : 0)];
    const { alert, findings } = observe(state, { tsMs: row * MINUTE, values });
    return { alert, kinds: findings.map(({ kind, column, sinceMs }) => ({ kind, column, sinceMs })) };
  });
  expect(verdicts.slice(0, 2_000).some(({ alert }) => alert)).toBe(false);
  const alerts = verdicts.flatMap(({ alert }, row) => (alert ? [row] : []));
  expect(alerts[0]).toBeLessThan(2_004);
  expect(alerts.at(-1)).toBeLessThan(2_100);
  expect(verdicts[alerts[0] as number]?.kinds[0]).toMatchObject({ kind: 'new', column: 1 });
});

test('judges by the past alone, and alike whatever the unit of measure', () => {
  const values = beats(2_600, 6);
  expect(scores(values.slice(0, 2_200))).toEqual(scores(values).slice(0, 2_200));
  const scaled = scores(values.map((value) => 1_024 * value));
  scores(values).forEach((score, i) => {
    expect(scaled[i]).toBeCloseTo(score, 6);
  });
});

test('its state is JSON of bounded size, and goes on exactly as it would have', () => {
  const random = uniform(7);
  const wave = beats(6_000, 8);
  const rows = wave.map((value, i) => ({
    tsMs: i * MINUTE,
    values: [value, i % 4 === 0 ? null : 50 + normal(random)],
  }));
  const whole = newNovelty(2, 0);
  let cut = newNovelty(2, 0);
  rows.forEach((row, i) => {
    if (i % 1_234 === 1_000) cut = JSON.parse(JSON.stringify(savedNovelty(cut)));
    const { state: _, ...verdict } = observe(whole, row);
    const { state: _own, ...again } = observe(cut, row);
    expect(again).toEqual(verdict);
  });
  const bytes = JSON.stringify(savedNovelty(whole)).length / 2;
  expect(bytes).toBeLessThan(120_000);
});

test('cells that are missing change nothing, and a constant is never new', () => {
  expect(Math.max(...scores(new Array(1_500).fill(7)))).toBeLessThan(0.1);
  const values = beats(3_000, 9);
  const state = newNovelty(2, 0);
  const beside = values.map(
    (value, row) => observe(state, { tsMs: row * 1_000, values: [value, null] }).score,
  );
  expect(beside).toEqual(scores(values));
});

test.each([
  ['beyond what can be', (random: () => number) => (random() < 0.02 ? 1e308 : normal(random))],
  ['of every magnitude', (random: () => number) => 10 ** (600 * random() - 300)],
  ['hardly any', (random: () => number) => 1e-310 * random()],
  ['growing for ever', (_: () => number, row: number) => row * 1e97],
])('values %s leave a score from 0 to 1 and a state of numbers', (_name, value) => {
  const random = uniform(10);
  const state = newNovelty(1, 0);
  for (let row = 0; row < 1_200; row++) {
    const { score } = observe(state, { tsMs: -row * MINUTE, values: [value(random, row)] });
    expect(score >= 0 && score < 1).toBe(true);
  }
  const isNone = (_key: string, one: unknown) =>
    typeof one === 'number' && !Number.isFinite(one) ? 'none' : one;
  expect(JSON.stringify(savedNovelty(state), isNone)).not.toContain('none');
});
