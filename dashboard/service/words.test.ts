import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { isKey, language } from '../words/words.ts';
import { failureText, lagWords } from './words.ts';

const reader = { stopped: null, lagMs: 0, lagRecords: 0 };

test.each([
  [reader, 'up to date', 'normal'],
  [{ ...reader, lagMs: 1_999 }, 'up to date', 'normal'],
  [{ ...reader, lagMs: 12_000, lagRecords: 3 }, '12 s behind', 'due'],
  [{ ...reader, stopped: 'disk full' }, 'stopped: disk full', 'down'],
  [{ ...reader, lagMs: null, lagRecords: null }, 'runs elsewhere, not known here', 'normal'],
  [{ ...reader, lagMs: null, lagRecords: 7 }, '7 messages behind', 'normal'],
] as const)('a reader with %o is %s', (lag, text, tone) => {
  language.value = 'en';
  expect(lagWords(lag)).toEqual({ text, tone });
});

test.each([
  ['http-503', 'the server answered 503'],
  ['timeout', 'no answer in time'],
  ['sender-failed', 'sender failed'],
])('a delivery given up by %s says: %s', (reason, text) => {
  language.value = 'en';
  expect(failureText(reason)).toBe(text);
});

test('every reason to refuse a message has words', async () => {
  const source = await readFile(new URL('../../core/telemetry/decode.ts', import.meta.url), 'utf8');
  const text = /export type RejectReason =([^;]*);/.exec(source)?.[1] ?? '';
  const names = [...text.matchAll(/'([a-z0-9-]+)'/g)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThanOrEqual(17);
  expect([...names, 'crashes-reader'].filter((name) => !isKey(`rejected.${name}`))).toEqual([]);
});
