/**
 * JSON text columns are ours, but a ledger lives for ten years and hands may have been in it: what does
 * not fit reads as empty instead of crashing whoever lists.
 */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const readList = <T>(text: string, fits: (item: unknown) => item is T): readonly T[] => {
  const value = parse(text);
  return Array.isArray(value) ? value.filter(fits) : [];
};

export const readStrings = (text: string): readonly string[] =>
  readList(text, (item): item is string => typeof item === 'string');

export const readRecord = (text: string): Readonly<Record<string, unknown>> => {
  const value = parse(text);
  return isRecord(value) ? value : {};
};

/** Text from outside as any database takes it: no U+0000, no half of a surrogate pair. */
export const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();
