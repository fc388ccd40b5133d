import type { Reading } from '../../core/telemetry/reading.ts';
import { BY_DEVICE, MAX_MS, META, metricOf, RECEIVED, SEQ, SLOTS, safeTag, tagText } from './point.ts';

/** What `/query` answers for one statement. */
export interface Table {
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | null)[])[];
}

/** A row with its place within its ms. */
export interface Held {
  readonly row: Reading;
  readonly slot: number;
}

export const stringLit = (text: string): string => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
export const nameLit = (text: string): string => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;

/** The tag of an equipment or unit in a condition. */
export const isTag = (name: 'equipment' | 'unit', text: string): string =>
  `${nameLit(name)} = ${stringLit(safeTag(text))}`;

const clamped = (ms: number): number => Math.ceil(Math.max(-MAX_MS, Math.min(MAX_MS, ms)));

/** Half-open, whole ms. */
export const within = (fromMs: number, toMs: number): string =>
  `time >= ${clamped(fromMs)}ms AND time < ${clamped(toMs)}ms`;

/** Time comes as text: a number would lose the nanoseconds. */
export const timeOf = (text: string): { readonly ms: number; readonly slot: number } => {
  const [seconds = '', fraction = ''] = text.slice(0, -1).split('.');
  const ns = Number(fraction.padEnd(9, '0'));
  return { ms: Date.parse(`${seconds}Z`) + Math.floor(ns / SLOTS), slot: ns % SLOTS };
};

/** Rows of `SELECT *`. */
export const heldOf = (equipment: string, tables: readonly Table[]): Held[] =>
  tables.flatMap(({ columns, values }) =>
    values.map((cells) => {
      const named = new Map(columns.map((column, i) => [column, cells[i] ?? null]));
      const { ms, slot } = timeOf(String(named.get('time')));
      const numbers = [...named].filter(
        (entry): entry is [string, number] => typeof entry[1] === 'number' && !META.has(entry[0]),
      );
      return {
        slot,
        row: {
          equipment,
          unit: tagText(String(named.get('unit') ?? '')),
          tsMs: ms,
          tsSource: named.get(BY_DEVICE) === 1 ? 'device' : 'receive',
          seq: named.get(SEQ) as number | null,
          receivedAtMs: Number(named.get(RECEIVED)),
          values: Object.fromEntries(numbers.map(([field, value]) => [metricOf(field), value])),
        },
      } satisfies Held;
    }),
  );
