import { CamelCasePlugin, Kysely, sql } from 'kysely';
import type { ClientConfig } from 'pg';
import { taken } from '../ledger/counter.ts';
import { createGate, type Gate } from '../ledger/gate.ts';
import { createLedger } from '../ledger/ledger.ts';
import { migrate } from '../ledger/migrations/migrate.ts';
import type { Schema } from '../ledger/schema.ts';
import { createTrouble, type ServedLedger, serve } from '../ledger/served.ts';
import { watchChanges } from '../ledger/watch.ts';
import { connectionOf, notOpened, openPool, patient, refuseEncoding } from './connection.ts';
import { postgresDialect } from './dialect.ts';
import { type Place, placeOf } from './errors.ts';
import { listen } from './listen.ts';
import { MigrationsDialect } from './migrations-dialect.ts';
import { createPatience } from './patience.ts';
import { createSessions } from './session.ts';

export interface PostgresLedgerOptions {
  /** `postgres://user:password@host:5432/database`; what pg understands after `?` too, such as sslmode. */
  readonly url: string;
  readonly clock: () => number;
  /** Change events kept (default 100,000; up to 1,000 more between two trimmings). */
  readonly keepChanges?: number;
  /** How often to look for commits that no notification told of (default 1 s). */
  readonly pollMs?: number;
  /** Transactions, and apart from them claims and reads, that may wait for their turn (default 10,000). */
  readonly maxWaiting?: number;
  /** Connections for reads (default 8); one more writes, one claims, and one listens. */
  readonly maxConnections?: number;
  /** How long an outage is waited through before calls fail (default 5 s). */
  readonly patienceMs?: number;
  /** How long a transaction waits for its turn where another process has it (default 10 s). */
  readonly turnMs?: number;
}

/**
 * Transactions of every process take turns, as they do on SQLite: what a noun reads in its transaction is still so
 * when it writes, and changes are numbered in the order of their commits. The lock ends with the transaction, also
 * with one whose process died. The number is any that nobody else in this database takes ("precall" in ASCII).
 */
const IS_READ_ONLY = "current_setting('transaction_read_only') as read_only";
export const TURN = `select ${IS_READ_ONLY}, pg_advisory_xact_lock(31651446283365484)`;
const NO_TURN = `select ${IS_READ_ONLY}`;
const CHANNEL = 'precall_changes';
const PATIENCE_MS = 5_000;
const TURN_MS = 10_000;
/** A single call whose connection broke is run again so often: a statement that the server dies of must not kill it for ever. */
const CALL_TRIES = 3;

/** Makes the tables, or brings them up to date, for as long as it takes: a ledger of many years is large. */
const prepare = async (config: ClientConfig, place: Place): Promise<void> => {
  const pool = openPool(patient(config), 2);
  try {
    await refuseEncoding(pool, place);
    await migrate(new Kysely<Schema>({ dialect: new MigrationsDialect({ pool }) }), 'postgres');
  } finally {
    await pool.end();
  }
};

/**
 * The ledger in a PostgreSQL database, whose tables it makes and brings up to date. Any number of processes may have
 * it open. A server that goes away is waited for a while; then calls fail, and when it is back, everything goes on.
 * @throws when it can't be reached or was written by a newer version, with the mend
 */
export const openPostgresLedger = async (options: PostgresLedgerOptions): Promise<ServedLedger> => {
  const { url, clock, keepChanges = 100_000, pollMs = 1_000, maxWaiting = 10_000 } = options;
  const readers = options.maxConnections ?? 8;
  const config = connectionOf(url, options.turnMs ?? TURN_MS);
  const pool = openPool(config, readers + 2);
  const place = placeOf(url);
  const sessions = createSessions(pool, place);
  const patience = createPatience(options.patienceMs ?? PATIENCE_MS);
  const connect = (gate: Gate, first: string, patient = patience): Kysely<Schema> =>
    new Kysely<Schema>({
      dialect: postgresDialect({ sessions, patience: patient, gate, first, place }),
      plugins: [new CamelCasePlugin()],
    });
  try {
    await prepare(config, place);
    const writes = createGate(1, maxWaiting);
    const claims = createGate(1, maxWaiting);
    const reads = createGate(readers, maxWaiting);
    const writer = connect(writes, TURN);
    const claimer = connect(claims, NO_TURN);
    const reader = connect(reads, NO_TURN);

    // Looking comes again by itself: it waits for nothing, and a close must not wait for it.
    const watcher = connect(reads, NO_TURN, createPatience(0));
    const lastChange = (): Promise<number> => taken(watcher, 'changes');
    // Asked of the writer and the claimer, so that they have begun: the first transaction must not come to its gate
    // after a close.
    const last = await taken(writer, 'changes');
    await taken(claimer, 'changes');
    const watch = watchChanges(
      { dataVersion: lastChange, lastChange },
      { dataVersion: last, lastChange: last },
      pollMs,
    );
    const trouble = createTrouble();
    const ledger = createLedger({
      ...{ writer, claimer, reader, clock, keepChanges, committed: watch.committed },
      announce: (db) => sql`notify ${sql.id(CHANNEL)}`.execute(db),
      wrote: trouble.wrote,
      again: (write) => patience.persist(write, CALL_TRIES),
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
    const release = async (): Promise<void> => {
      await claims.close();
      await pool.end();
    };
    return serve({ ledger, writes, reads, watch: heard, trouble, release });
  } catch (error) {
    await pool.end();
    throw notOpened(place, error as Error);
  }
};
