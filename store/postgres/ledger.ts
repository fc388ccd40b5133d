import { CamelCasePlugin, Kysely, PostgresDialect, sql } from 'kysely';
import { type ClientConfig, Pool, types } from 'pg';
import { taken } from '../ledger/counter.ts';
import { createGate, type Gate } from '../ledger/gate.ts';
import { createLedger } from '../ledger/ledger.ts';
import { migrate } from '../ledger/migrations/migrate.ts';
import type { Schema } from '../ledger/schema.ts';
import { type ServedLedger, serve } from '../ledger/served.ts';
import { watchChanges } from '../ledger/watch.ts';
import { postgresDialect } from './dialect.ts';
import { listen } from './listen.ts';

export interface PostgresLedgerOptions {
  /** `postgres://user:password@host:5432/database`; what pg understands after `?` too, such as sslmode. */
  readonly url: string;
  readonly clock: () => number;
  /** Change events kept (default 100,000; up to 1,000 more between two trimmings). */
  readonly keepChanges?: number;
  /** How often to look for commits that no notification told of (default 1 s). */
  readonly pollMs?: number;
  /** Transactions, and apart from them reads, that may wait for their turn (default 10,000). */
  readonly maxWaiting?: number;
  /** Connections for reads (default 8); one more writes, and one listens. */
  readonly maxConnections?: number;
}

/**
 * Transactions of every process take turns, as they do on SQLite: what a noun reads in its transaction is still so
 * when it writes, and changes are numbered in the order of their commits. The lock ends with the transaction, also
 * with one whose process died. The number is any that nobody else in this database takes ("precall" in ASCII).
 */
const TURN = 'select pg_advisory_xact_lock(31651446283365484)';
const CHANNEL = 'precall_changes';
const CONNECT_MS = 5_000;
const STATEMENT_MS = 60_000;
/** bigint comes as a number: times in ms and counters stay far below 2^53. */
const INT8 = 20;

/** What went wrong in words that name the mend; never the password. */
const explain = (url: string, error: Error): string => {
  const { hostname, port, pathname, username } = new URL(url);
  const where = `postgres://${username}@${hostname}:${port || '5432'}${pathname}`;
  const code = (error as { readonly code?: string }).code;
  const mend =
    code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ETIMEDOUT'
      ? 'no server answers there; start it, or correct PRECALL_LEDGER'
      : code === '28P01' || code === '28000'
        ? 'it refuses this user or password; correct PRECALL_LEDGER'
        : code === '3D000'
          ? `there is no such database; make it with: createdb ${pathname.slice(1)}`
          : code === '42501'
            ? 'the user may not make tables there; give it the right to create in schema public'
            : error.message;
  return `the ledger ${where} cannot be opened: ${mend}`;
};

const configOf = (url: string): ClientConfig => ({
  connectionString: url,
  application_name: 'precall',
  connectionTimeoutMillis: CONNECT_MS,
  statement_timeout: STATEMENT_MS,
  // A transaction whose process hangs must not keep all others waiting.
  idle_in_transaction_session_timeout: STATEMENT_MS,
  keepAlive: true,
  types: {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === INT8 ? Number : types.getTypeParser(oid, format as 'text'),
  } as NonNullable<ClientConfig['types']>,
});

/**
 * The ledger in a PostgreSQL database, whose tables it makes and brings up to date. Any number of processes may have
 * it open. A server that goes away fails the calls meanwhile; when it is back, everything goes on.
 * @throws when it can't be reached or was written by a newer version, with the mend
 */
export const openPostgresLedger = async (options: PostgresLedgerOptions): Promise<ServedLedger> => {
  const { url, clock, keepChanges = 100_000, pollMs = 1_000, maxWaiting = 10_000 } = options;
  const readers = options.maxConnections ?? 8;
  const config = configOf(url);
  const pool = new Pool({ ...config, max: readers + 1 });
  // An idle connection that is lost is no failure of anybody's: the next who asks gets a new one.
  pool.on('error', () => undefined);
  const connect = (gate: Gate): Kysely<Schema> =>
    new Kysely<Schema>({
      dialect: postgresDialect({ pool, gate, first: TURN }),
      plugins: [new CamelCasePlugin()],
    });
  try {
    const writes = createGate(1, maxWaiting);
    const reads = createGate(readers, maxWaiting);
    const writer = connect(writes);
    const reader = connect(reads);
    // Kysely's own dialect: its migrator has a lock of its own, beside transactions.
    await migrate(new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) }), 'postgres');

    const lastChange = (): Promise<number> => taken(reader, 'changes');
    // Asked of the writer, so that it has begun: the first transaction must not come to its gate after a close.
    const last = await taken(writer, 'changes');
    const watch = watchChanges(
      { dataVersion: lastChange, lastChange },
      { dataVersion: last, lastChange: last },
      pollMs,
    );
    const ledger = createLedger({
      ...{ writer, reader, clock, keepChanges, committed: watch.committed },
      announce: (db) => sql`notify ${sql.id(CHANNEL)}`.execute(db),
    });
    const look = (): void => void lastChange().then(watch.committed, () => undefined);
    const listener = listen(config, CHANNEL, look);
    const heard = {
      ...watch,
      close: async () => {
        await listener.close();
        await watch.close();
      },
    };

    return serve({ ledger, writes, reads, watch: heard, release: () => pool.end() });
  } catch (error) {
    await pool.end();
    const cause = (error as Error).cause ?? error;
    throw new Error(
      cause instanceof Error && 'code' in cause
        ? explain(url, cause)
        : `the ledger cannot be opened: ${(error as Error).message}`,
      { cause: error },
    );
  }
};
