import { type Client, type ClientConfig, Pool, types } from 'pg';
import { named, type Place } from './errors.ts';

const CONNECT_MS = 5_000;
const STATEMENT_MS = 60_000;
/** bigint comes as a number: times in ms and counters stay far below 2^53. */
const INT8 = 20;

/** How every connection of ours is made. */
export const connectionOf = (url: string, turnMs: number): ClientConfig => ({
  connectionString: url,
  application_name: 'precall',
  connectionTimeoutMillis: CONNECT_MS,
  statement_timeout: STATEMENT_MS,
  // A server that froze, or a network that swallows everything, ends no statement.
  query_timeout: STATEMENT_MS + CONNECT_MS,
  lock_timeout: turnMs,
  // A transaction whose process stands still must end before those who wait for their turn give up.
  idle_in_transaction_session_timeout: Math.ceil(0.8 * turnMs),
  keepAlive: true,
  keepAliveInitialDelayMillis: 30_000,
  types: {
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === INT8 ? Number : types.getTypeParser(oid, format as 'text'),
  } as NonNullable<ClientConfig['types']>,
});

/** An idle connection that is lost is no failure of anybody's: the next who asks gets a new one. */
export const openPool = (config: ClientConfig, max: number): Pool => {
  const pool = new Pool({ ...config, max });
  pool.on('error', () => undefined);
  return pool;
};

/** The same without a limit to what a statement or a transaction may take: a ledger of many years is large. */
export const patient = (config: ClientConfig): ClientConfig => {
  const { statement_timeout, query_timeout, lock_timeout, idle_in_transaction_session_timeout, ...rest } =
    config;
  return rest;
};

/** @throws where the database can't hold every name, or does not answer */
export const refuseEncoding = async (asked: Pool | Client, place: Place): Promise<void> => {
  const { rows } = await asked.query('show server_encoding').catch((error: Error) => {
    throw named(place, error);
  });
  const encoding = rows[0]?.server_encoding;
  if (encoding !== 'UTF8')
    throw new Error(
      `its encoding is ${encoding}, which can't hold every name; make the database with: createdb -E UTF8 -T template0`,
    );
};

/** What went wrong in words that name the mend; never the password. */
export const notOpened = (place: Place, error: Error): Error => {
  const { cause } = error;
  const { message } = cause instanceof Error && 'code' in cause ? named(place, cause) : error;
  return new Error(
    `the ledger postgres://${place.user}@${place.address}/${place.database} cannot be opened: ${message}`,
    { cause: error },
  );
};
