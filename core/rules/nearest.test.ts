import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const KNOWN = ['level', 'spread', 'drift', 'no-data', 'code-rate', 'rate'];

test.each([
  ['levle', 'level'],
  ['noData', 'no-data'],
  ['no_data', 'no-data'],
  ['coderate', 'code-rate'],
  ['rte', 'rate'],
  ['vibration', null],
  ['', null],
  ['x'.repeat(100), null],
])('%s → %s', (word, meant) => {
  expect(nearest(word, KNOWN)).toBe(meant);
});
