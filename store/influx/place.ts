import { SEQ_IDENTITY_MS } from '../../core/telemetry/limits.ts';
import type { Reading } from '../../core/telemetry/reading.ts';
import { SLOTS } from './point.ts';
import type { Held } from './query.ts';

/** A new reading, or the new values of one, with its place and the reading that it came as. */
export interface Fresh extends Held {
  readonly source: Reading;
}

const hasSameValues = (a: Reading, b: Reading): boolean => {
  const metrics = Object.keys(a.values);
  return (
    metrics.length === Object.keys(b.values).length &&
    metrics.every((metric) => Object.hasOwn(b.values, metric) && a.values[metric] === b.values[metric])
  );
};

/**
 * The same number puts a reading at the same place again, so that a write that was cut off may be repeated. Who is alone in
 * its ms gets the first place: times of whole ms are packed into a third of the bytes (nine columns of them to a reading of
 * six metrics).
 */
const firstSlot = (seq: number): number => ((seq % (SLOTS / 2)) + SLOTS / 2) % (SLOTS / 2);

/**
 * What is new of an equipment's readings, given the rows of their time that the server holds: by the identity of
 * a reading, the first value stays. Each gets a free place within its ms, behind its equals.
 */
export const placeRows = (held: readonly Held[], incoming: readonly Reading[]): Fresh[] => {
  const byMs = new Map<string, { readonly row: Reading; readonly slot: number; values: Set<string> }[]>();
  const numbered = new Map<string, Reading[]>();
  const msKey = ({ unit, tsMs }: Reading): string => `${tsMs}/${unit}`;
  const seqKey = ({ unit, seq }: Reading): string => `${seq}/${unit}`;
  const hold = ({ row, slot }: Held): void => {
    const there = byMs.get(msKey(row)) ?? [];
    there.push({ row, slot, values: new Set(Object.keys(row.values)) });
    byMs.set(msKey(row), there);
    if (row.tsSource === 'device' || row.seq === null) return;
    numbered.set(seqKey(row), [...(numbered.get(seqKey(row)) ?? []), row]);
  };
  for (const one of held) hold(one);
  const fresh: Fresh[] = [];
  for (const row of incoming) {
    const isDevice = row.tsSource === 'device';
    const there = byMs.get(msKey(row)) ?? [];
    const equals = there.filter((other) => (other.row.seq ?? 0) === (row.seq ?? 0));
    const same = isDevice ? equals.find((other) => other.row.tsSource === 'device') : undefined;
    if (same) {
      const left = Object.entries(row.values).filter(([metric]) => !same.values.has(metric));
      if (left.length === 0) continue;
      for (const [metric] of left) same.values.add(metric);
      // It joins the row that is there, with that one's number and time of receiving.
      const joined = { ...same.row, values: Object.fromEntries(left) };
      fresh.push({ row: joined, slot: same.slot, source: row });
      continue;
    }
    const isResent =
      !isDevice &&
      row.seq !== null &&
      (numbered.get(seqKey(row)) ?? []).some(
        (other) => Math.abs(other.tsMs - row.tsMs) <= SEQ_IDENTITY_MS && hasSameValues(row, other),
      );
    if (isResent) continue;
    const taken = new Set(there.map(({ slot }) => slot));
    let slot =
      there.length === 0 ? 0 : Math.max(firstSlot(row.seq ?? 0), ...equals.map((other) => other.slot + 1));
    while (taken.has(slot)) slot++;
    hold({ row, slot });
    fresh.push({ row, slot, source: row });
  }
  return fresh;
};
