import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import { allOf, type SqlSnapshot, type WholeLedger, wholeLedger } from '../../store/ledger/whole.ts';
import { type StoredExtent, storedExtent } from '../../store/sqlite/log.extent.ts';
import { type FileSnapshot, NoFileError, openSnapshot } from '../../store/sqlite/snapshot.ts';
import { openLedgerSnapshot } from '../../stores.ts';
import { Failure } from '../failure.ts';

/** Ledger, log and telemetry at one moment, while the service goes on writing them. */
export interface Moment {
  readonly ledger: SqlSnapshot;
  readonly whole: WholeLedger;
  readonly position: Position;
  /** Null: there is none yet. */
  readonly log: (FileSnapshot & { readonly extent: StoredExtent }) | null;
  /** Null: there is none yet, or it is not embedded. */
  readonly telemetry: FileSnapshot | null;
  close(): Promise<void>;
}

/** Where the ledger stands in the log. */
export interface Position {
  /** The log that it follows; null: it has followed none. */
  readonly logId: string | null;
  readonly readers: readonly { readonly reader: string; readonly offset: number }[];
  /** Newest record that it holds something from; -1: none. */
  readonly newest: number;
}

/** The embedded log's only partition. */
const PARTITION = 0;

export const positionOf = async (ledger: SqlSnapshot): Promise<Position> => {
  const settings = await allOf(
    ledger.ask(
      `select key, value from settings where key in ('log-id:${PARTITION}', 'watched:${PARTITION}')`,
    ),
  );
  const setting = (key: string): string | null => {
    const found = settings.find((row) => row.key === `${key}:${PARTITION}`);
    return found ? String(found.value) : null;
  };
  const leases = await allOf(
    ledger.ask(`select reader, log_offset from leases where log_partition = ${PARTITION} order by reader`),
  );
  const readers = leases.map((row) => ({ reader: String(row.reader), offset: Number(row.log_offset) }));
  return {
    logId: setting('log-id'),
    readers,
    newest: Math.max(Number(setting('watched') ?? -1), ...readers.map(({ offset }) => offset), -1),
  };
};

/**
 * Why a log does not hold what the ledger's readers want next; null where it does. What a reader has behind it may be
 * missing, what it has before it may not.
 */
export const mismatch = ({ logId, readers, newest }: Position, log: StoredExtent | null): string | null => {
  if (log === null) return logId === null ? null : `the log that the ledger follows (${logId}) is not there`;
  if (logId !== null && log.id !== null && logId !== log.id)
    return `the log's id is ${log.id}, the ledger follows ${logId}`;
  if (newest >= log.nextOffset)
    return `the log ends at offset ${log.nextOffset - 1}, the ledger's readers stand at ${newest}`;
  const missed = readers.find(({ offset }) => offset + 1 < log.firstOffset);
  return missed
    ? `the log begins at offset ${log.firstOffset}, ${missed.reader} stands at ${missed.offset}`
    : null;
};

const ifThere = (path: string, what: string): FileSnapshot | null => {
  try {
    return openSnapshot(path, what);
  } catch (cause) {
    if (cause instanceof NoFileError) return null;
    throw cause;
  }
};

const openLog = (path: string): Moment['log'] => {
  const log = ifThere(path, 'log');
  return log && { ...log, extent: storedExtent(log.db) };
};

const TRIES = 5;
const AGAIN_MS = 200;

/**
 * Opens them in an order that makes one state of three: the ledger first, so that log and telemetry hold all that it tells
 * of. Only a trimming of the log between the two could take records that its readers still want, so that is looked at.
 * What telemetry holds beyond the ledger comes again out of the log, and changes nothing.
 * @throws Failure with the mend, NoFileError where there is no ledger
 */
export const openMoment = async (config: Config): Promise<Moment> => {
  let why: string | null = null;
  for (let tries = 0; tries < TRIES; tries++) {
    if (tries > 0) await wait(AGAIN_MS);
    const opened: { close(): unknown }[] = [];
    const close = async (): Promise<void> => {
      for (const one of opened.splice(0).reverse()) await one.close();
    };
    try {
      const ledger = await openLedgerSnapshot(config.ledger);
      opened.push(ledger);
      const whole = await wholeLedger(ledger);
      if (whole.schema.length === 0) throw new NoFileError('there is no ledger in the database yet');
      const position = await positionOf(ledger);
      const log = openLog(config.logPath);
      if (log) opened.push(log);
      why = mismatch(position, log?.extent ?? null);
      if (why === null) {
        const telemetry =
          config.telemetry.kind === 'sqlite' ? ifThere(config.telemetry.path, 'telemetry') : null;
        if (telemetry) opened.push(telemetry);
        return { ledger, whole, position, log, telemetry, close };
      }
    } catch (cause) {
      await close();
      throw cause;
    }
    await close();
  }
  throw new Failure(
    `the log ${config.logPath} and the ledger do not belong together: ${why}; run it where the service runs, with its settings`,
  );
};
