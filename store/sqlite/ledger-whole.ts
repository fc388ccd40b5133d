import { existsSync } from 'node:fs';
import { Kysely } from 'kysely';
import { createGate } from '../ledger/gate.ts';
import type { EmptyLedger, SqlSnapshot, StoredRow } from '../ledger/whole.ts';
import type { LedgerThreadData } from './ledger.worker.ts';
import { threadDialect } from './ledger-dialect.ts';
import { makePrivateFile } from './private.ts';
import { openSnapshot } from './snapshot.ts';
import { startThread } from './thread.ts';

/** The ledger's file as it is now, also while a service writes it. @throws NoFileError */
export const openSqliteLedgerSnapshot = (path: string): SqlSnapshot => {
  const { db, close } = openSnapshot(path, 'ledger');
  return {
    engine: 'sqlite',
    ask: async function* (statement) {
      yield* db.prepare(statement).iterate() as Iterable<unknown> as Iterable<StoredRow>;
    },
    close: async () => close(),
  };
};

/** Makes an empty file for a ledger. @throws where there is one */
export const openEmptySqliteLedger = async (path: string): Promise<EmptyLedger> => {
  if (existsSync(path)) throw new Error(`${path}: is there already`);
  makePrivateFile(path);
  const data: LedgerThreadData = { path, readOnly: false };
  const thread = await startThread(new URL('./ledger.worker.ts', import.meta.url), data);
  const db = new Kysely<Record<string, Record<string, string | number | null>>>({
    dialect: threadDialect(thread, createGate(1, 1)),
  });
  return { engine: 'sqlite', db, close: () => db.destroy() };
};
