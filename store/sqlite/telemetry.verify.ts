import type { DatabaseSync } from 'node:sqlite';
import { pointsIn } from './chunk.merge.ts';
import { decodeChunk } from './chunk.ts';

export interface TelemetryVerdict {
  readonly chunks: number;
  readonly points: number;
  /** The first chunk that does not hold, in words; or null. */
  readonly damage: string | null;
}

interface Chunk {
  readonly id: number;
  readonly equipment: string | null;
  readonly unit: string | null;
  readonly t0: number;
  readonly t1: number;
  readonly n: number;
  readonly points: number;
  readonly body: Uint8Array;
}

interface Week {
  readonly equipment: string | null;
  readonly unit: string | null;
  readonly week: number;
  readonly body: Uint8Array;
}

const damageOf = ({ equipment, unit, t0, t1, n, points, body }: Chunk): string | null => {
  if (equipment === null || unit === null) return 'nobody knows whose it is';
  try {
    const rows = decodeChunk(body, { equipment, unit });
    if (rows.length !== n || pointsIn(rows) !== points)
      return 'it holds another number of readings than is noted';
    const isInPlace = rows[0]?.tsMs === t0 && rows.at(-1)?.tsMs === t1;
    return isInPlace ? null : 'its readings are of another time than is noted';
  } catch (cause) {
    return (cause as Error).message;
  }
};

const placeOf = ({ id, equipment, unit, t0 }: Chunk): string =>
  `telemetry chunk ${id} (${equipment ?? '?'}${unit ? `/${unit}` : ''} from ${new Date(t0).toISOString()})`;

/** The first week of hourly values that does not hold; a file from before there were any has no table of them. */
const damagedHours = (db: DatabaseSync): string | null => {
  if (!db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'hours'").get()) return null;
  const weeks = db
    .prepare(
      'SELECT equipment, unit, week, body FROM hours LEFT JOIN owner ON owner.id = hours.owner ORDER BY hours.id',
    )
    .iterate();
  for (const { equipment, unit, week, body } of weeks as Iterable<unknown> as Iterable<Week>) {
    const place = `hourly values of ${equipment ?? '?'}${unit ? `/${unit}` : ''}, week ${week}`;
    if (equipment === null || unit === null) return `${place}: nobody knows whose they are`;
    try {
      decodeChunk(body, { equipment, unit });
    } catch (cause) {
      return `${place}: ${(cause as Error).message}`;
    }
  }
  return null;
};

/** Unpacks every chunk, and counts. */
export const verifyTelemetry = (db: DatabaseSync): TelemetryVerdict => {
  let chunks = 0;
  let points = 0;
  const all = db
    .prepare(
      `SELECT chunk.id, equipment, unit, t0, t1, n, points, body
       FROM chunk LEFT JOIN owner ON owner.id = chunk.owner ORDER BY chunk.id`,
    )
    .iterate();
  for (const chunk of all as Iterable<unknown> as Iterable<Chunk>) {
    const reason = damageOf(chunk);
    if (reason !== null) return { chunks, points, damage: `${placeOf(chunk)}: ${reason}` };
    chunks += 1;
    points += chunk.points;
  }
  const counted = Number(db.prepare('SELECT points FROM total').get()?.points);
  const damage =
    counted === points ? damagedHours(db) : `telemetry counts ${counted} numbers, its chunks hold ${points}`;
  return { chunks, points, damage };
};
