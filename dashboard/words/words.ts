import { computed, signal } from '@preact/signals';
import { en } from './en.ts';
import { zh } from './zh.ts';

/*
 * A typed dictionary instead of an i18n library: a missing key, a missing or misspelt value to fill in, and a
 * text without its translation are compile errors, and nothing is added to the bundle. What a library would
 * add (plural rules of many languages, lazy bundles) two languages don't need.
 */
export type Key = keyof typeof en;
export type Dictionary = Readonly<Record<Key, string>>;
export type Language = 'en' | 'zh';

/** Names between braces: `'{n} of {all}'` → `'n' | 'all'`. */
type Marks<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Marks<Rest>
  : never;
type Fill<K extends Key> = [Marks<(typeof en)[K]>] extends [never]
  ? []
  : [fill: Readonly<Record<Marks<(typeof en)[K]>, string | number>>];

export const DICTIONARIES: Readonly<Record<Language, Dictionary>> = { en, zh };
export const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', zh: 'zh-CN' };

/** The language on screen. Reading it in a component makes the component follow it. */
export const language = signal<Language>('en');
export const locale = computed(() => LOCALES[language.value]);

/** Text of a key in the language on screen, with its values filled in. */
export const t = <K extends Key>(key: K, ...[fill]: Fill<K>): string => {
  const text: string = DICTIONARIES[language.value][key];
  const values: Readonly<Record<string, string | number>> = fill ?? {};
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => String(values[name] ?? mark));
};

/** Whether a name that came from the service has words here. */
export const isKey = (key: string): key is Key => Object.hasOwn(en, key);

/** Words of a name that the service gave, e.g. a reason; an unknown one is shown as it is, readable. */
export const named = (prefix: string, name: string): string => {
  const key = `${prefix}.${name}`;
  return isKey(key) ? DICTIONARIES[language.value][key] : name.replaceAll('-', ' ');
};

/** The side of a text of the service that is on screen. A number never parts from its unit, nor a range. */
export const say = (words: { readonly en: string; readonly zh: string }): string =>
  words[language.value].replace(/(\d) (?=\S)/g, '$1\u00a0').replace(/(\d)–(?=\d)/g, '$1\u2060–\u2060');

const STORE_KEY = 'precall.language';

/** What was chosen before, else what the browser speaks. */
export const chooseLanguage = (stored: string | null, spoken: readonly string[]): Language => {
  if (stored === 'en' || stored === 'zh') return stored;
  const first = spoken.find((tag) => /^(zh|en)\b/i.test(tag));
  return first?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
};

const show = (next: Language): void => {
  language.value = next;
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
};

export const startLanguage = (): void => show(chooseLanguage(remembered(), navigator.languages));

const remembered = (): string | null => {
  try {
    return localStorage.getItem(STORE_KEY);
  } catch {
    return null; // storage may be forbidden in a private window
  }
};

export const switchLanguage = (): void => {
  const next: Language = language.value === 'en' ? 'zh' : 'en';
  try {
    localStorage.setItem(STORE_KEY, next);
  } catch {
    // then it holds for this page only
  }
  show(next);
};
