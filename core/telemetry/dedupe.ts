import { SEQ_IDENTITY_MS } from './limits.ts';
import type { Reading } from './reading.ts';

/**
 * What was heard lately of one equipment, so that a message sent twice counts once. Older repeats need
 * no memory: `order` drops whatever comes from before its watermark.
 */
export interface Heard {
  /** Metrics by `unit|ts|seq`, or by `unit||seq|digest of the values` where the device gave no time; oldest first. */
  readonly keys: Map<string, { readonly tsMs: number; readonly metrics: readonly string[] }>;
  newestMs: number;
}

/** Identities kept per equipment, at most; and for how long behind the newest. */
export const MAX_HEARD = 2_048;
const KEEP_MS = 60_000;

export const newHeard = (): Heard => ({ keys: new Map(), newestMs: 0 });

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), 32 bits. */
const fnv = (text: string, start: number): number => {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

/** 64 bits that tell values apart, so that 64 numbers need not be kept for each reading. */
const digestOf = ({ values }: Reading): string => {
  const text = Object.keys(values)
    .sort()
    .map((metric) => `${metric}=${values[metric]}`)
    .join(';');
  return `${fnv(text, 0x811c9dc5).toString(36)}.${fnv(text, 0x1b873593).toString(36)}`;
};

const keyOf = (reading: Reading): string | null => {
  const { unit, tsMs, tsSource, seq } = reading;
  if (tsSource === 'device') return `${unit}|${tsMs}|${seq ?? 0}`;
  // Other values under a known number: the device has started again and counts anew.
  return seq === null ? null : `${unit}||${seq}|${digestOf(reading)}`;
};

/** A key without a device time is good for ten minutes of receive time; one with it, for a minute. */
const isOver = (key: string, tsMs: number, newestMs: number): boolean =>
  newestMs - tsMs > (key.includes('||') ? SEQ_IDENTITY_MS : KEEP_MS);

const forget = (heard: Heard): void => {
  for (const [key, { tsMs }] of heard.keys) {
    if (heard.keys.size <= MAX_HEARD && !isOver(key, tsMs, heard.newestMs)) return;
    heard.keys.delete(key);
  }
};

/**
 * The reading, or what of it is new, or null when nothing is. A reading without time and `seq` has no
 * identity and always passes.
 */
export const firstHearing = (heard: Heard, reading: Reading): Reading | null => {
  const key = keyOf(reading);
  if (key === null) return reading;
  const known = heard.keys.get(key);
  const names = Object.keys(reading.values);
  // The device may be minutes ahead; the receive time bounds how far it moves the memory.
  heard.newestMs = Math.max(heard.newestMs, Math.min(reading.tsMs, reading.receivedAtMs));
  if (!known || isOver(key, known.tsMs, heard.newestMs)) {
    heard.keys.delete(key);
    heard.keys.set(key, { tsMs: reading.tsMs, metrics: names });
    forget(heard);
    return reading;
  }
  const fresh = names.filter((name) => !known.metrics.includes(name));
  if (fresh.length === 0) return null;
  heard.keys.set(key, { tsMs: known.tsMs, metrics: [...known.metrics, ...fresh] });
  const values = Object.fromEntries(fresh.map((name) => [name, reading.values[name] as number]));
  return { ...reading, values };
};

/**
 * As JSON values, small: hundreds of readings of one machine differ in time and number by a little. A key with a device
 * time is four numbers (unit, time and `seq` since the key before, metrics), another is its text, time and metrics.
 */
export interface SavedHeard {
  readonly newestMs: number;
  readonly units: readonly string[];
  readonly metrics: readonly (readonly string[])[];
  readonly keys: readonly (number | string)[];
}

/** Gives each different value the number of its first appearance. */
const numbering = <T>(nameOf: (value: T) => string) => {
  const numbers = new Map<string, number>();
  const list: T[] = [];
  return {
    list,
    numberOf: (value: T): number => {
      const name = nameOf(value);
      const known = numbers.get(name);
      if (known !== undefined) return known;
      numbers.set(name, list.length);
      list.push(value);
      return list.length - 1;
    },
  };
};

export const heardToJson = (heard: Heard): SavedHeard => {
  const units = numbering<string>((unit) => unit);
  const metrics = numbering<readonly string[]>((names) => names.join('|'));
  const keys: (number | string)[] = [];
  let beforeMs = 0;
  let beforeSeq = 0;
  for (const [key, { tsMs, metrics: names }] of heard.keys) {
    const [unit = '', time = '', seq = ''] = key.split('|');
    if (time === '') keys.push(key, tsMs, metrics.numberOf(names));
    else {
      keys.push(units.numberOf(unit), tsMs - beforeMs, Number(seq) - beforeSeq, metrics.numberOf(names));
      beforeMs = tsMs;
      beforeSeq = Number(seq);
    }
  }
  return { newestMs: heard.newestMs, units: units.list, metrics: metrics.list, keys };
};

/** Checkpoints of before held each key with its metrics. */
type OldHeard = Pick<Heard, 'newestMs'> & {
  readonly keys: readonly (readonly [
    string,
    { readonly tsMs: number; readonly metrics: readonly string[] },
  ])[];
};

const isOld = (saved: SavedHeard | OldHeard): saved is OldHeard => !('units' in saved);

export const heardFromJson = (saved: SavedHeard | OldHeard): Heard => {
  if (isOld(saved)) return { newestMs: saved.newestMs, keys: new Map(saved.keys) };
  const heard: Heard = { newestMs: saved.newestMs, keys: new Map() };
  const { units, metrics, keys } = saved;
  let tsMs = 0;
  let seq = 0;
  for (let i = 0; i < keys.length; ) {
    const first = keys[i] as number | string;
    const [a = 0, b = 0, c = 0] = keys.slice(i + 1, i + 4) as number[];
    if (typeof first === 'string') {
      heard.keys.set(first, { tsMs: a, metrics: metrics[b] ?? [] });
      i += 3;
      continue;
    }
    tsMs += a;
    seq += b;
    heard.keys.set(`${units[first]}|${tsMs}|${seq}`, { tsMs, metrics: metrics[c] ?? [] });
    i += 4;
  }
  return heard;
};
