import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CamelCasePlugin, Kysely } from 'kysely';
import { taken } from '../../store/ledger/counter.ts';
import { createGate } from '../../store/ledger/gate.ts';
import { createLedger } from '../../store/ledger/ledger.ts';
import { migrate } from '../../store/ledger/migrations/migrate.ts';
import type { Schema } from '../../store/ledger/schema.ts';
import { watchChanges } from '../../store/ledger/watch.ts';
import type { Ledger } from '../../store/ledger.ts';
import { ledgerCalls } from '../../store/sqlite/ledger.calls.ts';
import { threadDialect } from '../../store/sqlite/ledger-dialect.ts';
import type { Thread } from '../../store/sqlite/thread.ts';

/** The SQLite ledger without its threads: all that it waits for are promises, as virtual time wants it. */
export const openInlineLedger = async (clock: () => number): Promise<Ledger> => {
  const folder = mkdtempSync(join(tmpdir(), 'precall-dispatch-'));
  const path = join(folder, 'ledger.db');
  const connect = (readOnly: boolean): Thread => {
    const db = new DatabaseSync(path, { readOnly, enableForeignKeyConstraints: true });
    if (!readOnly) db.exec('pragma journal_mode = wal; pragma synchronous = off');
    const calls = ledgerCalls(db, path) as unknown as Record<
      string,
      (...args: readonly unknown[]) => unknown
    >;
    return {
      call: async <T>(method: string, args: readonly unknown[]) => calls[method]?.(...args) as T,
      close: async () => db.close(),
    };
  };
  const open = (thread: Thread) =>
    new Kysely<Schema>({
      dialect: threadDialect(thread, createGate(1, 10_000)),
      plugins: [new CamelCasePlugin()],
    });
  const writer = open(connect(false));
  await migrate(writer, 'sqlite');
  const reader = open(connect(true));
  const watched = { dataVersion: async () => 0, lastChange: () => taken(reader, 'changes') };
  const watch = watchChanges(watched, { dataVersion: 0, lastChange: 0 }, 3_600_000);
  const ledger = createLedger({ writer, reader, clock, keepChanges: 100_000, committed: watch.committed });
  return {
    ...ledger,
    onChange: watch.onChange,
    close: async () => {
      await watch.close();
      await Promise.all([writer.destroy(), reader.destroy()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
