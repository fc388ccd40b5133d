import { Kysely } from 'kysely';
import { Client, type ClientConfig } from 'pg';
import { type EmptyLedger, type SqlSnapshot, type StoredRow, tablesIn } from '../ledger/whole.ts';
import { connectionOf, notOpened, openPool, patient, refuseEncoding } from './connection.ts';
import { named, placeOf } from './errors.ts';
import { MigrationsDialect } from './migrations-dialect.ts';

const FETCH_ROWS = 1_000;

/** Nobody's turn is waited for: it only reads, or is alone. */
const TURN_MS = 10_000;

/** What is slow here is the disk that rows are written to. */
const settings = (url: string): ClientConfig => patient(connectionOf(url, TURN_MS));

/** The rows of one statement, some at a time: a cursor, so that a large table is never held whole. */
const asking = (client: Client): SqlSnapshot['ask'] =>
  async function* (statement) {
    await client.query(`declare whole no scroll cursor for ${statement}`);
    try {
      for (;;) {
        const { rows } = await client.query<StoredRow>(`fetch ${FETCH_ROWS} from whole`);
        yield* rows;
        if (rows.length < FETCH_ROWS) return;
      }
    } finally {
      // A server that is gone is told by the query that failed.
      await client.query('close whole').catch(() => undefined);
    }
  };

/** The database as it is now, also while services write it. @throws with the mend where it can't be reached */
export const openPostgresLedgerSnapshot = async (url: string): Promise<SqlSnapshot> => {
  const client = new Client(settings(url));
  // Told by the query that fails; an event that nobody hears would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin isolation level repeatable read read only');
    // The state that is read from here on is the one of the first look.
    await client.query('select count(*) from pg_tables');
  } catch (error) {
    await client.end().catch(() => undefined);
    throw notOpened(placeOf(url), named(placeOf(url), error as Error));
  }
  return { engine: 'postgres', ask: asking(client), close: () => client.end() };
};

/** A database without a ledger, to be filled. @throws where there is one, or it can't be reached */
export const openEmptyPostgresLedger = async (url: string): Promise<EmptyLedger> => {
  const snapshot = await openPostgresLedgerSnapshot(url);
  try {
    if ((await tablesIn(snapshot)).size > 0)
      throw new Error(
        `the database ${new URL(url).pathname.slice(1)} holds a ledger already: make a new one (createdb) and name it in PRECALL_LEDGER`,
      );
  } finally {
    await snapshot.close();
  }
  const pool = openPool(settings(url), 1);
  await refuseEncoding(pool, placeOf(url)).catch(async (error: Error) => {
    await pool.end();
    throw notOpened(placeOf(url), error);
  });
  const db = new Kysely<Record<string, Record<string, string | number | null>>>({
    dialect: new MigrationsDialect({ pool }),
  });
  return { engine: 'postgres', db, close: () => db.destroy() };
};
