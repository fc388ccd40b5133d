import { DatabaseSync } from 'node:sqlite';
import { ledgerCalls } from './ledger.calls.ts';
import { serve } from './thread.ts';

/** What a ledger's thread is started with. */
export interface LedgerThreadData {
  readonly path: string;
  readonly readOnly: boolean;
}

/** How long a statement waits for another process (the command line) that is writing. */
const BUSY_TIMEOUT_MS = 10_000;
const MAX_WAL_BYTES = 64 * 1024 * 1024;

const openDatabase = ({ path, readOnly }: LedgerThreadData): DatabaseSync => {
  const db = new DatabaseSync(path, {
    readOnly,
    timeout: BUSY_TIMEOUT_MS,
    enableForeignKeyConstraints: true,
  });
  if (readOnly) return db;
  db.exec('pragma journal_mode = wal');
  // Committed means that it is on the disk, also after a power cut.
  db.exec('pragma synchronous = full');
  db.exec(`pragma journal_size_limit = ${MAX_WAL_BYTES}`);
  return db;
};

serve<LedgerThreadData>((data) => ledgerCalls(openDatabase(data), data.path));
