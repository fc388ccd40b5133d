import type { Timers } from '../../time/timers.ts';
import type { Log } from '../log.ts';
import { openDatabaseInMemory } from '../sqlite/file.ts';
import { logCalls, logDatabase } from '../sqlite/log.calls.ts';
import { openLogOn } from '../sqlite/log.ts';
import { directly, inlineThread, type Through } from './inline.ts';

export interface MemoryLogOptions {
  readonly timers?: Timers;
  readonly maxBytes?: number;
  readonly through?: Through;
}

/** A log's storage that outlives whoever opens it. */
export interface MemoryLog {
  /** One at a time, like the file. What was not yet written when its opener died is gone. */
  open(options?: MemoryLogOptions): Promise<Log>;
  dispose(): void;
}

const PATH = 'memory';

/** The embedded log in this thread, on a database in memory: the same code, without a disk. */
export const newMemoryLog = (id: string): MemoryLog => {
  const db = openDatabaseInMemory(logDatabase(PATH));
  const calls = logCalls(db, { path: PATH, newId: id });
  return {
    open: ({ timers, maxBytes = 2 ** 30, through = directly } = {}) =>
      openLogOn(through(inlineThread(calls)), { path: PATH, maxBytes, ...(timers ? { timers } : {}) }),
    dispose: () => db.close(),
  };
};
