import { expect, test } from 'vitest';
import { reading } from '../telemetry.suite.ts';
import { placeRows } from './place.ts';

test('a reading that is alone in its ms lies on the ms, whatever its number: such times are packed well', () => {
  const rows = [7, 8, 600_123].map((seq, i) => reading('E', i, { a: 1 }, { seq }));
  expect(placeRows([], rows).map(({ slot }) => slot)).toEqual([0, 0, 0]);
});

test('others of its ms and unit lie behind it, each at the place that its number gives', () => {
  const rows = [7, 8, 9].map((seq) => reading('E', 0, { a: seq }, { seq }));
  const placed = placeRows([], rows);
  expect(placed.map(({ slot }) => slot)).toEqual([0, 8, 9]);
  // Written again after an answer was lost: whatever part of it is held, each comes to its place.
  for (const held of [placed, placed.slice(0, 1), placed.slice(0, 2)])
    expect([...held, ...placeRows(held, rows)].map(({ slot }) => slot)).toEqual([0, 8, 9]);
  // Another unit has places of its own.
  expect(placeRows(placed, [reading('E', 0, { a: 1 }, { seq: 8, unit: 'bay2' })])[0]?.slot).toBe(0);
});
