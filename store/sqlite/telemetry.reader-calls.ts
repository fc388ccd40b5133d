import type { DatabaseSync } from 'node:sqlite';
import type { LatestValue, Series } from '../../core/telemetry/reading.ts';
import { newBuckets } from '../telemetry/summary.ts';
import type { ReadingsPage, ReadingsQuery, SeriesInfo, SeriesQuery } from '../telemetry.ts';
import { decodeMetric } from './chunk.ts';
import { chunkBodies, unpacking } from './telemetry.chunks.ts';
import { hourlyReader } from './telemetry.hours.ts';
import { readingsPager } from './telemetry.page.ts';
import { shelfOf } from './telemetry.shelf.ts';

/** What the thread that only reads telemetry answers; each call sees one state of the file. */
type LatestRow = LatestValue & { readonly equipment: string };

const LATEST = `
  SELECT equipment, unit, metric, last AS tsMs, received AS receivedAtMs, value
  FROM owner JOIN series ON series.owner = owner.id`;

export const telemetryReaderCalls = (db: DatabaseSync, path: string) => {
  const latestOf = db.prepare(
    `${LATEST} WHERE equipment IN (SELECT value FROM json_each(?)) ORDER BY equipment, unit, metric`,
  );
  const list = db.prepare(`
    SELECT unit, metric, first AS firstMs, last AS lastMs
    FROM owner JOIN series ON series.owner = owner.id WHERE equipment = ? ORDER BY unit, metric`);
  const owner = db.prepare('SELECT id FROM owner WHERE equipment = ? AND unit = ?');
  const bodies = chunkBodies(db);
  const points = db.prepare('SELECT points FROM total');
  const pages = db.prepare(
    `SELECT (page_count - freelist_count) * page_size AS bytes
     FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
  );
  const page = readingsPager(db, path);
  const hours = hourlyReader(db, path);

  const series = (query: SeriesQuery): Series => {
    const buckets = newBuckets(query);
    const found = owner.get(shelfOf(query.equipment, query.metric), query.unit) as
      | { readonly id: number }
      | undefined;
    if (!found) return buckets.finish();
    const { fromMs: startMs, toMs, isHourly } = buckets.range;
    // Hours that are not made up yet, the newest, are read from the readings themselves.
    const fromMs = isHourly ? hours.add(found.id, query, startMs, toMs, buckets.addHour) : startMs;
    for (const row of bodies(found.id, fromMs, toMs)) {
      const column = unpacking(path, query, row.t0, () => decodeMetric(row.body, query.metric));
      if (column) buckets.add(column, fromMs);
    }
    return buckets.finish();
  };

  const latest = (equipment: readonly string[]): Map<string, LatestValue[]> => {
    const found = new Map<string, LatestValue[]>();
    for (const row of latestOf.all(JSON.stringify(equipment)) as unknown as LatestRow[]) {
      const { equipment: id, ...value } = row;
      const known = found.get(id);
      if (known) known.push(value);
      else found.set(id, [value]);
    }
    return found;
  };

  /** Several statements of one call must not see a write between them. */
  const snapshot =
    <Args extends unknown[], T>(work: (...args: Args) => T) =>
    (...args: Args): T => {
      db.exec('BEGIN');
      try {
        return work(...args);
      } finally {
        db.exec('COMMIT');
      }
    };

  return {
    latest: snapshot(latest),
    list: (equipment: string) => list.all(equipment).map((row) => ({ ...row })) as unknown as SeriesInfo[],
    series: snapshot(series),
    readings: snapshot((query: ReadingsQuery): ReadingsPage => page(query)),
    stats: snapshot(() => ({
      points: (points.get() as { readonly points: number }).points,
      bytes: (pages.get() as { readonly bytes: number }).bytes,
    })),
    ping: () => void points.get(),
    close: () => db.close(),
  };
};
