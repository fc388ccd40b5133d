import { SEQ_IDENTITY_MS } from '../../core/telemetry/limits.ts';
import type { Reading } from '../../core/telemetry/reading.ts';
import { TelemetryDownError, TelemetryRefusedError } from '../telemetry.ts';
import { type Fresh, placeRows } from './place.ts';
import { lineOf, measurementOfRow, pointOf, whyNot } from './point.ts';
import { heldOf, isTag, timeOf, within } from './query.ts';
import { RejectedError, type Transport } from './transport.ts';

/** Lines of one request. */
export const PART = 2_000;
const MAX_EQUIPMENT = 50_000;
const MAX_WAITING = 1_000;

export interface WriteCounters {
  duplicates: number;
  /** Batches for which the server was asked what it holds, and those newer than all it holds. */
  looks: number;
  skippedLooks: number;
  waiting: number;
}

/** Readings of one equipment that go into one measurement. */
interface Group {
  readonly equipment: string;
  readonly measurement: string;
  readonly rows: Reading[];
}

const keyOf = ({ equipment, measurement }: Omit<Group, 'rows'>): string => `${measurement}/${equipment}`;

const groupsOf = (rows: readonly Reading[]): ReadonlyMap<string, Group> => {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const { equipment } = row;
    const measurement = measurementOfRow(row);
    const known = groups.get(keyOf({ equipment, measurement }));
    if (known) known.rows.push(row);
    else groups.set(keyOf({ equipment, measurement }), { equipment, measurement, rows: [row] });
  }
  return groups;
};

const pointsIn = (row: Reading): number => Object.keys(row.values).length;

/**
 * Writes readings once each, one batch at a time. `onStored` hears of the new rows of each part,
 * `onUnsure` of the equipments of a part that failed and may have been stored all the same.
 */
export const startWriter = (
  transport: Transport,
  onStored: (rows: readonly Reading[]) => void,
  onUnsure: (equipment: readonly string[]) => void,
) => {
  /** The newest time that the server may hold of an equipment. Forgotten when a write fails: it may have arrived. */
  const newest = new Map<string, number>();
  const counters: WriteCounters = { duplicates: 0, looks: 0, skippedLooks: 0, waiting: 0 };
  let last: Promise<unknown> = Promise.resolve();

  const newestOf = async ({ equipment, measurement }: Omit<Group, 'rows'>): Promise<number> => {
    const known = newest.get(keyOf({ equipment, measurement }));
    if (known !== undefined) return known;
    const [tables = []] = await transport.query(
      `SELECT * FROM ${measurement} WHERE ${isTag('equipment', equipment)} ORDER BY time DESC LIMIT 1`,
    );
    const time = tables[0]?.values[0]?.[tables[0].columns.indexOf('time')];
    return time === undefined ? Number.NEGATIVE_INFINITY : timeOf(String(time)).ms;
  };

  const freshOf = async (group: Group): Promise<Fresh[]> => {
    const { equipment, measurement, rows } = group;
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    for (const { tsMs, tsSource, seq } of rows) {
      const aroundMs = tsSource === 'receive' && seq !== null ? SEQ_IDENTITY_MS : 0;
      from = Math.min(from, tsMs - aroundMs);
      to = Math.max(to, tsMs + aroundMs);
    }
    const known = await newestOf(group);
    newest.delete(keyOf(group));
    newest.set(keyOf(group), Math.max(known, ...rows.map(({ tsMs }) => tsMs)));
    if (newest.size > MAX_EQUIPMENT) newest.delete(newest.keys().next().value!);
    if (from > known) {
      counters.skippedLooks++;
      return placeRows([], rows);
    }
    counters.looks++;
    const [tables = []] = await transport.query(
      `SELECT * FROM ${measurement} WHERE ${isTag('equipment', equipment)} AND ${within(from, to + 1)}`,
    );
    return placeRows(heldOf(equipment, tables), rows);
  };

  /** Halves what was refused until only the bad ones are left; the good ones of a refused batch may be in already. */
  const send = async (
    rows: readonly Fresh[],
  ): Promise<{ readonly bad: readonly Fresh[]; readonly reason: string }> => {
    if (rows.length === 0) return { bad: [], reason: '' };
    try {
      await transport.write(rows.map(({ row, slot }) => lineOf(pointOf(row, slot), measurementOfRow(row))));
      return { bad: [], reason: '' };
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      if (rows.length === 1) return { bad: rows, reason: error.message };
      const half = rows.length >> 1;
      const [one, two] = [await send(rows.slice(0, half)), await send(rows.slice(half))];
      return { bad: [...one.bad, ...two.bad], reason: one.reason || two.reason };
    }
  };

  const writePart = async (rows: readonly Reading[]) => {
    const groups = groupsOf(rows);
    try {
      const fresh: Fresh[] = [];
      for (const group of groups.values()) fresh.push(...(await freshOf(group)));
      const { bad, reason } = await send(fresh);
      const good = bad.length === 0 ? fresh : fresh.filter((one) => !bad.includes(one));
      let stored = 0;
      for (const { row } of good) stored += pointsIn(row);
      let points = 0;
      for (const row of rows) points += pointsIn(row);
      for (const { row } of bad) points -= pointsIn(row);
      counters.duplicates += points - stored;
      if (good.length > 0) onStored(good.map(({ row }) => row));
      return { stored, duplicates: points - stored, refused: bad.map(({ source }) => source), reason };
    } catch (error) {
      for (const key of groups.keys()) newest.delete(key);
      onUnsure([...new Set(rows.map(({ equipment }) => equipment))]);
      throw error;
    }
  };

  const writeAll = async (readings: readonly Reading[]) => {
    const sound: Reading[] = [];
    const refused: Reading[] = [];
    let [stored, duplicates, reason] = [0, 0, ''];
    for (const row of readings) {
      const why = whyNot(row);
      if (why) refused.push(row);
      else sound.push(row);
      reason ||= why ?? '';
    }
    for (let at = 0; at < sound.length; at += PART) {
      const part = await writePart(sound.slice(at, at + PART));
      stored += part.stored;
      duplicates += part.duplicates;
      refused.push(...part.refused);
      reason ||= part.reason;
    }
    if (refused.length > 0) throw new TelemetryRefusedError(reason, { refused, stored, duplicates });
    return { stored, duplicates };
  };

  const write = async (readings: readonly Reading[]) => {
    if (counters.waiting >= MAX_WAITING)
      throw new TelemetryDownError(`${MAX_WAITING} writes wait for InfluxDB`);
    counters.waiting++;
    const mine = last.then(() => writeAll(readings));
    last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      counters.waiting--;
    }
  };
  return { write, counters: (): Readonly<WriteCounters> => ({ ...counters }), idle: () => last };
};
