import { Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, postgresBin, startPostgres } from '../../test/servers/postgres.ts';
import { ledgerTables } from '../ledger/migrations/0001-ledger.ts';
import { noticeTables } from '../ledger/migrations/0002-notices.ts';
import { dueHourTables } from '../ledger/migrations/0003-due-hours.ts';
import { line, NOW_MS, ticket } from '../ledger/suite/fixtures.ts';
import { ledgerSuite } from '../ledger.suite.ts';
import { openPostgresLedger } from './ledger.ts';

const bin = postgresBin();
const IDS = ['a-1', 'A1', '_b', 'a1', 'B'];
const BYTES = ['A1', 'B', '_b', 'a-1', 'a1'];

describe.skipIf(bin === null)('text in a PostgreSQL that speaks English', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(bin as string);
  }, 60_000);
  afterAll(() => server.stop());

  // Where "_b" comes before "a-1" and that before "A1".
  ledgerSuite('postgres in English', async () => {
    const url = await server.database({ icu: 'en-US' });
    return {
      open: (options) => openPostgresLedger({ url, ...options }),
      dispose: () => server.drop(url),
    };
  });

  const ask = async (url: string, sql: string): Promise<unknown[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    return (await client.query(sql).finally(() => client.end())).rows;
  };
  const notBinary = `select table_name || '.' || column_name as column from information_schema.columns
    where table_schema = 'public' and data_type = 'text' and collation_name is distinct from 'C'`;

  /** As a release before 0004 left it. */
  const openOld = async (url: string): Promise<void> => {
    const pool = new Pool({ connectionString: url });
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    const migrations = {
      '0001-ledger': { up: (on: Kysely<unknown>) => ledgerTables(on, 'postgres') },
      '0002-notices': { up: (on: Kysely<unknown>) => noticeTables(on, 'postgres') },
      '0003-due-hours': { up: dueHourTables },
    };
    const { error } = await new Migrator({
      db,
      provider: { getMigrations: async () => migrations },
    }).migrateToLatest();
    await pool.end();
    if (error) throw error;
  };

  it('compares byte by byte in every column, in a new database and in one from before', async () => {
    const fresh = await server.database({ icu: 'en-US' });
    expect(
      await ask(
        fresh,
        `select string_agg(id, ' ' order by id) as ids from unnest('{a-1,A1,_b,a1,B}'::text[]) as id`,
      ),
    ).toEqual([{ ids: '_b a-1 a1 A1 B' }]);
    await (await openPostgresLedger({ url: fresh, clock: () => NOW_MS })).close();
    expect(await ask(fresh, notBinary)).toEqual([]);

    const old = await server.database({ icu: 'en-US' });
    await openOld(old);
    expect((await ask(old, notBinary)).length).toBeGreaterThan(100);
    for (const id of IDS)
      await ask(
        old,
        `insert into settings values ('${id}', 'x');
        insert into sites (id, name, time_zone) values ('${id}', 'kept', 'UTC');
        insert into clocks values ('${id}', 'arrival', 't', 1, '{}')`,
      );
    const ledger = await openPostgresLedger({ url: old, clock: () => NOW_MS });
    expect(await ask(old, notBinary)).toEqual([]);
    const { rows } = await ledger.sites.list({ limit: 9 });
    expect(rows.map(({ id, name }) => `${id} ${name}`)).toEqual(BYTES.map((id) => `${id} kept`));
    expect((await ledger.clocks.claim(1, 9, 2)).map(({ key }) => key)).toEqual(BYTES);
    // Indexes were built anew: the partial unique one, and the key of a foreign key.
    const one = ticket({ id: 'one' });
    expect((await ledger.tickets.open(one, line(one, 'opened'))).opened).toBe(true);
    const two = ticket({ id: 'two' });
    expect((await ledger.tickets.open(two, line(two, 'opened'))).opened).toBe(false);
    await ledger.close();
    // Nothing is left to do the second time.
    await (await openPostgresLedger({ url: old, clock: () => NOW_MS })).close();
  });

  it('can hold every name, or the start says what to do', async () => {
    const url = await server.database();
    const name = new URL(url).pathname.slice(1);
    await ask(url.replace(name, 'postgres'), `create database latin encoding 'LATIN1' template template0`);
    const opening = openPostgresLedger({ url: url.replace(name, 'latin'), clock: () => NOW_MS });
    await expect(opening).rejects.toThrow(/encoding is LATIN1.*createdb -E UTF8 -T template0/);
  });
});
