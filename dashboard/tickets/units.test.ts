import { expect, test } from 'vitest';
import { unitOf } from './units.ts';

const bays = ['bay1', 'bay2', 'bay12'];

test.each([
  ['bay2', 'bay2'],
  ['Bay 2', 'bay2'],
  ['2', 'bay2'],
  ['12', 'bay12'],
  ['', ''],
])('%s is %s', (typed, unit) => {
  expect(unitOf(typed, bays)).toBe(unit);
});

test('a unit that the machine does not have is refused; without known units anything goes', () => {
  expect(unitOf('bay99', bays)).toBeNull();
  expect(unitOf('3', ['bay3', 'lift3'])).toBeNull();
  expect(unitOf(' shuttle-1 ', [])).toBe('shuttle-1');
});
