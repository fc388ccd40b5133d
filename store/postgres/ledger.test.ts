import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, type PostgresServer, postgresBin, startPostgres } from '../../test/servers/postgres.ts';
import type { ServedLedger } from '../ledger/served.ts';
import { line, NOW_MS, ticket } from '../ledger/suite/fixtures.ts';
import { ledgerSuite } from '../ledger.suite.ts';
import { openPostgresLedger } from './ledger.ts';

const bin = postgresBin();

describe.skipIf(bin === null)('on a real PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(bin as string);
  }, 60_000);
  afterAll(() => server.stop());

  ledgerSuite('postgres', async () => {
    const url = await server.database();
    return {
      open: (options) => openPostgresLedger({ url, ...options }),
      dispose: () => server.drop(url),
    };
  });

  /** They look so seldom that only a notification can tell them of each other. */
  const openTwo = async (): Promise<[ServedLedger, ServedLedger]> => {
    const url = await server.database();
    const open = () => openPostgresLedger({ url, clock: () => NOW_MS, pollMs: 600_000 });
    return [await open(), await open()];
  };

  it('opens one ticket an item, however many processes try at once', async () => {
    const both = await openTwo();
    const tries = Array.from({ length: 400 }, (_, i) => {
      const one = ticket({ id: `t${i}`, unit: `bay${i % 50}` });
      return (both[i % 2] as ServedLedger).tickets.open(one, line(one, 'opened'));
    });
    const done = await Promise.all(tries);
    expect(done.filter((each) => each.opened)).toHaveLength(50);
    expect(new Set(done.map((each) => each.ticket.id)).size).toBe(50);
    await Promise.all(both.map((ledger) => ledger.close()));
  });

  it('has its tables made by one of two processes that start at once, and is refused to an older release', async () => {
    const url = await server.database();
    const open = () => openPostgresLedger({ url, clock: () => NOW_MS });
    const both = await Promise.all([open(), open()]);
    await both[0].settings.set('a', '1');
    expect(await both[1].settings.get('a')).toBe('1');
    await Promise.all(both.map((ledger) => ledger.close()));
    const psql = new Client({ connectionString: url });
    await psql.connect();
    await psql.query("insert into kysely_migration values ('9999-later', '2030-01-01T00:00:00.000Z')");
    await psql.end();
    await expect(open()).rejects.toThrow(/newer version of Precall \(migration 9999-later\)/);
  });

  it('gives a clock to one of two messengers, however often both reach for it', async () => {
    const both = await openTwo();
    const clocks = Array.from({ length: 40 }, (_, i) => ({
      ...{
        key: `escalation:t${i}`,
        kind: 'escalation' as const,
        ticket: 't1',
        dueAtMs: NOW_MS,
        payload: '{}',
      },
    }));
    for (const clock of clocks) await both[0].clocks.set(clock);
    const taken = await Promise.all(
      clocks.flatMap((clock) => both.map((ledger) => ledger.clocks.take(clock))),
    );
    expect(taken.filter(Boolean)).toHaveLength(clocks.length);
    await Promise.all(both.map((ledger) => ledger.close()));
  });

  it('tells at once of what another process committed', async () => {
    const [one, two] = await openTwo();
    const heard = new Promise<number>((resolve) => two.onChange(() => resolve(performance.now())));
    // The listening connection is made in the background.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await one.sites.put({ id: 's1', name: '武林 🚗', position: null, timeZone: 'Asia/Shanghai' }, NOW_MS);
    await heard;
    expect(await two.sites.get('s1')).toMatchObject({ name: '武林 🚗' });
    await Promise.all([one.close(), two.close()]);
  });

  it('goes on when the server was killed and is back, and loses nothing that was committed', async () => {
    const url = await server.database();
    const ledger = await openPostgresLedger({ url, clock: () => NOW_MS });
    await ledger.settings.set('a', '1');
    await server.kill();
    await expect(ledger.settings.set('b', '2')).rejects.toThrow();
    await expect(ledger.settings.get('a')).rejects.toThrow();
    await server.start();
    expect(await ledger.settings.get('a')).toBe('1');
    await ledger.settings.set('b', '3');
    expect(await ledger.settings.get('b')).toBe('3');
    expect(ledger.queues()).toMatchObject({ writes: { waiting: 0 }, reads: { waiting: 0 } });
    await ledger.close();
  });

  it('fails a transaction whose server goes away between two statements, and nothing else', async () => {
    const url = await server.database();
    const ledger = await openPostgresLedger({ url, clock: () => NOW_MS });
    const half = ledger.transaction(async (tx) => {
      await tx.settings.set('half', '1');
      await server.kill();
      // Nothing is asked meanwhile: that the connection is lost is told to nobody who waits.
      await new Promise((resolve) => setTimeout(resolve, 300));
      await tx.settings.set('half', '2');
    });
    await expect(half).rejects.toThrow();
    await server.start();
    expect(await ledger.settings.get('half')).toBeNull();
    await ledger.settings.set('half', '3');
    expect(await ledger.settings.get('half')).toBe('3');
    await ledger.close();
  });

  it.each([
    [
      'a wrong password',
      (url: string) => url.replace(PASSWORD, 'geheim'),
      /refuses user postgres or its password; correct PRECALL_LEDGER/,
    ],
    [
      'no such database',
      (url: string) => url.replace(/[^/]+$/, 'nowhere'),
      /no such database; make it with: createdb nowhere/,
    ],
    [
      'no server',
      (url: string) => url.replace(/:\d+\//, ':1/'),
      /no server answers at 127.0.0.1:1 .*start it/,
    ],
  ])('says in one line what to mend: %s', async (_, change, message) => {
    const url = change(await server.database());
    const attempt = openPostgresLedger({ url, clock: () => NOW_MS });
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.not.toThrow(/geheim|for-tests-only|\n/);
  });
});
