import type { Timers } from '../../time/timers.ts';
import { type LogEntry, LogFullError } from '../log.ts';
import { entryBytesAtMost, finishGroup, type GroupWriter, newGroup, putEntry } from './log.codec.ts';

/**
 * Gathers appends into groups and commits them, at most two at a time: while one is being fsynced, the
 * next is on its way, and what comes meanwhile grows into the one after it.
 */
export interface WriterOptions {
  readonly nextOffset: number;
  readonly timers: Pick<Timers, 'after'>;
  readonly groupMs: number;
  readonly maxPending: number;
  readonly maxPendingBytes: number;
  /** Bytes that may still be added to the file. */
  readonly roomBytes: () => number;
  /** Resolves once the group is durable. */
  readonly commit: (first: number, count: number, body: Uint8Array<ArrayBuffer>) => Promise<void>;
}

export interface Writer {
  readonly append: (entry: LogEntry) => Promise<number>;
  readonly pending: () => number;
  readonly refused: () => number;
  /** Why nothing is taken any more, after a failed write; null while all is well. */
  readonly broken: () => string | null;
  /** The next record gets this offset, or a later one; for a writer that has nothing pending. */
  readonly skipTo: (offset: number) => void;
  /** Resolves when nothing is pending; appends are refused from the call on. */
  readonly finish: () => Promise<void>;
}

type Waiter = { readonly resolve: (offset: number) => void; readonly reject: (error: Error) => void };
type Group = { readonly writer: GroupWriter; readonly waiters: Waiter[]; reserved: number };

const IN_FLIGHT = 2;
const GROUP_BYTES = 1024 * 1024;
const GROUP_RECORDS = 4_096;
/** Header of a group and of its row. */
const GROUP_OVERHEAD = 64;

export const newWriter = (options: WriterOptions): Writer => {
  const { timers, groupMs, maxPending, maxPendingBytes, roomBytes, commit } = options;
  const queue: Group[] = [];
  let open: Group | null = null;
  /** The open group has waited long enough, or somebody waits for the end. */
  let due = false;
  let nextOffset = options.nextOffset;
  let inFlight = 0;
  let pending = 0;
  let pendingBytes = 0;
  let refused = 0;
  let broken: Error | null = null;
  let finished: (() => void) | null = null;
  let lastBytes = 4096;

  const settle = (group: Group): void => {
    pending -= group.writer.count;
    pendingBytes -= group.reserved;
  };

  const abandon = (error: Error): void => {
    broken ??= new Error(`the log stopped after a failed write (${error.message}): restart the service`);
    for (const group of [...queue.splice(0), ...(open ? [open] : [])]) {
      settle(group);
      for (const { reject } of group.waiters) reject(broken);
    }
    open = null;
  };

  const send = async (group: Group): Promise<void> => {
    const { writer, waiters } = group;
    inFlight++;
    try {
      await commit(writer.first, writer.count, finishGroup(writer));
      settle(group);
      for (let i = 0; i < waiters.length; i++) waiters[i]!.resolve(writer.first + i);
    } catch (cause) {
      const error = cause as Error;
      settle(group);
      // Full is a state that passes; after any other failed write the file is not to be trusted.
      const full = error.name === 'LogFullError';
      if (full) refused += waiters.length;
      for (const { reject } of waiters) reject(full ? new LogFullError(error.message) : error);
      if (!full) abandon(error);
    }
    inFlight--;
    pump();
  };

  const closeGroup = (): void => {
    if (!open) return;
    lastBytes = open.writer.sink.at;
    queue.push(open);
    open = null;
    due = false;
  };

  const pump = (): void => {
    // A due group goes only into a free place: until then it grows, so a slow disk gets larger groups.
    while (inFlight < IN_FLIGHT) {
      if (due && queue.length === 0) closeGroup();
      const group = queue.shift();
      if (!group) break;
      void send(group);
    }
    if (finished && pending === 0 && inFlight === 0) finished();
  };

  const openGroup = (): Group => {
    const group: Group = {
      writer: newGroup(nextOffset, Math.min(lastBytes * 2, GROUP_BYTES * 2)),
      waiters: [],
      reserved: GROUP_OVERHEAD,
    };
    pendingBytes += GROUP_OVERHEAD;
    timers.after(groupMs, () => {
      if (open !== group) return;
      due = true;
      pump();
    });
    return group;
  };

  const refusal = (bytes: number): Error | null => {
    if (broken) return broken;
    if (finished) return new Error('the log is closed');
    if (pending >= maxPending || pendingBytes + bytes > maxPendingBytes)
      return new LogFullError(`the log is behind: ${pending} records wait for the disk; send again later`);
    if (pendingBytes + bytes + GROUP_OVERHEAD > roomBytes())
      return new LogFullError('the log is at its limit: let the readers catch up, or raise PRECALL_LOG_MAX');
    return null;
  };

  const append = (entry: LogEntry): Promise<number> => {
    const bytes = entryBytesAtMost(entry);
    const refuse = refusal(bytes);
    if (refuse) {
      if (refuse instanceof LogFullError) refused++;
      return Promise.reject(refuse);
    }
    open ??= openGroup();
    const group = open;
    try {
      putEntry(group.writer, entry);
    } catch (error) {
      return Promise.reject(error);
    }
    nextOffset++;
    pending++;
    pendingBytes += bytes;
    group.reserved += bytes;
    const stored = new Promise<number>((resolve, reject) => {
      group.waiters.push({ resolve, reject });
    });
    if (group.writer.sink.at >= GROUP_BYTES || group.writer.count >= GROUP_RECORDS) {
      closeGroup();
      pump();
    }
    return stored;
  };

  return {
    append,
    pending: () => pending,
    refused: () => refused,
    broken: () => broken?.message ?? null,
    skipTo: (offset) => {
      nextOffset = Math.max(nextOffset, offset);
    },
    finish: () =>
      new Promise<void>((resolve) => {
        finished = resolve;
        due = open !== null;
        pump();
      }),
  };
};
