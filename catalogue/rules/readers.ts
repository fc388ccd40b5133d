import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { durationMs, durationText } from '../../core/rules/duration.ts';
import type { DurationField, NumberField } from '../../core/rules/fields.ts';
import { nearest } from '../../core/rules/nearest.ts';
import { type Page, shown } from './page.ts';

/** Takes a value from a place in the file; null: it can't be, and an error was told. */
export type Read<T> = (page: Page, node: Node | null, path: string) => T | null;

/** A key as it is written, and under which name its value is wanted. */
export interface Entry {
  readonly name: string;
  readonly read: Read<unknown>;
}

export const didYouMean = (word: string, known: readonly string[]): string => {
  const meant = nearest(word, known);
  return meant === null ? `known: ${known.join(', ')}` : `did you mean ${meant}?`;
};

const isNothing = (node: Node | null): boolean => node === null || (isScalar(node) && node.value === null);

const keyOf = (key: unknown): string | null =>
  isScalar(key) && typeof key.value !== 'object' ? (key.source ?? String(key.value)) : null;

const at = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/**
 * A map of these keys, each at most once. Gives what could be read, also where other keys are wrong; an empty
 * value is an empty map, as where everything below a key is commented out.
 */
export const mapOf =
  (entries: ReadonlyMap<string, Entry>): Read<Record<string, unknown>> =>
  (page, node, path) => {
    const map = page.resolved(node);
    if (isNothing(map)) return {};
    if (!isMap(map)) {
      page.error(node, path, `expected a map of ${[...entries.keys()].join(', ')}, got ${shown(map)}`);
      return null;
    }
    const values: Record<string, unknown> = {};
    const seen = new Set<string>();
    for (const { key: keyNode, value } of map.items) {
      const key = keyOf(page.resolved(keyNode as Node | null));
      const here = at(path, key ?? '?');
      const entry = key === null ? undefined : entries.get(key);
      if (key === null) page.error(keyNode as Node | null, here, 'expected a name as key');
      else if (seen.has(key)) page.error(keyNode as Node, here, 'stands twice; keep one');
      else if (!entry)
        page.error(keyNode as Node, here, `is not known; ${didYouMean(key, [...entries.keys()])}`);
      else values[entry.name] = entry.read(page, (value as Node | null) ?? (keyNode as Node), here);
      if (key !== null) seen.add(key);
    }
    return values;
  };

/** A list of at most `most`; members that can't be read are left out. */
export const listOf =
  <T>(read: Read<T>, most: number): Read<readonly T[]> =>
  (page, node, path) => {
    const list = page.resolved(node);
    if (isNothing(list)) return [];
    if (!isSeq(list)) {
      page.error(node, path, `expected a list, got ${shown(list)}`);
      return null;
    }
    if (list.items.length > most)
      page.error(node, path, `has ${list.items.length} entries, at most ${most} are allowed`);
    return list.items
      .slice(0, most)
      .map((item, i) => read(page, item as Node | null, `${path}[${i}]`))
      .filter((value): value is T & {} => value !== null);
  };

const scalar =
  <T>(expected: string, take: (value: unknown, source: string) => T | null): Read<T> =>
  (page, node, path) => {
    const found = page.resolved(node);
    const value = isScalar(found) ? take(found.value, found.source ?? String(found.value)) : null;
    if (value === null) page.error(node, path, `expected ${expected}, got ${shown(found)}`);
    return value;
  };

export const truth: Read<boolean> = scalar('true or false', (value) =>
  typeof value === 'boolean' ? value : null,
);

export const numberIn = ({ least, most, isWhole }: NumberField): Read<number> => {
  const what = isWhole ? 'a whole number' : 'a number';
  const read = scalar(what, (value) =>
    typeof value === 'number' && Number.isFinite(value) && (!isWhole || Number.isInteger(value))
      ? value
      : null,
  );
  return (page, node, path) => {
    const value = read(page, node, path);
    if (value === null || (value >= least && value <= most)) return value;
    page.error(node, path, `must be ${least} to ${most}, got ${value}`);
    return null;
  };
};

/** Also read without quotes where the text looks like a number or a truth value. */
export const textLike = (pattern: RegExp, expected: string): Read<string> =>
  scalar(expected, (value, source) => {
    const text = typeof value === 'string' ? value : value === null ? '' : source;
    return pattern.test(text) ? text : null;
  });

export const oneOf = <T extends string>(names: readonly T[]): Read<T> =>
  scalar(`one of ${names.join(', ')}`, (value) => names.find((name) => name === value) ?? null);

export const durationIn = ({ leastMs, mostMs }: Pick<DurationField, 'leastMs' | 'mostMs'>): Read<number> => {
  const read = scalar('a duration such as 90s or 14d', (value) =>
    typeof value === 'string' ? durationMs(value) : null,
  );
  return (page, node, path) => {
    const ms = read(page, node, path);
    if (ms === null || (ms >= leastMs && ms <= mostMs)) return ms;
    const limits = `${durationText(leastMs)} to ${durationText(mostMs)}`;
    page.error(node, path, `must be ${limits}, got ${durationText(ms)}`);
    return null;
  };
};
