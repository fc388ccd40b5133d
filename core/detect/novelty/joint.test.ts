import { expect, test } from 'vitest';
import { normal, uniform } from '../testing/play.ts';
import { isOff, newJoint, whatIsOff } from './joint.ts';

type Cells = readonly (number | null)[];
const SECOND = 1_000;

/** `rows` of three metrics of standard deviation 1, 2 and 3; `change` moves them. */
const table = (rows: number, change: (row: number) => Cells, seed = 1): Cells[] => {
  const random = uniform(seed);
  return Array.from({ length: rows }, (_, row) =>
    change(row).map((offset, i) => {
      const value = 100 + (i + 1) * normal(random);
      return offset === null ? null : value + offset;
    }),
  );
};
const play = (rows: readonly Cells[], warmup: number) => {
  const joint = newJoint(3, warmup);
  return { joint, alerts: rows.map((cells, row) => isOff(joint, row * SECOND, cells)) };
};
const share = (alerts: readonly boolean[]) => alerts.filter(Boolean).length / alerts.length;

test('an alert from the onset to the end, and who is off since when, expected and seen', () => {
  const rows = table(1_200, (row) => [0, row >= 700 && row < 1_000 ? 6 : 0, 0]);
  const { alerts } = play(rows, 400);
  expect(share(alerts.slice(0, 700))).toBe(0);
  expect(share(alerts.slice(720, 1_000))).toBeGreaterThan(0.98);
  expect(share(alerts.slice(1_060))).toBe(0);
  const { joint } = play(rows.slice(0, 900), 400);
  const [first, ...others] = whatIsOff(joint);
  expect(others).toEqual([]);
  expect(first?.column).toBe(1);
  expect(first?.seen).toBeGreaterThan(102);
  expect(first?.expected.low).toBeLessThan(100);
  expect(first?.expected.high).toBeGreaterThan(100);
  expect(first?.expected.high).toBeLessThan(102);
  expect(first?.sinceMs).toBeGreaterThanOrEqual(700 * SECOND);
  expect(first?.sinceMs).toBeLessThan(715 * SECOND);
});

test('a metric that drifted while normal was learnt may go on drifting', () => {
  const drift = table(2_000, (row) => [0, 0, row * 0.02], 2);
  expect(share(play(drift, 600).alerts)).toBe(0);
  const late = table(2_000, (row) => [0, 0, Math.max(0, row - 600) * 0.02], 2);
  expect(share(play(late, 600).alerts.slice(1_500))).toBe(1);
});

test('sensors that are missing, or stand still from the beginning, say nothing', () => {
  const rows = table(1_500, (row) => [row % 3 === 0 ? 0 : null, 0, null], 3).map(
    ([a, _, c]): Cells => [a ?? null, 7, c ?? null],
  );
  expect(share(play(rows, 400).alerts)).toBe(0);
  rows.push(...table(60, () => [6, 0, null], 4));
  expect(play(rows, 400).alerts.at(-1)).toBe(true);
});

test('without a warm-up normal is learnt all along, but not from an alert; what stays is the new normal', () => {
  const rows = table(4_000, (row) => [row >= 2_000 ? 5 : 0, 0, 0], 5);
  const { alerts } = play(rows, 0);
  expect(share(alerts.slice(0, 2_000))).toBe(0);
  expect(share(alerts.slice(2_020, 3_000))).toBe(1);
  expect(share(alerts.slice(3_100))).toBe(0);
  expect(share(play(rows, 500).alerts.slice(3_100))).toBe(1);
});
