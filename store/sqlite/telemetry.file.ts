import { DatabaseSync } from 'node:sqlite';
import { type DatabaseFile, openDatabaseFile } from './file.ts';

/**
 * The telemetry file. A series owner is a unit of an equipment; its chunks share out the axis of keys
 * (time, then sequence number) among them: a row lies in the chunk with the largest `(t0, s0)` that is
 * not after it, and all rows of one key lie in one chunk.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS owner (
    id INTEGER PRIMARY KEY, equipment TEXT NOT NULL, unit TEXT NOT NULL, UNIQUE (equipment, unit));
  -- t0, s0 first key; t1, s1 last key; n rows; r0, r1 sequence numbers of the rows without a device time.
  CREATE TABLE IF NOT EXISTS chunk (
    id INTEGER PRIMARY KEY, owner INTEGER NOT NULL,
    t0 INTEGER NOT NULL, s0 INTEGER NOT NULL, t1 INTEGER NOT NULL, s1 INTEGER NOT NULL,
    n INTEGER NOT NULL, points INTEGER NOT NULL, r0 INTEGER, r1 INTEGER, body BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS chunk_key ON chunk (owner, t0, s0);
  -- The newest value of each metric by (time, sequence number), and since when there are any.
  CREATE TABLE IF NOT EXISTS series (
    owner INTEGER NOT NULL, metric TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    seq INTEGER NOT NULL, received INTEGER NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (owner, metric)) WITHOUT ROWID;
  -- Hourly values of a week (of 168 hours since 1970): packed like readings, as metrics NAME.min, .max, .mean, .count.
  CREATE TABLE IF NOT EXISTS hours (
    id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, week INTEGER NOT NULL, body BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS hours_key ON hours (owner, week);
  CREATE TABLE IF NOT EXISTS total (id INTEGER PRIMARY KEY CHECK (id = 0), points INTEGER NOT NULL);
  INSERT OR IGNORE INTO total VALUES (0, 0);`;

const APPLICATION_ID = 0x50_54_45_4c;

export interface TelemetryFile {
  readonly path: string;
}

export const telemetryDatabase = (path: string): DatabaseFile => ({
  path,
  what: 'telemetry',
  applicationId: APPLICATION_ID,
  format: 1,
  schema: SCHEMA,
  pageSize: 4096,
});

export const openForWriting = ({ path }: TelemetryFile): DatabaseSync =>
  openDatabaseFile(telemetryDatabase(path));

/** Open for writing first: that makes the file. */
export const openForReading = ({ path }: TelemetryFile): DatabaseSync =>
  new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
