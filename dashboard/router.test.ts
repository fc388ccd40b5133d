import { expect, test } from 'vitest';
import { match } from './router.ts';

test.each([
  ['/', '/', {}],
  ['/tickets', '/tickets/', {}],
  ['/equipment/:id', '/equipment/garage-1', { id: 'garage-1' }],
  ['/equipment/:id', '/equipment/a%20b', { id: 'a b' }],
  ['/equipment/:id', '/equipment/', null],
  ['/equipment/:id', '/equipment/%E0%A4%A', null],
  ['/equipment/:id', '/tickets/1', null],
  ['/tickets/:id', '/tickets/1/more', null],
])('%s on %s', (pattern, path, expected) => {
  expect(match(pattern, path)).toEqual(expected);
});
