import { holdsDerived, isDerived, SERIES_NAME } from '../../core/telemetry/derived.ts';
import type { Reading } from '../../core/telemetry/reading.ts';

/** One point of the measurement `reading`, checked, with its names made safe. */
export interface Point {
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: ReadonlyMap<string, number>;
  readonly timeNs: string;
}

export const MEASUREMENT = 'reading';
/** What the service worked out beside it: fields `METRIC.low` and so on, core/telemetry/derived.ts. */
export const DERIVED = 'derived';
/** Hourly values: fields `METRIC.min`, `.max`, `.mean`, `.count`. */
export const HOURLY = 'reading_1h';
/** Fields beside the metrics. No metric's name has a dot. */
export const SEQ = 'seq.';
export const BY_DEVICE = 'byDevice.';
export const RECEIVED = 'receivedAtMs.';
export const META: ReadonlySet<string> = new Set([SEQ, BY_DEVICE, RECEIVED]);

/** Places within one ms: nanoseconds. */
export const SLOTS = 1_000_000;
/** Times that InfluxDB holds: 64 bits of nanoseconds. */
export const MAX_MS = 9_223_372_036_000;
const MAX_NAME = 1_000;

export const measurementOf = (metric: string | undefined): string =>
  metric !== undefined && isDerived(metric) ? DERIVED : MEASUREMENT;
export const measurementOfRow = (row: Reading): string => (holdsDerived(row) ? DERIVED : MEASUREMENT);
/** A metric of such a name would hide a tag; InfluxDB 3 refuses it. */
const TAKEN: ReadonlySet<string> = new Set(['equipment', 'unit', 'time']);

export const fieldOf = (metric: string): string => (TAKEN.has(metric) ? `${metric}.` : metric);
export const metricOf = (field: string): string => (field.endsWith('.') ? field.slice(0, -1) : field);

/**
 * Line protocol can't hold a line break or a backslash at the end of a tag, and reads `\,` in two ways: these
 * characters, and the percent sign itself, are written as in a URL.
 */
export const safeTag = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
  text.replace(/[\u0000-\u001f\u007f\\%]/g, (char) => encodeURIComponent(char));

export const tagText = (tag: string): string =>
  tag.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Why InfluxDB can't hold this reading, or null. */
export const whyNot = (row: Reading): string | null => {
  if (row.equipment === '') return 'the equipment has no name';
  for (const text of [row.equipment, row.unit])
    if (text.length > MAX_NAME || !text.isWellFormed())
      return `the names of equipment and unit must be Unicode of at most ${MAX_NAME} characters`;
  if (!Number.isSafeInteger(row.tsMs) || Math.abs(row.tsMs) > MAX_MS)
    return `no time of InfluxDB: ${row.tsMs}`;
  if (!Number.isFinite(row.receivedAtMs)) return 'receivedAtMs must be Unix ms';
  if (row.seq !== null && !Number.isSafeInteger(row.seq)) return 'seq must be a whole number';
  for (const [metric, value] of Object.entries(row.values)) {
    if (!SERIES_NAME.test(metric)) return `no metric name: ${JSON.stringify(metric)}`;
    if (!Number.isFinite(value)) return `${metric} must be a finite number`;
  }
  return null;
};

/** `slot` keeps apart readings of one unit and ms. */
export const pointOf = (row: Reading, slot: number): Point => {
  const fields = new Map<string, number>();
  for (const [metric, value] of Object.entries(row.values)) fields.set(fieldOf(metric), value);
  if (row.seq !== null) fields.set(SEQ, row.seq);
  fields.set(BY_DEVICE, row.tsSource === 'device' ? 1 : 0);
  fields.set(RECEIVED, row.receivedAtMs);
  return {
    tags: tagsOf(row.equipment, row.unit),
    fields,
    timeNs: (BigInt(row.tsMs) * BigInt(SLOTS) + BigInt(slot)).toString(),
  };
};

export const tagsOf = (equipment: string, unit: string): Point['tags'] => ({
  equipment: safeTag(equipment),
  ...(unit === '' ? {} : { unit: safeTag(unit) }),
});

const escaped = (text: string): string => text.replace(/[ ,=]/g, (char) => `\\${char}`);
/** JavaScript writes -0 as 0. */
const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** One line of line protocol. */
export const lineOf = ({ tags, fields, timeNs }: Point, measurement: string = MEASUREMENT): string => {
  const named = Object.entries(tags).map(([name, value]) => `,${name}=${escaped(value)}`);
  const measured = [...fields].map(([name, value]) => `${name}=${numberText(value)}`);
  return `${measurement}${named.join('')} ${measured.join(',')} ${timeNs}`;
};
