import { CamelCasePlugin, Kysely } from 'kysely';
import { taken } from '../ledger/counter.ts';
import { createGate } from '../ledger/gate.ts';
import { createLedger } from '../ledger/ledger.ts';
import { migrate } from '../ledger/migrations/migrate.ts';
import type { Schema } from '../ledger/schema.ts';
import { createTrouble, type ServedLedger, serve } from '../ledger/served.ts';
import { watchChanges } from '../ledger/watch.ts';
import type { LedgerThreadData } from './ledger.worker.ts';
import { threadDialect } from './ledger-dialect.ts';
import { makePrivateFile } from './private.ts';
import { startThread, type Thread } from './thread.ts';

export interface SqliteLedgerOptions {
  /** The database file; it and its folder are made where they don't exist. */
  readonly path: string;
  readonly clock: () => number;
  /** Change events kept (default 100,000; up to 1,000 more between two trimmings). */
  readonly keepChanges?: number;
  /** How often to look for commits by other processes (default 50 ms). */
  readonly pollMs?: number;
  /** Transactions, and apart from them reads, that may wait for their turn (default 10,000). */
  readonly maxWaiting?: number;
}

const THREAD = new URL('./ledger.worker.ts', import.meta.url);
const READS_AT_ONCE = 16;

const connect = (thread: Thread, gate: ReturnType<typeof createGate>): Kysely<Schema> =>
  new Kysely<Schema>({ dialect: threadDialect(thread, gate), plugins: [new CamelCasePlugin()] });

/**
 * The ledger in one SQLite file, off the event loop: a thread that writes, one transaction after the
 * other, and a thread that only reads. Several processes may have it open (the service, the command line).
 * @throws when the file cannot be opened, or was written by a newer version
 */
export const openSqliteLedger = async (options: SqliteLedgerOptions): Promise<ServedLedger> => {
  const { path, clock, keepChanges = 100_000, pollMs = 50, maxWaiting = 10_000 } = options;
  const opened: Thread[] = [];
  const open = async (readOnly: boolean): Promise<Thread> => {
    const thread = await startThread(THREAD, { path, readOnly } satisfies LedgerThreadData);
    opened.push(thread);
    return thread;
  };
  try {
    makePrivateFile(path);
    const writes = createGate(1, maxWaiting);
    const writer = connect(await open(false), writes);
    await migrate(writer, 'sqlite');
    const readThread = await open(true);
    const reads = createGate(READS_AT_ONCE, maxWaiting);
    const reader = connect(readThread, reads);

    const dataVersion = (): Promise<number> => readThread.call<number>('dataVersion', []);
    const lastChange = (): Promise<number> => taken(reader, 'changes');
    // The version first: what is committed between the two is then seen at the first look.
    const start = { dataVersion: await dataVersion(), lastChange: await lastChange() };
    const watch = watchChanges({ dataVersion, lastChange }, start, pollMs);
    const trouble = createTrouble();
    const ledger = createLedger({
      ...{ writer, reader, clock, keepChanges, committed: watch.committed },
      wrote: trouble.wrote,
    });

    const release = () => Promise.all([writer.destroy(), reader.destroy()]);
    return serve({ ledger, writes, reads, watch, trouble, release });
  } catch (error) {
    await Promise.all(opened.map((thread) => thread.close()));
    throw new Error(`the ledger ${path} cannot be opened: ${(error as Error).message}`, { cause: error });
  }
};
