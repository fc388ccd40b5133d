import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import {
  allOf,
  type SqlSnapshot,
  type StoredRow,
  type WholeLedger,
  wholeLedger,
} from '../../store/ledger/whole.ts';
import { type StoredExtent, storedExtent } from '../../store/sqlite/log.extent.ts';
import { type FileSnapshot, NoFileError, openSnapshot } from '../../store/sqlite/snapshot.ts';
import { openLedgerSnapshot } from '../../stores.ts';

/** Ledger, log and telemetry at one moment, while the service goes on writing them. */
export interface Moment {
  readonly ledger: SqlSnapshot;
  readonly whole: WholeLedger;
  readonly position: Position;
  /** Null: there is none yet. */
  readonly log: (FileSnapshot & { readonly extent: StoredExtent }) | null;
  /** Null: there is none yet, or it is not embedded. */
  readonly telemetry: FileSnapshot | null;
  /** Why the log does not hold what the ledger's readers want next; null where it does. */
  readonly apart: string | null;
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

/** From the rows of the tables `settings` and `leases`. */
export const positionOf = async (
  settings: AsyncIterable<StoredRow>,
  leases: AsyncIterable<StoredRow>,
): Promise<Position> => {
  const kept = new Map((await allOf(settings)).map(({ key, value }) => [key, value]));
  const readers = (await allOf(leases))
    .filter((row) => row.log_partition === PARTITION)
    .map((row) => ({ reader: String(row.reader), offset: Number(row.log_offset) }));
  const logId = kept.get(`log-id:${PARTITION}`);
  const watched = Number(kept.get(`watched:${PARTITION}`) ?? -1);
  return {
    logId: logId === undefined ? null : String(logId),
    readers,
    newest: Math.max(watched, ...readers.map(({ offset }) => offset), -1),
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
 * @throws with the mend, NoFileError where there is no ledger
 */
export const openMoment = async (config: Config): Promise<Moment> => {
  for (let tries = 1; ; tries++) {
    const moment = await openOnce(config);
    if (moment.apart === null || tries === TRIES) return moment;
    await moment.close();
    await wait(AGAIN_MS);
  }
};

const openOnce = async (config: Config): Promise<Moment> => {
  const opened: { close(): unknown }[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).reverse()) await one.close();
  };
  const keep = <T extends { close(): unknown } | null>(one: T): T => {
    if (one) opened.push(one);
    return one;
  };
  try {
    const ledger = keep(await openLedgerSnapshot(config.ledger));
    const whole = await wholeLedger(ledger);
    if (whole.schema.length === 0) throw new NoFileError('there is no ledger in the database yet');
    const position = await positionOf(
      ledger.ask('select key, value from settings'),
      ledger.ask('select reader, log_partition, log_offset from leases order by reader'),
    );
    const log = keep(openLog(config.logPath));
    const telemetry = keep(
      config.telemetry.kind === 'sqlite' ? ifThere(config.telemetry.path, 'telemetry') : null,
    );
    const apart = mismatch(position, log?.extent ?? null);
    return { ledger, whole, position, log, telemetry, apart, close };
  } catch (cause) {
    await close();
    throw cause;
  }
};
