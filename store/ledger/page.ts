import { CursorError, type Page, type PageQuery } from '../ledger.ts';

const MAX_ROWS = 10_000;
type Key = readonly (string | number)[];

/** How many rows a page may have: what was asked for, at most 10,000. */
export const pageLimit = ({ limit }: PageQuery): number => {
  if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`limit must be at least 1, not ${limit}`);
  return Math.min(limit, MAX_ROWS);
};

const encode = (key: Key): string => Buffer.from(JSON.stringify(key)).toString('base64url');

const decode = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
};

const read = <K extends Key>(
  { cursor }: PageQuery,
  fits: (value: readonly unknown[]) => boolean,
): K | null => {
  if (cursor === undefined) return null;
  const value = decode(cursor);
  if (!Array.isArray(value) || !fits(value)) throw new CursorError(cursor);
  return value as unknown as K;
};

/** The id after which the page begins; before every id at the first page. @throws CursorError */
export const afterId = (page: PageQuery): string =>
  read<[string]>(page, (key) => key.length === 1 && typeof key[0] === 'string')?.[0] ?? '';

/** The row number before which the page begins, after every number at the first page. @throws CursorError */
export const beforeNumber = (page: PageQuery): number =>
  read<[number]>(page, (key) => key.length === 1 && Number.isSafeInteger(key[0]))?.[0] ??
  Number.MAX_SAFE_INTEGER;

/** The time and id before which the page begins, after every time at the first page. @throws CursorError */
export const beforeTime = (page: PageQuery): readonly [number, string] =>
  read<[number, string]>(
    page,
    (key) => key.length === 2 && Number.isSafeInteger(key[0]) && typeof key[1] === 'string',
  ) ?? [Number.MAX_SAFE_INTEGER, ''];

/** `rows` were read with one more than `limit`, to know whether there is a next page. */
export const pageOf = <R, T>(
  rows: readonly R[],
  limit: number,
  keyOf: (row: R) => Key,
  toItem: (row: R) => T,
): Page<T> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: shown.map(toItem),
    next: rows.length > limit && last !== undefined ? encode(keyOf(last)) : null,
  };
};
