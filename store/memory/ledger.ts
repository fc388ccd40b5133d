import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CamelCasePlugin, Kysely } from 'kysely';
import { systemTimers } from '../../time/system.ts';
import type { Timers } from '../../time/timers.ts';
import { createGate, type Gate } from '../ledger/gate.ts';
import { createLedger } from '../ledger/ledger.ts';
import { migrate } from '../ledger/migrations/migrate.ts';
import type { Schema } from '../ledger/schema.ts';
import type { Ledger } from '../ledger.ts';
import { ledgerCalls } from '../sqlite/ledger.calls.ts';
import { threadDialect } from '../sqlite/ledger-dialect.ts';
import { type Calls, directly, inlineThread, mortal, type Through } from './inline.ts';
import { createTurns } from './turns.ts';

export interface MemoryLedgerOptions {
  readonly clock: () => number;
  readonly keepChanges?: number;
  readonly timers?: Pick<Timers, 'soon'>;
  readonly through?: Through;
}

export interface OpenedLedger extends Ledger {
  /** Its process died: a transaction under way is rolled back, nobody waits for it, nothing is told to it. */
  kill(): void;
}

/** A ledger's storage that outlives whoever opens it; several processes may have it open. */
export interface MemoryLedger {
  open(options: MemoryLedgerOptions): Promise<OpenedLedger>;
  dispose(): void;
}

const READS_AT_ONCE = 16;
const MAX_WAITING = 10_000;

interface Follower {
  tell(lastChange: number): void;
}

const createFollower = (timers: Pick<Timers, 'soon'>) => {
  const listeners = new Set<() => void>();
  let told = 0;
  let isTelling = false;
  return {
    listeners,
    tell: (lastChange: number): void => {
      if (lastChange <= told) return;
      told = lastChange;
      if (isTelling) return;
      isTelling = true;
      timers.soon(() => {
        isTelling = false;
        for (const listener of [...listeners]) listener();
      });
    },
  };
};

interface Databases {
  readonly writing: DatabaseSync;
  /** Sees only what is committed; null: reads wait for whoever writes. */
  readonly reading: DatabaseSync | null;
  dispose(): void;
}

/** Nothing is ever synced to the disk. */
const openOnFile = (): Databases => {
  const folder = mkdtempSync(join(tmpdir(), 'precall-memory-'));
  const path = join(folder, 'ledger.db');
  const writing = new DatabaseSync(path, { enableForeignKeyConstraints: true });
  writing.exec('pragma journal_mode = wal; pragma synchronous = off');
  const reading = new DatabaseSync(path, { readOnly: true });
  const dispose = (): void => {
    reading.close();
    writing.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { writing, reading, dispose };
};

const openInMemory = (): Databases => {
  const writing = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true });
  return { writing, reading: null, dispose: () => writing.close() };
};

const lastChangeOf = (db: DatabaseSync): (() => number) => {
  let statement: ReturnType<DatabaseSync['prepare']> | null = null;
  return () => {
    statement ??= db.prepare("select value from counters where name = 'changes'");
    return Number(statement.get()?.value ?? 0);
  };
};

export interface MemoryLedgerStorage {
  /**
   * `beside` (default): reads go on while somebody writes, on a file that nobody keeps. `in-turn`: they wait, as
   * transactions do, and nothing but memory is touched: a third of the time.
   */
  readonly reads?: 'beside' | 'in-turn';
}

/** The embedded ledger in this thread. Transactions of all processes take turns. */
export const newMemoryLedger = ({ reads: how = 'beside' }: MemoryLedgerStorage = {}): MemoryLedger => {
  const { writing, reading, dispose } = how === 'beside' ? openOnFile() : openInMemory();
  const calls = ledgerCalls(writing, 'memory');
  let isMigrated = false;
  /** Number of the last change that is committed, whether or not whoever wrote it lived to tell. */
  let lastChange = 0;
  const readLastChange = lastChangeOf(writing);
  const writes = {
    ...calls,
    commit: () => {
      calls.commit();
      if (isMigrated) lastChange = readLastChange();
    },
  };
  const beside = reading && ledgerCalls(reading, 'memory');
  // While nobody writes, the writing connection sees the same, and has it at hand.
  const reads: Calls = {
    ...writes,
    run: (...call: Parameters<typeof writes.run>) =>
      (beside && writing.isTransaction ? beside : writes).run(...call),
  };
  const turns = createTurns();
  const followers = new Set<Follower>();

  const open = async (options: MemoryLedgerOptions): Promise<OpenedLedger> => {
    const { clock, keepChanges = 100_000, timers = systemTimers, through = directly } = options;
    const turn = turns.join();
    let isDead = false;
    let closing: Promise<void> | null = null;
    const connect = (calls: Calls, gate: Gate): Kysely<Schema> => {
      const dialect = threadDialect(
        mortal(through(inlineThread(calls)), () => isDead),
        gate,
      );
      return new Kysely<Schema>({ dialect, plugins: [new CamelCasePlugin()] });
    };
    const writer = connect(writes, turn.gate);
    const readers = reading ? createGate(READS_AT_ONCE, MAX_WAITING) : turn.gate;
    const reader = connect(reads, readers);
    if (!isMigrated) await migrate(writer, 'sqlite');
    isMigrated = true;

    const follower = createFollower(timers);
    followers.add(follower);
    const committed = (last: number): void => {
      for (const other of followers) other.tell(last);
    };
    const leave = (): void => {
      followers.delete(follower);
      follower.listeners.clear();
    };
    const close = async (): Promise<void> => {
      leave();
      await turn.gate.close();
      await readers.close();
      await Promise.all([writer.destroy(), reader.destroy()]);
    };
    return {
      ...createLedger({ writer, reader, clock, keepChanges, committed }),
      onChange: (listener) => {
        const own = () => listener();
        follower.listeners.add(own);
        return () => void follower.listeners.delete(own);
      },
      close: () => {
        closing ??= close();
        return closing;
      },
      kill: () => {
        isDead = true;
        leave();
        if (turn.leave() && writing.isTransaction) writing.exec('rollback');
        turns.pass(turn);
        // On a file the others would look themselves, and find what it committed with its last breath.
        committed(lastChange);
      },
    };
  };
  return { open, dispose };
};
