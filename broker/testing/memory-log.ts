import { type LogEntry, LogFullError, type LogRecord } from '../../store/log.ts';
import type { BrokerLog } from '../ledger.ts';

/** A log in memory whose groups become durable when the test says so. */
export interface MemoryLog extends BrokerLog {
  /** Durable records, in order. */
  readonly records: readonly LogRecord[];
  /** Appended and not durable yet. */
  waiting(): number;
  /** From now on nothing becomes durable by itself. */
  hold(): void;
  /** Makes the oldest `count` waiting appends durable, as one group. */
  commit(count?: number): void;
  /** Durable at once again, what waits included. */
  release(): void;
  /** Refuses appends as a full log does. */
  fill(full: boolean): void;
  /** Messages of one channel as text. */
  texts(channel: string): readonly string[];
  controls(): readonly Extract<LogEntry, { kind: 'control' }>['control'][];
}

export const createMemoryLog = (): MemoryLog => {
  const records: LogRecord[] = [];
  const queue: { readonly entry: LogEntry; readonly resolve: (offset: number) => void }[] = [];
  let held = false;
  let full = false;

  const commit = (count = queue.length): void => {
    for (const { entry, resolve } of queue.splice(0, count)) {
      const offset = records.length;
      records.push({ ...entry, partition: 0, offset });
      resolve(offset);
    }
  };

  return {
    records,
    append(entry) {
      if (full) return Promise.reject(new LogFullError('full'));
      // As a real one does: what comes later must not change what was appended.
      const copy = entry.kind === 'message' ? { ...entry, payload: Buffer.from(entry.payload) } : entry;
      const done = new Promise<number>((resolve) => queue.push({ entry: copy, resolve }));
      if (!held) commit();
      return done;
    },
    waiting: () => queue.length,
    hold: () => {
      held = true;
    },
    commit,
    release() {
      held = false;
      commit();
    },
    fill: (value) => {
      full = value;
    },
    texts: (channel) =>
      records.flatMap((record) =>
        record.kind === 'message' && record.channel === channel
          ? [Buffer.from(record.payload).toString()]
          : [],
      ),
    controls: () => records.flatMap((record) => (record.kind === 'control' ? [record.control] : [])),
  };
};
