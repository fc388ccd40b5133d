import { describe, expect, test } from 'vitest';
import { en } from './en.ts';
import { chooseLanguage, DICTIONARIES, isKey, language, named, t } from './words.ts';
import { zh } from './zh.ts';

const marks = (text: string): readonly string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!).sort();

describe('dictionaries', () => {
  test('have the same keys', () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  });

  test.each(Object.entries(DICTIONARIES))('%s has no empty text', (_language, dictionary) => {
    const empty = Object.entries(dictionary).filter(([, text]) => text.trim() === '');
    expect(empty).toEqual([]);
  });

  test.each(Object.keys(en).filter(isKey))('%s has the same values to fill in', (key) => {
    expect(marks(zh[key])).toEqual(marks(en[key]));
  });

  test('Chinese texts use full-width punctuation beside Chinese', () => {
    const wrong = Object.entries(zh).filter(([, text]) => /[\u4e00-\u9fff][,;:!?()]/.test(text));
    expect(wrong).toEqual([]);
  });
});

describe('t', () => {
  test('fills in values in the language on screen', () => {
    language.value = 'en';
    expect(t('time.ago', { time: '3 min' })).toBe('3 min ago');
    language.value = 'zh';
    expect(t('time.ago', { time: '3 分钟' })).toBe('3 分钟前');
  });

  test('shows an unknown name of the service readable', () => {
    expect(named('because', 'moon-is-full')).toBe('moon is full');
  });
});

test.each([
  [null, ['zh-CN', 'en'], 'zh'],
  [null, ['en-US', 'zh'], 'en'],
  [null, ['de', 'zh-TW'], 'zh'],
  [null, ['de'], 'en'],
  ['en', ['zh-CN'], 'en'],
  ['klingon', ['zh-CN'], 'zh'],
] as const)('stored %s and browser %s give %s', (stored, spoken, expected) => {
  expect(chooseLanguage(stored, spoken)).toBe(expected);
});
