import type { DatabaseSync } from 'node:sqlite';
import {
  HOUR_MS,
  HOURLY_PARTS,
  type Hourly,
  hourlyName,
  hourOf,
  hourRuns,
} from '../../core/telemetry/hours.ts';
import type { Reading } from '../../core/telemetry/reading.ts';
import type { SeriesQuery } from '../telemetry.ts';
import { decodeChunk, decodeMetric, encodeChunk } from './chunk.ts';
import { transaction } from './file.ts';
import { chunkBodies, type Owner, unpacking } from './telemetry.chunks.ts';

const WEEK_MS = 168 * HOUR_MS;
const weekOf = (tsMs: number): number => Math.floor(tsMs / WEEK_MS);

type Hours = Map<number, Map<string, { -readonly [P in keyof Hourly]: number }>>;

const addReading = (hours: Hours, { tsMs, values }: Reading): void => {
  const hourMs = hourOf(tsMs);
  const metrics = hours.get(hourMs) ?? new Map();
  hours.set(hourMs, metrics);
  for (const [metric, value] of Object.entries(values)) {
    const hour = metrics.get(metric);
    if (!hour) {
      metrics.set(metric, { min: value, max: value, mean: value, count: 1 });
      continue;
    }
    hour.min = Math.min(hour.min, value);
    hour.max = Math.max(hour.max, value);
    hour.count += 1;
    // A running mean: a sum of huge values could overflow.
    hour.mean += value / hour.count - hour.mean / hour.count;
  }
};

const rowOf = (owner: Owner, hourMs: number, metrics: ReadonlyMap<string, Hourly>): Reading => ({
  equipment: owner.equipment,
  unit: owner.unit,
  tsMs: hourMs,
  tsSource: 'device',
  seq: null,
  receivedAtMs: hourMs,
  values: Object.fromEntries(
    [...metrics].flatMap(([metric, hour]) =>
      HOURLY_PARTS.map((part) => [hourlyName(metric, part), hour[part]]),
    ),
  ),
});

/** Hourly values in the telemetry file: packed by owner and week, each computed from the readings as they are now. */
export const hourlyWriter = (db: DatabaseSync, path: string) => {
  const ownersOf = db.prepare('SELECT id, equipment, unit FROM owner WHERE equipment = ?');
  const bodies = chunkBodies(db);
  const known = db.prepare('SELECT body FROM hours WHERE owner = ? AND week = ?');
  const put = db.prepare(
    'INSERT INTO hours (owner, week, body) VALUES (?, ?, ?) ON CONFLICT (owner, week) DO UPDATE SET body = excluded.body',
  );
  const dropOld = db.prepare('DELETE FROM hours WHERE week < ?');

  const readHours = (owner: Owner, fromMs: number, toMs: number): Hours => {
    const hours: Hours = new Map();
    for (const { t0, body } of bodies(owner.id, fromMs, toMs))
      for (const row of unpacking(path, owner, t0, () => decodeChunk(body, owner)))
        if (row.tsMs >= fromMs && row.tsMs < toMs) addReading(hours, row);
    return hours;
  };

  const putHours = (owner: Owner, hours: Hours): number => {
    let written = 0;
    const weeks = new Map<number, Map<number, Reading>>();
    for (const [hourMs, metrics] of hours) {
      const week = weeks.get(weekOf(hourMs)) ?? new Map<number, Reading>();
      weeks.set(weekOf(hourMs), week.set(hourMs, rowOf(owner, hourMs, metrics)));
      written += metrics.size;
    }
    for (const [week, fresh] of weeks) {
      const held = known.get(owner.id, week) as { readonly body: Uint8Array } | undefined;
      const rows = held
        ? unpacking(path, owner, week * WEEK_MS, () => decodeChunk(held.body, owner)).filter(
            ({ tsMs }) => !fresh.has(tsMs),
          )
        : [];
      const all = [...rows, ...fresh.values()].sort((a, b) => a.tsMs - b.tsMs);
      put.run(owner.id, week, encodeChunk(all));
    }
    return written;
  };

  return {
    rollUp: (equipment: string, hours: readonly number[]): number =>
      transaction(db, () => {
        let written = 0;
        for (const owner of ownersOf.all(equipment) as unknown as Owner[])
          for (const { fromMs, toMs } of hourRuns(hours))
            written += putHours(owner, readHours(owner, fromMs, toMs));
        return written;
      }),
    /** Drops weeks that ended before a time. */
    expire: (beforeMs: number): void => void dropOld.run(weekOf(beforeMs)),
  };
};

export const hourlyReader = (db: DatabaseSync, path: string) => {
  const weeks = db.prepare(
    'SELECT week, body FROM hours WHERE owner = ? AND week BETWEEN ? AND ? ORDER BY week',
  );
  return {
    /** Hands on the hours of a series in a range. Returns where the readings must go on: behind the last of them. */
    add: (
      owner: number,
      query: SeriesQuery,
      fromMs: number,
      toMs: number,
      onHour: (hourMs: number, hour: Hourly) => void,
    ): number => {
      let nextMs = fromMs;
      for (const { week, body } of weeks.all(owner, weekOf(fromMs), weekOf(toMs)) as unknown as {
        readonly week: number;
        readonly body: Uint8Array;
      }[]) {
        const column = (part: keyof Hourly) =>
          unpacking(path, query, week * WEEK_MS, () => decodeMetric(body, hourlyName(query.metric, part)));
        const [min, max, mean, count] = HOURLY_PARTS.map(column);
        if (!min || !max || !mean || !count) continue;
        min.ts.forEach((hourMs, i) => {
          const hour = {
            min: min.values[i]!,
            max: max.values[i]!,
            mean: mean.values[i]!,
            count: count.values[i]!,
          };
          if (hourMs < fromMs || hourMs + HOUR_MS > toMs || Number.isNaN(hour.count)) return;
          onHour(hourMs, hour);
          nextMs = Math.max(nextMs, hourMs + HOUR_MS);
        });
      }
      return nextMs;
    },
  };
};
