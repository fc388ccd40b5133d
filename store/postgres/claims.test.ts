import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PostgresServer, postgresBin, startPostgres } from '../../test/servers/postgres.ts';
import type { ServedLedger } from '../ledger/served.ts';
import { line, NOW_MS, ticket } from '../ledger/suite/fixtures.ts';
import { channel, notice } from '../ledger/suite/notices.ts';
import type { LedgerNouns } from '../ledger.ts';
import type { Delivery } from '../notices.ts';
import { openPostgresLedger } from './ledger.ts';

const bin = postgresBin();
const LEASE_MS = 60_000;
const ITEMS = 1_000;
const CHANNELS = 8;

describe.skipIf(bin === null)('several processes on one PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres(bin as string);
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.database();
  });

  const open = (count: number): Promise<ServedLedger[]> =>
    Promise.all(Array.from({ length: count }, () => openPostgresLedger({ url, clock: () => NOW_MS })));
  const close = (ledgers: readonly ServedLedger[]) => Promise.all(ledgers.map((ledger) => ledger.close()));

  /** A person at psql, in a transaction that stays open. */
  const psql = async (...statements: readonly string[]): Promise<Client> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    return client;
  };

  const signal = () => {
    let give = (): void => undefined;
    const given = new Promise<void>((resolve) => {
      give = resolve;
    });
    return { given, give: () => give() };
  };

  const hold = (tx: LedgerNouns, id: string, own: readonly Delivery[], nowMs = NOW_MS) =>
    tx.outbox.hold(
      id,
      own.map((delivery) => delivery.id),
      nowMs,
    );
  const of = async (tx: Pick<LedgerNouns, 'outbox'>, id: string): Promise<readonly Delivery[]> =>
    (await tx.outbox.ready(NOW_MS, ITEMS)).filter((delivery) => delivery.channel === id);

  /** A thousand deliveries of as many tickets, on eight channels. */
  const fillOutbox = async ([first]: readonly ServedLedger[]): Promise<void> => {
    for (let at = 0; at < CHANNELS; at += 1)
      await first!.channels.put(channel({ id: `h${at}`, audience: `crew:c${at}` }), 'whsec_x', NOW_MS);
    const notices = Array.from({ length: ITEMS }, (_, i) =>
      notice(`n${i}`, { ticket: `t${i}`, audience: `crew:c${i % CHANNELS}` }),
    );
    await first!.notices.add(notices);
  };

  const fillClocks = async ([first]: readonly ServedLedger[]): Promise<void> => {
    await first!.transaction(async (tx) => {
      for (let i = 0; i < ITEMS; i += 1)
        await tx.clocks.set({
          ...{ key: `arrival:t${i}`, kind: 'arrival', ticket: `t${i}`, payload: '{}' },
          dueAtMs: NOW_MS - (i % 50),
        });
    });
  };

  /** Claims parts of the first channel that nobody else is claiming for, until nothing is ready; returns what it got. */
  const claimer = async (ledger: ServedLedger, name: string, nowMs = NOW_MS): Promise<number[]> => {
    const got: number[] = [];
    for (;;) {
      const part = await ledger.claiming(async (tx) => {
        const ready = await tx.outbox.ready(nowMs, 40);
        if (ready.length === 0) return null;
        for (const [id, own] of Map.groupBy(ready, (delivery) => delivery.channel)) {
          const ids = await hold(tx, id, own, nowMs);
          if (ids.length > 0) return tx.outbox.claim(ids, `${name}-${got.length}`, nowMs, nowMs + LEASE_MS);
        }
        return [];
      });
      if (part === null) return got;
      got.push(...part.map(({ id }) => id));
    }
  };

  it.each([2, 4])(
    '%i of them claim a thousand deliveries at once: each is claimed once, none is left',
    async (count) => {
      const ledgers = await open(count);
      await fillOutbox(ledgers);
      const got = await Promise.all(ledgers.map((ledger, at) => claimer(ledger, `m${at}`)));
      expect(got.flat()).toHaveLength(ITEMS);
      expect(new Set(got.flat()).size).toBe(ITEMS);
      for (const part of got) expect(part.length).toBeGreaterThan(0);
      expect(await ledgers[0]!.outbox.stats(NOW_MS)).toMatchObject({ waiting: 0, sending: ITEMS });
      const { rows } = await ledgers[0]!.outbox.list({ limit: ITEMS });
      expect(new Set(rows.map(({ epoch, attempts }) => `${epoch} ${attempts}`))).toEqual(new Set(['1 1']));
      await close(ledgers);
    },
  );

  it.each([2, 4])('%i that reach for the same deliveries by id share them', async (count) => {
    const ledgers = await open(count);
    await fillOutbox(ledgers);
    const ready = (await ledgers[0]!.outbox.ready(NOW_MS, ITEMS)).map(({ id }) => id);
    expect(ready).toHaveLength(ITEMS);
    const parts = Array.from({ length: 40 }, (_, at) => ready.slice(at * 25, (at + 1) * 25));
    const tries = parts.flatMap((ids) =>
      ledgers.map((ledger, at) => ledger.outbox.claim(ids, `m${at}`, NOW_MS, NOW_MS + LEASE_MS)),
    );
    const got = (await Promise.all(tries)).flat().map(({ id }) => id);
    // Who comes while another one takes gets nothing; what nobody got is free again.
    const rest = await ledgers[0]!.outbox.claim(ready, 'rest', NOW_MS, NOW_MS + LEASE_MS);
    const all = [...got, ...rest.map(({ id }) => id)];
    expect(new Set(all).size).toBe(ITEMS);
    expect(all).toHaveLength(ITEMS);
    await close(ledgers);
  });

  it.each([2, 4])(
    '%i of them claim a thousand clocks at once: each is claimed once, none is left',
    async (count) => {
      const ledgers = await open(count);
      await fillClocks(ledgers);
      const worker = async (ledger: ServedLedger): Promise<string[]> => {
        const got: string[] = [];
        for (let empty = 0; empty < 3; ) {
          const part = await ledger.clocks.claim(NOW_MS, 20, NOW_MS + LEASE_MS);
          expect(part.length).toBeLessThanOrEqual(20);
          got.push(...part.map(({ key }) => key));
          empty = part.length === 0 ? empty + 1 : 0;
          if (part.length === 0) await new Promise((resolve) => setTimeout(resolve, 30));
        }
        return got;
      };
      const got = await Promise.all(ledgers.map(worker));
      for (const part of got) expect(part.length).toBeGreaterThan(0);
      expect(got.flat()).toHaveLength(ITEMS);
      expect(new Set(got.flat()).size).toBe(ITEMS);
      await close(ledgers);
    },
  );

  it('see what the one before them wrote, also where the database would rather show them the past', async () => {
    const name = new URL(url).pathname.slice(1);
    const client = await psql(`alter database ${name} set default_transaction_isolation = 'repeatable read'`);
    await client.end();
    const ledgers = await open(2);
    const add = (ledger: ServedLedger) =>
      ledger.transaction(async (tx) => {
        const count = Number((await tx.settings.get('count')) ?? 0);
        await tx.settings.set('count', String(count + 1));
      });
    await Promise.all(Array.from({ length: 40 }, (_, i) => add(ledgers[i % 2]!)));
    expect(await ledgers[0]!.settings.get('count')).toBe('40');
    await close(ledgers);
  });

  it('claims while another process has its turn, and while another one claims', async () => {
    const ledgers = await open(2);
    await fillOutbox(ledgers);
    await fillClocks(ledgers);
    const [one, two] = ledgers as [ServedLedger, ServedLedger];
    const [inside, holds, fared, end] = [signal(), signal(), signal(), signal()];
    const [taken] = await one.clocks.due(NOW_MS, 1);
    const [passed] = await of(one, 'h1');
    const turn = one.transaction(async (tx) => {
      await tx.clocks.take(taken!);
      await tx.outbox.passed(passed!.id);
      inside.give();
      await holds.given;
      // How a channel fares is noted by whoever has its turn, also while somebody claims for it.
      await tx.channels.fared('h0', { failures: 1, pausedUntilMs: null, pauseReason: null }, null, NOW_MS);
      fared.give();
      await end.given;
    });
    await inside.given;
    const holding = one.claiming(async (tx) => {
      const held = await hold(tx, 'h0', await of(tx, 'h0'));
      holds.give();
      await end.given;
      return tx.outbox.claim(held, 'one', NOW_MS, NOW_MS + LEASE_MS);
    });
    await holds.given;
    // Neither the turn nor what the other one holds is waited for; the turn would be for ten seconds.
    const startedMs = performance.now();
    const found = await two.claiming(async (tx) => ({
      h0: (await hold(tx, 'h0', await of(tx, 'h0'))).length,
      h1: (await hold(tx, 'h1', await of(tx, 'h1'))).length,
    }));
    const [first] = await of(two, 'h0');
    const ids = [first!.id, passed!.id];
    expect(await two.outbox.claim(ids, 'two', NOW_MS, NOW_MS + LEASE_MS)).toEqual([]);
    expect(await two.clocks.claim(NOW_MS, ITEMS, NOW_MS + LEASE_MS)).toHaveLength(ITEMS - 1);
    await fared.given;
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    end.give();
    await turn;
    expect(found).toEqual({ h0: 0, h1: ITEMS / CHANNELS - 1 });
    expect(await holding).toHaveLength(ITEMS / CHANNELS);
    await close(ledgers);
  });

  it('gives back what was claimed by one that died: at once before its commit, else when its lease is over', async () => {
    const ledgers = await open(2);
    await fillOutbox(ledgers);
    await fillClocks(ledgers);
    const [one, two] = ledgers as [ServedLedger, ServedLedger];
    const dying = one.claiming(async (tx) => {
      const ready = await tx.outbox.ready(NOW_MS, ITEMS);
      await tx.outbox.claim(
        ready.map(({ id }) => id),
        'one',
        NOW_MS,
        NOW_MS + LEASE_MS,
      );
      await tx.clocks.claim(NOW_MS, ITEMS, NOW_MS + LEASE_MS);
      const killer = await psql(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and state = 'idle in transaction'`);
      await killer.end();
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    await expect(dying).rejects.toThrow();
    expect(await two.outbox.ready(NOW_MS, ITEMS)).toHaveLength(ITEMS);
    const first = await claimer(one, 'one');
    expect(first).toHaveLength(ITEMS);
    const clocks = await one.clocks.claim(NOW_MS, ITEMS, NOW_MS + LEASE_MS);
    expect(clocks).toHaveLength(ITEMS);
    // Now `one` dies without a word.
    expect(await claimer(two, 'two', NOW_MS + LEASE_MS - 1)).toEqual([]);
    expect(await two.clocks.claim(NOW_MS + LEASE_MS - 1, ITEMS, NOW_MS + 2 * LEASE_MS)).toEqual([]);
    expect(await claimer(two, 'two', NOW_MS + LEASE_MS)).toHaveLength(ITEMS);
    expect(await two.clocks.claim(NOW_MS + LEASE_MS, ITEMS, NOW_MS + 2 * LEASE_MS)).toEqual(clocks);
    // What it says afterwards is not heard.
    expect(await one.outbox.finish({ id: first[0]!, epoch: 1 }, { state: 'sent' }, NOW_MS)).toBe(false);
    await close(ledgers);
  });

  it('keeps a channel within its messages a minute, however many claim for it', async () => {
    const ledgers = await open(4);
    const [first] = ledgers as [ServedLedger];
    await first.channels.put(channel({ id: 'h', perMinute: 5 }), 'whsec_x', NOW_MS);
    await first.notices.add(Array.from({ length: 60 }, (_, i) => notice(`n${i}`, { ticket: `t${i}` })));
    const claimOne = (ledger: ServedLedger, at: number) =>
      ledger.claiming(async (tx) => {
        // Each looks at another delivery: it is the channel that they have in common.
        const next = (await tx.outbox.ready(NOW_MS, 60))[at];
        if (!next || (await hold(tx, 'h', [next])).length === 0) return 0;
        if ((await tx.outbox.messagesSince('h', NOW_MS - 60_000)) >= 5) return 0;
        await new Promise((resolve) => setTimeout(resolve, 20));
        return (await tx.outbox.claim([next.id], `m${at}`, NOW_MS, NOW_MS + LEASE_MS)).length;
      });
    const tries = Array.from({ length: 40 }, (_, i) => claimOne(ledgers[i % 4]!, i));
    const claimed = (await Promise.all(tries)).reduce((sum, count) => sum + count, 0);
    expect(claimed).toBeLessThanOrEqual(5);
    expect(claimed).toBeGreaterThan(0);
    await close(ledgers);
  });

  it('has exactly 500 open tickets after 4,000 tries on 500 items at once, by turns and by the index', async () => {
    const ledgers = await open(4);
    const tries = Array.from({ length: 4_000 }, (_, i) => {
      const one = ticket({ id: `t${i}`, unit: `bay${i % 500}` });
      return ledgers[i % 4]!.tickets.open(one, line(one, 'opened'));
    });
    const done = await Promise.all(tries);
    expect(done.filter(({ opened }) => opened)).toHaveLength(500);
    expect(new Set(done.map((each) => each.ticket.id)).size).toBe(500);
    // Without turns, past the ledger: the index alone.
    const client = await psql();
    const columns = `id, unit, equipment, site, component, cause, severity, state, source, opened_at_ms,
      updated_at_ms, version, alerts, asked, due_at_ms`;
    const insert = (id: string, unit: string) =>
      `insert into tickets (${columns}) select '${id}', '${unit}', equipment, site, component, cause, severity,
        'open', source, opened_at_ms, updated_at_ms, 1, alerts, asked, due_at_ms from tickets limit 1
        on conflict do nothing`;
    await expect(client.query(insert('x', 'bay1').replace('on conflict do nothing', ''))).rejects.toThrow(
      'tickets_open',
    );
    const clients = await Promise.all(Array.from({ length: 8 }, () => psql()));
    const tryAll = async (each: Client, at: number): Promise<void> => {
      for (let i = 0; i < 500; i += 1) await each.query(insert(`p${at}-${i}`, `gate${i}`));
    };
    await Promise.all(clients.map(tryAll));
    const { rows } = await client.query(
      `select left(unit, 3) as kind, count(*)::int as count, count(distinct unit)::int as units from tickets
        where state not in ('closed', 'cancelled') group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { kind: 'bay', count: 500, units: 500 },
      { kind: 'gat', count: 500, units: 500 },
    ]);
    await Promise.all([client, ...clients].map((each) => each.end()));
    await close(ledgers);
  });
});
