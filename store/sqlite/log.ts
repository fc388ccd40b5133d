import { randomUUID } from 'node:crypto';
import { systemTimers } from '../../time/system.ts';
import type { Timers } from '../../time/timers.ts';
import type { Log, LogRecord } from '../log.ts';
import type { LogExtent, LogFile, StoredGroup, TrimStep } from './log.calls.ts';
import { type HeldGroup, heldGroup, newTail, takeRecords } from './log.tail.ts';
import { newWriter } from './log.writer.ts';
import { startThread, type Thread } from './thread.ts';

export interface LogOptions {
  /** The log's file; its folder is made where it is missing. */
  readonly path: string;
  /** Bytes that the log may hold. The file can be larger by its write-ahead file (64 MiB). */
  readonly maxBytes: number;
  /** How long a group waits for company. */
  readonly groupMs?: number;
  /** Records that may wait for the disk. */
  readonly maxPending?: number;
  readonly maxPendingBytes?: number;
  /** The newest records are kept in memory up to here. */
  readonly tailBytes?: number;
  /** How a group waits (default: the machine's timers). */
  readonly timers?: Timers;
}

export interface SqliteLogOptions extends LogOptions {
  /** Gives a new log its id (default: a random UUID). */
  readonly newId?: () => string;
}

const MIB = 1024 * 1024;
const READ_BYTES = 16 * MIB;
/** Groups read from disk of which a reader took only a part; each reader that lags needs one. */
const MAX_LEFTOVERS = 8;

const leftovers = () => {
  const groups: HeldGroup[] = [];
  return {
    find: (offset: number): readonly HeldGroup[] | null => {
      const group = groups.find(({ first, count }) => first <= offset && offset < first + count);
      return group ? [group] : null;
    },
    keep: (group: HeldGroup): void => {
      const known = groups.findIndex(({ first }) => first === group.first);
      if (known >= 0) groups.splice(known, 1);
      groups.push(group);
      if (groups.length > MAX_LEFTOVERS) groups.shift();
    },
  };
};

/** The log on a thread that answers `logCalls`. */
export const openLogOn = async (
  thread: Thread,
  {
    path,
    maxBytes,
    groupMs = 2,
    maxPending = 100_000,
    maxPendingBytes = 64 * MIB,
    tailBytes = 8 * MIB,
    timers = systemTimers,
  }: LogOptions,
): Promise<Log> => {
  const id = await thread.call<string>('id', []);
  const tail = newTail(tailBytes);
  const partial = leftovers();
  const listeners = new Set<() => void>();
  let held: LogExtent = await thread.call<LogExtent>('extent', []);
  let groups = 0;
  let appended = 0;
  let closing: Promise<void> | null = null;

  const commit = async (first: number, count: number, body: Uint8Array<ArrayBuffer>): Promise<void> => {
    const kept = heldGroup({ first, count, body: body.slice() });
    const bytes = await thread.call<number>('append', [first, count, body], [body.buffer]);
    held = {
      firstOffset: held.firstOffset === held.nextOffset ? first : held.firstOffset,
      nextOffset: first + count,
      bytes: held.bytes + bytes,
    };
    groups++;
    appended += count;
    tail.push(kept);
    // After the appends have been answered, and out of the way of a listener that throws.
    timers.soon(() => {
      for (const listener of listeners) listener();
    });
  };

  const writer = newWriter({
    nextOffset: held.nextOffset,
    timers,
    groupMs,
    maxPending,
    maxPendingBytes,
    roomBytes: () => maxBytes - held.bytes,
    commit,
  });

  const fetch = async (offset: number, limit: number): Promise<readonly HeldGroup[]> => {
    const stored = await thread.call<readonly StoredGroup[]>('read', [offset, limit, READ_BYTES]);
    return stored.map(heldGroup);
  };

  const read = async (after: number, limit: number): Promise<readonly LogRecord[]> => {
    const records: LogRecord[] = [];
    let offset = Math.max(after + 1, held.firstOffset);
    let bytes = 0;
    while (records.length < limit && offset < held.nextOffset && bytes < READ_BYTES) {
      const known = tail.from(offset) ?? partial.find(offset);
      const found = known ?? (await fetch(offset, limit - records.length));
      for (const group of found) {
        if (records.length >= limit || bytes >= READ_BYTES) break;
        bytes += takeRecords(group, offset, limit, records);
        offset = records.at(-1)!.offset + 1;
        if (!known && offset < group.first + group.count) partial.keep(group);
      }
      if (found.length === 0) break;
    }
    return records;
  };

  const trim = async (offset: number): Promise<number> => {
    if (offset > held.nextOffset)
      throw new RangeError(
        `offset ${offset} is beyond this log's end (${held.nextOffset}): whoever trims follows another log`,
      );
    let dropped = 0;
    for (;;) {
      const step = await thread.call<TrimStep>('trim', [offset]);
      held = { firstOffset: step.firstOffset, nextOffset: step.nextOffset, bytes: step.bytes };
      tail.dropBefore(step.firstOffset);
      dropped += step.dropped;
      if (step.done) return dropped;
    }
  };

  const skipTo = async (offset: number): Promise<void> => {
    if (held.firstOffset !== held.nextOffset || writer.pending() > 0)
      throw new Error(
        `the log ${path} holds records from ${held.firstOffset} on: only an empty one may skip`,
      );
    writer.skipTo(offset);
    held = await thread.call<LogExtent>('skipTo', [offset]);
  };

  return {
    id,
    append: writer.append,
    read,
    trim,
    skipTo,
    onAppend: (listener) => {
      // A function may be registered twice; each registration is its own.
      const own = () => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    stats: async () => ({
      ...held,
      maxBytes,
      pending: writer.pending(),
      groups,
      appended,
      refused: writer.refused(),
      broken: writer.broken(),
    }),
    close: () => {
      closing ??= writer.finish().then(() => {
        listeners.clear();
        return thread.close();
      });
      return closing;
    },
  };
};

/**
 * The log in one SQLite file, one partition, on a thread of its own (WAL, `synchronous=FULL`): a group of
 * appends is one row. The file belongs to one process; a second one gets an error that says so.
 */
export const openSqliteLog = async ({ newId = randomUUID, ...options }: SqliteLogOptions): Promise<Log> => {
  const file: LogFile = { path: options.path, newId: newId() };
  return openLogOn(await startThread(new URL('./log.worker.ts', import.meta.url), file), options);
};
