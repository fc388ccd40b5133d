import type { Words } from '../../core/fault/catalogue.ts';
import { EQUIPMENT_ID } from '../../core/telemetry/limits.ts';

/** One JSON value that knows where it stands, so that an error can say so. Every reader throws an Error. */
export interface At {
  readonly value: unknown;
  readonly path: string;
}

export const wrong = ({ path }: At, expected: string): never => {
  throw new Error(`${path || 'the file'}: must be ${expected}`);
};

export const isGiven = ({ value }: At): boolean => value !== undefined && value !== null;

/** The fields of an object, by name; a field that is not `known` is an error. */
export const fields = (at: At, known: readonly string[]): ((name: string) => At) => {
  const { value, path } = at;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(at, 'an object');
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw new Error(`${path}/${name}: unknown; known are ${known.join(', ')}`);
  }
  return (name) => ({ value: (value as Record<string, unknown>)[name], path: `${path}/${name}` });
};

export const text = (at: At): string =>
  typeof at.value === 'string' && at.value.length > 0 && at.value.length <= 200
    ? at.value
    : wrong(at, 'a text of 1 to 200 characters');

/** A name in both languages. */
export const words = (at: At): Words => {
  const field = fields(at, ['en', 'zh']);
  return { en: text(field('en')), zh: text(field('zh')) };
};

export const id = (at: At): string =>
  typeof at.value === 'string' && EQUIPMENT_ID.test(at.value)
    ? at.value
    : wrong(at, '1 to 64 of the letters A–Z a–z, digits, _ and -');

export const number = (at: At, low: number, high: number): number =>
  typeof at.value === 'number' && at.value >= low && at.value <= high
    ? at.value
    : wrong(at, `a number from ${low} to ${high}`);

export const whole = (at: At, low: number, high: number): number =>
  Number.isInteger(at.value) ? number(at, low, high) : wrong(at, `a whole number from ${low} to ${high}`);

export const range = (at: At, low: number, high: number): readonly [number, number] => {
  if (!Array.isArray(at.value) || at.value.length !== 2) return wrong(at, 'a pair [from, to]');
  const from = number({ value: at.value[0], path: `${at.path}/0` }, low, high);
  return [from, number({ value: at.value[1], path: `${at.path}/1` }, from, high)];
};

export const list = <T>(at: At, most: number, read: (entry: At) => T): readonly T[] => {
  if (!Array.isArray(at.value) || at.value.length > most)
    return wrong(at, `a list of at most ${most} entries`);
  return at.value.map((value: unknown, index) => read({ value, path: `${at.path}/${index}` }));
};

/** One of the names of an object. */
export const oneOf = <T extends string>(at: At, names: readonly T[]): T =>
  (names as readonly unknown[]).includes(at.value)
    ? (at.value as T)
    : wrong(at, `one of ${names.join(', ')}`);

export const timeZone = (at: At): string => {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: text(at) }).resolvedOptions().timeZone;
  } catch {
    return wrong(at, 'an IANA time zone such as Asia/Shanghai');
  }
};

/** What is given, else nothing: for optional fields of a type that knows no `undefined`. */
export const optional = <K extends string, T>(
  name: K,
  at: At,
  read: (at: At) => T,
): { readonly [key in K]?: T } => (isGiven(at) ? ({ [name]: read(at) } as { [key in K]: T }) : {});
