import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PostgresServer, postgresBin, startPostgres } from '../../test/servers/postgres.ts';
import type { ServedLedger } from '../ledger/served.ts';
import { NOW_MS } from '../ledger/suite/fixtures.ts';
import { LedgerBusyError } from '../ledger.ts';
import { LedgerAwayError, LedgerUnsureError } from '../trouble.ts';
import { openPostgresLedger, type PostgresLedgerOptions, TURN } from './ledger.ts';
import { openWire } from './outage.fixture.ts';

const bin = postgresBin();

describe.skipIf(bin === null)('a PostgreSQL that fails under the ledger', () => {
  let server: PostgresServer;
  let admin: string;
  let url: string;
  let opened: ServedLedger[] = [];
  beforeAll(async () => {
    server = await startPostgres(bin as string);
    admin = await server.database();
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.database();
  });
  afterEach(async () => {
    await Promise.all(opened.map((ledger) => ledger.close()));
    opened = [];
  });

  const open = async (options: Partial<PostgresLedgerOptions> = {}): Promise<ServedLedger> => {
    const ledger = await openPostgresLedger({ url, clock: () => NOW_MS, ...options });
    opened.push(ledger);
    return ledger;
  };
  /** As somebody at psql who may do everything. */
  const ask = async (sql: string, at = admin) => {
    const client = new Client({ connectionString: at });
    await client.connect();
    return client.query(sql).finally(() => client.end());
  };
  const nameOf = (of: string) => new URL(of).pathname.slice(1);
  const endSessions = () =>
    ask(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${nameOf(url)}'`);
  const failure = async (call: Promise<unknown>): Promise<Error> => {
    const error: Error = await call.then(
      () => new Error('it did not fail'),
      (reason) => reason,
    );
    expect(error.message).not.toMatch(/\n|for-tests-only|geheim/);
    return error;
  };
  const timed = async (call: Promise<unknown>): Promise<number> => {
    const startedMs = performance.now();
    await call.catch(() => undefined);
    return performance.now() - startedMs;
  };

  it('fails nobody when it restarts: reads and writes wait', async () => {
    const ledger = await open();
    await ledger.settings.set('a', '1');
    await server.kill();
    const waiting = [
      ledger.settings.get('a'),
      ledger.settings.set('b', '2'),
      ledger.transaction(async (tx) => tx.settings.set('c', '3')),
      ledger.claiming(async (tx) => tx.outbox.ready(NOW_MS, 1)),
      ledger.head(),
    ];
    const all = Promise.all(waiting);
    await wait(700);
    await server.start();
    await all;
    expect([await ledger.settings.get('b'), await ledger.settings.get('c')]).toEqual(['2', '3']);
  });

  it('is waited for once: later calls, and a queue of them, fail at once and say what to mend', async () => {
    const ledger = await open({ patienceMs: 1_000 });
    await server.kill();
    try {
      const first = ledger.settings.set('a', '1');
      const waitedMs = await timed(first);
      expect(waitedMs).toBeGreaterThan(500);
      const error = await failure(first);
      expect(error).toBeInstanceOf(LedgerAwayError);
      expect(error.message).toMatch(
        /^no server answers at 127\.0\.0\.1:\d+ \(.*\); start it, or correct PRECALL_LEDGER$/,
      );
      const many = Array.from({ length: 2_000 }, (_, i) => [
        ledger.settings.set(`k${i}`, '1'),
        ledger.settings.get('a'),
      ]).flat();
      expect(await timed(Promise.allSettled(many))).toBeLessThan(5_000);
      const ends = await Promise.allSettled(many);
      expect(ends.every((end) => end.status === 'rejected' && end.reason instanceof LedgerAwayError)).toBe(
        true,
      );
    } finally {
      await server.start();
    }
    await ledger.settings.set('a', '2');
    expect(await ledger.settings.get('a')).toBe('2');
  });

  it('may end every connection: the next who asks gets a new one', async () => {
    const ledger = await open();
    await Promise.all(Array.from({ length: 8 }, () => ledger.settings.get('a')));
    await endSessions();
    const calls = Array.from({ length: 8 }, (_, i) => [
      ledger.settings.get('a'),
      ledger.settings.set(`k${i}`, 'x'),
    ]);
    await Promise.all(calls.flat());
    expect(await ledger.settings.get('k7')).toBe('x');
  });

  /** The server ends the connection while it writes a setting, so often. */
  const dieOnWrite = (times: number, when: 'now' | 'at the commit') =>
    ask(
      `create sequence tries;
      create function die() returns trigger language plpgsql as $$ begin
        if nextval('tries') <= ${times} then perform pg_terminate_backend(pg_backend_pid()); end if;
        return new; end $$;
      create ${when === 'now' ? '' : 'constraint'} trigger die after insert on settings
        ${when === 'now' ? '' : 'deferrable initially deferred'} for each row execute function die()`,
      url,
    );

  it('may break off a single write: it is done again', async () => {
    const ledger = await open();
    await dieOnWrite(2, 'now');
    await ledger.settings.set('a', '1');
    expect(await ledger.settings.get('a')).toBe('1');
    expect((await ask('select last_value::int as tries from tries', url)).rows).toEqual([{ tries: 3 }]);
  });

  it('is not killed for ever by a write that it dies of', async () => {
    const ledger = await open();
    await dieOnWrite(1_000, 'now');
    expect(await failure(ledger.settings.set('a', '1'))).toBeInstanceOf(LedgerAwayError);
    expect((await ask('select last_value::int as tries from tries', url)).rows).toEqual([{ tries: 3 }]);
  });

  it('may break off a transaction: nothing of it is done, and it is not run again behind its caller', async () => {
    const ledger = await open();
    await dieOnWrite(1, 'now');
    let runs = 0;
    const work = ledger.transaction(async (tx) => {
      runs += 1;
      await tx.sites.put({ id: 's1', name: 's', position: null, timeZone: 'UTC' }, NOW_MS);
      await tx.settings.set('a', '1');
    });
    const error = await failure(work);
    expect(error).toBeInstanceOf(LedgerAwayError);
    expect(error.message).toMatch(/ended the connection; if it was stopped, start it again/);
    expect(runs).toBe(1);
    expect([await ledger.settings.get('a'), await ledger.sites.get('s1')]).toEqual([null, null]);
  });

  it('may break during a commit: nobody knows, and that is what is said', async () => {
    const ledger = await open();
    await dieOnWrite(1, 'at the commit');
    const error = await failure(ledger.settings.set('a', '1'));
    expect(error).toBeInstanceOf(LedgerUnsureError);
    expect(error.message).toMatch(/may or may not be done/);
    expect(await ledger.settings.get('a')).toBeNull();

    const wire = await openWire(server.port);
    const through = await open({ url: url.replace(String(server.port), String(wire.port)) });
    wire.loseNextCommit();
    expect(await failure(through.settings.set('b', '1'))).toBeInstanceOf(LedgerUnsureError);
    expect(await ledger.settings.get('b')).toBe('1');
    await through.settings.set('b', '2');
    expect(await ledger.settings.get('b')).toBe('2');
    wire.close();
  });

  it('rolls back a transaction of which a statement failed, also where nobody cared', async () => {
    const ledger = await open();
    const work = ledger.transaction(async (tx) => {
      await tx.settings.set('a', '1');
      const grant = {
        ...{ hash: 'h', kind: 'token' as const, subject: 's', role: 'viewer' as const, crew: null },
        ...{ createdAtMs: 0, expiresAtMs: null },
      };
      await tx.people.grant(grant);
      await tx.people.grant(grant).catch(() => undefined);
    });
    expect((await failure(work)).message).toMatch(/a statement of this transaction had failed/);
    expect(await ledger.settings.get('a')).toBeNull();
  });

  it('lets nobody wait for a turn for ever, nor a whole queue one after the other', async () => {
    const ledger = await open({ turnMs: 1_000 });
    const other = new Client({ connectionString: url });
    await other.connect();
    await other.query('begin');
    await other.query(TURN);
    const queue = Array.from({ length: 200 }, (_, i) => ledger.settings.set(`k${i}`, '1'));
    const endsMs = await Promise.all(queue.map(timed));
    expect(Math.max(...endsMs)).toBeLessThan(4_000);
    expect(Math.min(...endsMs)).toBeGreaterThan(900);
    const error = await failure(queue[0] as Promise<unknown>);
    expect(error).toBeInstanceOf(LedgerBusyError);
    expect(error.message).toMatch(/lock timeout.*pg_stat_activity shows who holds it$/);
    await other.query('rollback');
    await other.end();
    await ledger.settings.set('a', '1');
    expect(await ledger.settings.get('k3')).toBeNull();
  });

  it('ends the turn of a process that stands still, before others give up', async () => {
    const still = await open({ turnMs: 1_500 });
    const other = await open({ turnMs: 1_500 });
    let isInside = (): void => undefined;
    const inside = new Promise<void>((resolve) => {
      isInside = resolve;
    });
    const sleeping = still.transaction(async (tx) => {
      await tx.settings.set('still', '1');
      isInside();
      await wait(2_500);
    });
    await inside;
    await other.settings.set('other', '1');
    const error = await failure(sleeping);
    expect(error).toBeInstanceOf(LedgerAwayError);
    expect(error.message).toMatch(/nothing was said in for too long/);
    expect([await other.settings.get('other'), await other.settings.get('still')]).toEqual(['1', null]);
  });

  it('ends the connection that listens: it is made anew, and what came meanwhile is told', async () => {
    const one = await open({ pollMs: 600_000 });
    const two = await open({ pollMs: 600_000 });
    await wait(300);
    let heard = 0;
    two.onChange(() => {
      heard += 1;
    });
    const put = (id: string) => one.sites.put({ id, name: id, position: null, timeZone: 'UTC' }, NOW_MS);
    const listening = `from pg_stat_activity where datname = '${nameOf(url)}' and query like 'listen%'`;
    await ask(`select pg_terminate_backend(pid) ${listening}`);
    await put('s1');
    await expect.poll(() => heard, { timeout: 5_000 }).toBe(1);
    await expect.poll(async () => (await ask(`select 1 ${listening}`)).rowCount, { timeout: 5_000 }).toBe(2);
    await put('s2');
    await expect.poll(() => heard, { timeout: 500 }).toBe(2);
  });

  /** A ledger of a user who has no more rights than it needs. */
  const openAs = async (
    user: string,
    options: Partial<PostgresLedgerOptions> = {},
  ): Promise<ServedLedger> => {
    await ask(`create role ${user} login password 'geheim'`);
    await ask(`alter database ${nameOf(url)} owner to ${user}`);
    return open({ url: url.replace(/\/\/[^@]+@/, `//${user}:geheim@`), patienceMs: 600, ...options });
  };

  it.each([
    {
      name: 'has no connection left',
      user: 'many',
      harm: () => `alter role many connection limit 0`,
      mend: () => `alter role many connection limit -1`,
      says: /has no connection left; raise max_connections/,
      reads: false,
    },
    {
      name: 'refuses the password',
      user: 'secretive',
      harm: () => `alter role secretive password 'other'`,
      mend: () => `alter role secretive password 'geheim'`,
      says: /refuses user secretive or its password; correct PRECALL_LEDGER/,
      reads: false,
    },
    {
      name: 'has lost the database',
      user: 'lost',
      harm: (db: string) => `alter database ${db} rename to hidden`,
      mend: (db: string) => `alter database hidden rename to ${db}`,
      says: /has no such database; make it with: createdb ledger_\d+/,
      reads: false,
    },
    {
      name: 'takes no writes',
      user: 'reader',
      harm: (db: string) => `alter database ${db} set default_transaction_read_only = on`,
      mend: (db: string) => `alter database ${db} reset default_transaction_read_only`,
      says: /takes no writes; point PRECALL_LEDGER at the primary, or end its default_transaction_read_only/,
      reads: true,
    },
    {
      name: 'forbids a table',
      user: 'forbidden',
      harm: () => `alter table settings owner to postgres`,
      mend: () => `alter table settings owner to forbidden`,
      says: /does not let user forbidden do that \(permission denied.*\); make it the owner/,
      reads: false,
    },
  ])(
    '$name: it says so with the mend, and all goes on when that is done',
    async ({ user, harm, mend, says, reads }) => {
      const ledger = await openAs(user);
      await ledger.settings.set('a', '1');
      await Promise.all(Array.from({ length: 8 }, () => ledger.settings.get('a')));
      const db = nameOf(url);
      const at = user === 'forbidden' ? url : admin;
      if (user === 'lost') await endSessions();
      await ask(harm(db), at);
      await endSessions();
      const calls = [
        () => ledger.settings.set('a', '2'),
        () => ledger.transaction((tx) => tx.settings.set('a', '3')),
        ...(reads ? [] : [() => ledger.settings.get('a')]),
      ];
      for (const call of calls) {
        const error = await failure(call());
        expect(error).toBeInstanceOf(LedgerAwayError);
        expect(error.message).toMatch(says);
      }
      if (reads) expect(await ledger.settings.get('a')).toBe('1');
      expect(ledger.trouble()).toMatch(says);
      await ask(mend(db), at);
      await Promise.all(calls.map((call) => call()));
      expect(await ledger.settings.get('a')).toMatch(/[23]/);
      expect(ledger.trouble()).toBeNull();
      expect(ledger.queues()).toMatchObject({ writes: { waiting: 0 }, reads: { waiting: 0 } });
    },
  );

  it('has fewer connections than the ledger would like: it goes on with those', async () => {
    const ledger = await openAs('few', { patienceMs: 5_000 });
    // One of them listens.
    await ask('alter role few connection limit 3');
    await endSessions();
    const calls = Array.from({ length: 300 }, (_, i) => [
      ledger.settings.set(`k${i}`, String(i)),
      ledger.settings.get('a'),
    ]);
    await Promise.all(calls.flat());
    expect(await ledger.settings.get('k299')).toBe('299');
  });
});
