import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Reading } from '../../core/telemetry/reading.ts';
import { MAX_WHOLE } from './chunk.column.ts';
import { pointsIn } from './chunk.merge.ts';
import { SQLITE_FULL, sqliteCode, transaction } from './file.ts';
import { chunkStore, type Owner } from './telemetry.chunks.ts';
import { expirer } from './telemetry.expire.ts';
import { hourlyWriter } from './telemetry.hours.ts';
import { storeRows } from './telemetry.place.ts';
import { shelfOfReading } from './telemetry.shelf.ts';

/** What the thread that writes telemetry answers: one transaction per call. */
export interface Written {
  /** Numbers that are new, and numbers that were there already. */
  readonly stored: number;
  readonly duplicates: number;
  /** Equipment with something new. */
  readonly equipment: readonly string[];
}

/** Ids of owners kept in memory; the least recently used goes first. */
const MAX_OWNERS = 50_000;

const ownerBook = (db: DatabaseSync) => {
  const known = new Map<string, Owner>();
  const find = db.prepare('SELECT id FROM owner WHERE equipment = ? AND unit = ?');
  const add = db.prepare('INSERT INTO owner (equipment, unit) VALUES (?, ?) RETURNING id');
  return {
    of: (key: string, equipment: string, unit: string): Owner => {
      const kept = known.get(key);
      const row =
        kept ?? ((find.get(equipment, unit) ?? add.get(equipment, unit)) as { readonly id: number });
      const owner = kept ?? { id: row.id, equipment, unit };
      known.delete(key);
      known.set(key, owner);
      if (known.size > MAX_OWNERS) known.delete(known.keys().next().value!);
      return owner;
    },
    /** After a rollback: an id may never have been stored. */
    forget: (): void => known.clear(),
  };
};

interface Newest {
  first: number;
  last: number;
  seq: number;
  received: number;
  value: number;
}

/**
 * First time and newest value by metric, of rows in any order. Of one time and number the later row counts:
 * it came without a time of its own, or it would be a duplicate.
 */
const newestOf = (rows: readonly Reading[]): Map<string, Newest> => {
  const metrics = new Map<string, Newest>();
  for (const { tsMs, seq, receivedAtMs, values } of rows) {
    for (const metric of Object.keys(values)) {
      const value = values[metric]!;
      const known = metrics.get(metric);
      const fresh = { last: tsMs, seq: seq ?? 0, received: receivedAtMs, value };
      if (!known) metrics.set(metric, { first: tsMs, ...fresh });
      else {
        known.first = Math.min(known.first, tsMs);
        if (tsMs > known.last || (tsMs === known.last && fresh.seq >= known.seq)) Object.assign(known, fresh);
      }
    }
  }
  return metrics;
};

const seriesBook = (db: DatabaseSync) => {
  const newer = '(excluded.last, excluded.seq) >= (last, seq)';
  const upsert = db.prepare(`
    INSERT INTO series (owner, metric, first, last, seq, received, value) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (owner, metric) DO UPDATE SET
      first = min(first, excluded.first),
      received = iif(${newer}, excluded.received, received),
      value = iif(${newer}, excluded.value, value),
      seq = iif(${newer}, excluded.seq, seq),
      last = max(last, excluded.last)`);
  return (owner: Owner, added: readonly Reading[]): void => {
    for (const [metric, { first, last, seq, received, value }] of newestOf(added))
      upsert.run(owner.id, metric, first, last, seq, received, value);
  };
};

const isTime = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= MAX_WHOLE;

/** What comes here was checked at the boundary: anything else is a bug of the caller. */
const refuseBadReading = (reading: Reading): void => {
  const of = `a reading of ${reading.equipment}`;
  if (!isTime(reading.tsMs)) throw new TypeError(`${of}: tsMs must be whole Unix ms, got ${reading.tsMs}`);
  if (!isTime(reading.receivedAtMs))
    throw new TypeError(`${of}: receivedAtMs must be whole Unix ms, got ${reading.receivedAtMs}`);
  if (reading.seq !== null && !Number.isSafeInteger(reading.seq))
    throw new TypeError(`${of}: seq must be a whole number or null, got ${reading.seq}`);
  for (const [metric, value] of Object.entries(reading.values))
    if (!Number.isFinite(value))
      throw new TypeError(`${of}: ${metric} must be a finite number, got ${value}`);
};

/** Readings by owner, in order of arrival. */
const byOwner = (readings: readonly Reading[]): Map<string, Reading[]> => {
  const groups = new Map<string, Reading[]>();
  for (const reading of readings) {
    const shelf = shelfOfReading(reading);
    // The length keeps ('ab', 'c') and ('a', 'bc') apart.
    const key = `${shelf.length}:${shelf}${reading.unit}`;
    const group = groups.get(key);
    if (group) group.push(reading);
    else groups.set(key, [reading]);
  }
  return groups;
};

export const telemetryWriterCalls = (db: DatabaseSync, path: string) => {
  const owners = ownerBook(db);
  const chunks = chunkStore(db, path);
  const noteSeries = seriesBook(db);
  const count = db.prepare('UPDATE total SET points = points + ?');

  const store = (readings: readonly Reading[]): Written => {
    const equipment = new Set<string>();
    let stored = 0;
    for (const [key, rows] of byOwner(readings)) {
      const [first] = rows as [Reading];
      const owner = owners.of(key, shelfOfReading(first), first.unit);
      const added = storeRows(chunks, owner, rows);
      if (added.length === 0) continue;
      noteSeries(owner, added);
      stored += pointsIn(added);
      // Nobody waits for what was only worked out.
      if (owner.equipment === first.equipment) equipment.add(owner.equipment);
    }
    if (stored > 0) count.run(stored);
    return { stored, duplicates: pointsIn(readings) - stored, equipment: [...equipment] };
  };

  const write = (readings: readonly Reading[]): Written => {
    const measured = readings.filter(({ values }) => Object.keys(values).length > 0);
    for (const reading of measured) refuseBadReading(reading);
    try {
      return transaction(db, () => store(measured));
    } catch (cause) {
      owners.forget();
      if (sqliteCode(cause) !== SQLITE_FULL) throw cause;
      throw new Error(`the disk under ${dirname(path)} is full: free some room`);
    }
  };

  const hours = hourlyWriter(db, path);
  return {
    write,
    rollUp: hours.rollUp,
    expireHours: hours.expire,
    expire: expirer(db, chunks),
    close: () => db.close(),
  };
};
