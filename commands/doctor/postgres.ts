import { Client } from 'pg';
import { newerThanThis } from '../../store/ledger/whole.ts';
import { connectionOf } from '../../store/postgres/connection.ts';
import { named, placeOf } from '../../store/postgres/errors.ts';
import { type Finding, fail, ok, warn } from '../finding.ts';
import { judgeClock } from './clock.ts';

/** Versions that the PostgreSQL project still mends. */
const OLDEST_MAJOR = 13;
const CONNECT_MS = 4_000;
const AGAIN = 'then run precall doctor again';

interface Facts {
  readonly version: string;
  readonly standby: boolean;
  readonly read_only: string;
  readonly may_create: boolean;
  readonly now_ms: number;
}

const FACTS = `select current_setting('server_version') as version, pg_is_in_recovery() as standby,
  current_setting('default_transaction_read_only') as read_only,
  coalesce(has_schema_privilege(current_schema(), 'create'), false) as may_create,
  (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms`;

const judge = ({ version, standby, read_only, may_create }: Facts, schema: readonly string[]): Finding => {
  const detail = `PostgreSQL ${version}, ${schema.at(-1) ?? 'no tables yet'}`;
  const newer = newerThanThis(schema);
  if (newer)
    return fail('ledger', `${detail}: written by a newer version of Precall (${newer})`, 'use that version');
  if (standby || read_only === 'on')
    return fail('ledger', `${detail}: it takes no writes`, 'name the primary server in PRECALL_LEDGER');
  if (!may_create)
    return fail(
      'ledger',
      `${detail}: this user may not make tables`,
      'give it the right to create in the schema (grant create on schema public)',
    );
  return Number.parseInt(version, 10) < OLDEST_MAJOR
    ? warn('ledger', `${detail}: older than any that was run`, `upgrade to ${OLDEST_MAJOR} or newer`)
    : ok('ledger', detail);
};

const schemaOf = async (client: Client): Promise<readonly string[]> => {
  const { rows: found } = await client.query("select to_regclass('kysely_migration') is not null as there");
  if (!found[0]?.there) return [];
  const { rows } = await client.query('select name from kysely_migration order by name');
  return rows.map(({ name }) => String(name));
};

/** The server's version, what it lets us do, what lies there, its clock. */
export const checkPostgres = async (url: string): Promise<readonly Finding[]> => {
  const client = new Client({
    ...connectionOf(url, CONNECT_MS),
    connectionTimeoutMillis: CONNECT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    // The first answer costs more than the clock may be wrong by.
    await client.query('select 1');
    const askedAtMs = Date.now();
    const { rows } = await client.query<Facts>(FACTS);
    const answeredAtMs = Date.now();
    const facts = rows[0] as Facts;
    const clock = { askedAtMs, answeredAtMs, serverMs: facts.now_ms, stepMs: 1 };
    return [judge(facts, await schemaOf(client)), judgeClock('PostgreSQL', clock)];
  } catch (cause) {
    return [fail('ledger', named(placeOf(url), cause as Error).message, AGAIN)];
  } finally {
    // Not waited for: a server that hangs says no goodbye.
    void client.end().catch(() => undefined);
  }
};
