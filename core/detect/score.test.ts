import { expect, test } from 'vitest';
import { newScorer, scoreRow } from './score.ts';
import { normal, uniform } from './testing/play.ts';

const table = (rows: number, columns: number, seed: number) => {
  const random = uniform(seed);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, () => normal(random) + (row >= 900 ? 6 : 0)),
  );
};
const scores = (rows: readonly (readonly (number | null)[])[], warmup = 0) => {
  const scorer = newScorer(rows[0]?.length ?? 0, warmup);
  return rows.map((row) => scoreRow(scorer, row));
};

test('a step is the highest score, at once, and stays an alert', () => {
  const result = scores(table(1_000, 3, 1));
  const best = result.reduce((best, { score }, row) => (score > (result[best]?.score ?? 0) ? row : best), 0);
  expect(best).toBe(900);
  expect(result.slice(910, 1_000).filter(({ alert }) => alert).length).toBeGreaterThan(60);
  expect(result.slice(0, 900).filter(({ alert }) => alert).length).toBeLessThan(30);
  for (const { score } of result) expect(score >= 0 && score <= 1).toBe(true);
});

test('strictly causal, and missing cells are no zeroes', () => {
  const rows: (number | null)[][] = table(1_000, 2, 2).map(([a, b], row) => [
    a ?? 0,
    row % 3 ? (b ?? 0) : null,
  ]);
  expect(scores(rows.slice(0, 905))).toEqual(scores(rows).slice(0, 905));
  const holes = rows.slice(0, 800).map((row) => row.map((value) => (value === null ? null : value + 100)));
  expect(scores(holes).filter(({ score }) => score > 0.6).length).toBeLessThan(4);
});

test('warm-up rows score 0 and alone tell what is normal', () => {
  const result = scores(table(1_000, 2, 3), 400);
  expect(result.slice(0, 400).every(({ score, alert }) => score === 0 && !alert)).toBe(true);
  expect(result.slice(920).every(({ alert }) => alert)).toBe(true);
});
