import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { isKey, language } from '../words/words.ts';
import { entryWords } from './words.ts';

const source = await readFile(new URL('../../core/alert/alert.ts', import.meta.url), 'utf8');

/** The names of a union as they stand in the source: a new one is noticed without anybody remembering this test. */
const namesOf = (type: string): readonly string[] => {
  const text = new RegExp(`${type}\\s*=([^;]*);`).exec(source)?.[1] ?? '';
  return [...text.matchAll(/'([a-z-]+)'/g)].map(([, name]) => name!);
};
const typesOf = (name: string): readonly string[] => {
  const text = new RegExp(`interface ${name} {[\\s\\S]*?readonly type:([^;]*);`).exec(source)?.[1] ?? '';
  return [...text.matchAll(/'([a-z-]+)'/g)].map(([, one]) => one!);
};

afterEach(() => {
  language.value = 'en';
});

describe('every name of a finding has words', () => {
  test.each([
    ['because', 'AlertReason', namesOf('export type AlertReason'), 30],
    ['detector', 'DetectorName', namesOf('export type DetectorName'), 10],
    ['alert.did', 'AlertEntry.type', typesOf('AlertEntry'), 6],
  ] as const)('%s of %s', (prefix, _type, names, atLeast) => {
    expect(names.length).toBeGreaterThanOrEqual(atLeast);
    expect(names.filter((name) => !isKey(`${prefix}.${name}`))).toEqual([]);
  });

  test.each(['by-person', 'already-acknowledged', 'ticket-opened-or-joined'])('and %s', (reason) => {
    expect(isKey(`because.${reason}`)).toBe(true);
  });
});

test('a line says what, why, and which person', () => {
  const at = '2026-01-05T10:00:00.000Z';
  expect(entryWords({ at, type: 'raised', reason: 'value-stuck', actor: null, note: null })).toEqual({
    what: 'Noticed',
    because: 'the value no longer moves',
    by: null,
  });
  language.value = 'zh';
  expect(entryWords({ at, type: 'acknowledged', reason: 'by-person', actor: 'chen', note: null })).toEqual({
    what: '\u5df2\u786e\u8ba4',
    because: null,
    by: 'chen',
  });
});
