import { expect, test } from 'vitest';
import { bandAt, bandOf, NO_BAND, stretches } from './normal.ts';

const series = (ts: number[], mean: (number | null)[]) => ({ ts, mean, min: mean, max: mean });

test('a band goes on to now while its last word is recent', () => {
  const band = bandOf(series([0, 600_000], [1, 2]), series([0, 600_000], [5, 6]), 900_000);
  expect(band).toEqual({ ts: [0, 600_000, 900_000], low: [1, 2, 2], high: [5, 6, 6] });
  expect(bandOf(series([0], [1]), series([0], [5]), 9e9).ts).toEqual([0]);
});

test('two series that do not fit together are no band yet', () => {
  expect(bandOf(series([0, 1], [1, 2]), series([0], [5]), 1)).toBe(NO_BAND);
  expect(bandOf(series([0], [1]), null, 1)).toBe(NO_BAND);
  expect(bandOf(series([], []), series([], []), 1)).toBe(NO_BAND);
});

test('a gap breaks it, and outside of it there is none', () => {
  const band = { ts: [0, 1, 2, 3, 4, 5], low: [1, 1, null, 2, 3, null], high: [5, 5, null, 6, 7, null] };
  expect(stretches(band)).toEqual([
    [0, 1],
    [3, 4],
  ]);
  expect(bandAt(band, 0.5)).toEqual({ low: 1, high: 5 });
  expect(bandAt(band, 2)).toBeNull();
  expect(bandAt(band, 4)).toEqual({ low: 3, high: 7 });
  expect(bandAt(band, 6)).toBeNull();
});
