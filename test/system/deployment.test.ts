import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { quantile } from '../bench/quantile.ts';
import { postgresBin } from '../servers/postgres.ts';
import { commandOf } from '../servers/servers.ts';
import { type Deployment, startDeployment, TELLER, type Told } from './deployment.ts';
import { api, everything, metric, until } from './service.ts';

/**
 * One deployment on a real InfluxDB and a real PostgreSQL, loaded by the simulator, while each of its processes goes
 * away. Longer in test/soak/outage.test.ts, by these variables.
 */
const OUTAGE_S = Number(process.env.OUTAGE_S ?? 20);
const READINGS_PER_S = Number(process.env.OUTAGE_READINGS_PER_S ?? 1_000);
const ROUNDS = Number(process.env.OUTAGE_ROUNDS ?? 1);
/**
 * Memory that may come to it while the store is away. What is still used after a collection of garbage stays as it is: the
 * log keeps its newest 65,536 records at hand, and no more. Garbage of records that lived for a while is collected late, so
 * the process takes more. All readings of five minutes would be above both.
 */
const FLAT_HEAP_MIB = 200;
const FLAT_PROCESS_MIB = 600;
/** Tickets open within five seconds; a machine that does other work beside may be late with one. */
const TICKET_MS = 5_000;
const LATE_TICKET_MS = 20_000;
/** Records that are always on their way: a tick a second. */
const NONE_WAIT = 20;

const influxd = commandOf('influxd');
const bin = postgresBin();
const run = promisify(execFile);

interface StoredReading {
  readonly seq: number;
  readonly values: { readonly hoistCurrentA: number };
}

interface Memory {
  readonly heapMib: number;
  readonly processMib: number;
}

const memoryOf = async (on: Deployment): Promise<Memory> => ({
  heapMib: (await metric(on.service(), 'precall_nodejs_heap_size_used_bytes')) / 2 ** 20,
  processMib: (await metric(on.service(), 'precall_process_resident_memory_bytes')) / 2 ** 20,
});

describe.skipIf(influxd === null || bin === null)('on InfluxDB and PostgreSQL', () => {
  let on: Deployment;
  let inAll = 0;
  const told: string[] = [];
  beforeAll(async () => {
    on = await startDeployment(influxd as string, bin as string);
  });
  afterAll(() => on?.stop());

  const caughtUp = (): Promise<unknown> =>
    until(
      'the recorder has stored what waited',
      async () => (await on.lag()) <= NONE_WAIT,
      60_000 + OUTAGE_S * 2_000,
      100,
    );
  /**
   * Every reading of each machine that was sent since then, once: their numbers are 1, 2, 3 and on. What the simulator
   * had no answer to when it gave up may be there or not; nothing else may be missing.
   */
  const expectAllOnce = async (since: number, { sent, acked }: Told): Promise<void> => {
    await caughtUp();
    const total = (numbers: readonly (readonly number[])[]): number =>
      numbers.reduce((sum, { length }) => sum + length, 0);
    const each = await until(
      'all readings are in InfluxDB',
      async () => {
        const numbers = await on.numbersStored(since, Date.now());
        return total(numbers) >= acked ? numbers : null;
      },
      30_000,
      500,
    );
    for (const numbers of each) {
      const ascending = [...numbers].sort((a, b) => a - b);
      expect(ascending.findIndex((number, i) => number !== i + 1)).toBe(-1);
    }
    expect(total(each)).toBeLessThanOrEqual(sent);
    inAll += total(each);
    expect(await on.pointsStored()).toBe(inAll);
  };
  /** Whatever happens to this test, the next one has the machines to itself. */
  const whenOver = (load: Promise<unknown>): void =>
    onTestFinished(async () => void (await load.catch(() => undefined)), 60_000 + OUTAGE_S * 2_000);
  const readyz = async (): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${on.service().http}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };
  const ticketIn = async (ms: number): Promise<number> => {
    const startMs = performance.now();
    const unit = await on.fault();
    told.push(unit);
    await until(
      `a ticket of ${unit}`,
      async () => {
        const path = `/tickets?equipment=${TELLER}&limit=500`;
        const { items } = await api<{ items: { unit: string }[] }>(on.service(), on.token(), path);
        return items.some((ticket) => ticket.unit === unit);
      },
      ms,
      50,
    );
    return performance.now() - startMs;
  };
  const expectOneTicketEach = async (): Promise<void> => {
    await until(
      'every ticket is there',
      async () => (await on.ticketsStored()).size >= told.length,
      30_000,
      200,
    );
    expect([...(await on.ticketsStored())].sort()).toEqual(told.map((unit) => [unit, 1]).sort());
  };

  test('what equipment says is in both databases as the docs say, and on the API', async () => {
    const t0 = Date.now() - 3_600_000;
    const seqs = Array.from({ length: 300 }, (_, seq) => seq);
    const currentOf = (seq: number): number => 9 + (seq % 7) / 100;
    await Promise.all(
      seqs.map((seq) =>
        on.measured({
          ...{ ts: t0 + seq * 1_000, seq, unit: 'bay0', values: { hoistCurrentA: currentOf(seq) } },
        }),
      ),
    );
    const rows = await until(
      '300 readings are stored',
      async () => {
        const path = `/equipment/${TELLER}/readings?unit=bay0&metric=hoistCurrentA&from=0&to=${Date.now()}&`;
        const found = await everything<StoredReading>(on.service(), on.token(), path);
        return found.length >= seqs.length ? found : null;
      },
      30_000,
      300,
    );
    expect(rows.map(({ seq, values }) => [seq, values.hoistCurrentA])).toEqual(
      seqs.map((seq) => [seq, currentOf(seq)]),
    );
    const [host, port] = on.influx.host.split(':') as [string, string];
    const influx = await run('influx', [
      ...['-host', host, '-port', port, '-database', 'precall', '-format', 'csv', '-execute'],
      `SELECT count("hoistCurrentA") FROM reading WHERE equipment = '${TELLER}' AND unit = 'bay0'`,
    ]);
    expect(influx.stdout.trim().split('\n').at(-1)).toMatch(/,300$/);
    await ticketIn(LATE_TICKET_MS);
    const psql = await run('psql', [
      ...[on.ledgerUrl, '-At', '-c'],
      'select equipment, unit, component, cause, state from tickets',
    ]);
    expect(psql.stdout).toMatch(/^teller\|bay1\|hoist\|G06\|(open|dispatched)\n$/);
  });

  test(`InfluxDB is away for ${OUTAGE_S} s at ${READINGS_PER_S} readings/s: nothing is lost, tickets open, memory stays`, {
    timeout: 180_000 + OUTAGE_S * 5_000,
  }, async () => {
    const since = Date.now();
    const load = on.simulate(READINGS_PER_S, OUTAGE_S + 4);
    whenOver(load);
    await until('readings are stored', async () => (await on.pointsStored()) > 0, 20_000);
    await wait(1_500);
    await on.influx.kill();
    const endMs = performance.now() + OUTAGE_S * 1_000;
    const ticketsMs: number[] = [];
    const memory: Memory[] = [];
    try {
      while (performance.now() < endMs) {
        ticketsMs.push(await ticketIn(LATE_TICKET_MS));
        memory.push(await memoryOf(on));
        await wait(Math.min(2_000, Math.max(0, endMs - performance.now())));
      }
      expect(await on.lag()).toBeGreaterThan(NONE_WAIT);
      const ready = await readyz();
      expect(ready).toMatchObject({ status: 200 });
      expect(ready.text).toMatch(/readings wait in the log, the telemetry store does not answer/);
      expect(ready.text + on.service().output()).not.toContain('for-tests-only');
    } finally {
      await on.influx.start();
    }
    const backMs = performance.now();
    const said = await load;
    await caughtUp();
    const behindS = (performance.now() - backMs) / 1_000;
    await expectAllOnce(since, said);
    // The least of each half is what was left after a collection, if there was one.
    const half = memory.length >> 1;
    const least = (of: readonly Memory[]): number => Math.min(...of.map(({ heapMib }) => heapMib));
    const heapMib = least(memory.slice(half)) - least(memory.slice(0, half));
    const all = memory.map(({ processMib }) => processMib);
    const processMib = Math.max(...all) - (all[0] ?? 0);
    console.log(
      `${said.acked} readings acknowledged and stored; away for ${OUTAGE_S} s; caught up ${behindS.toFixed(1)} s after the ` +
        `return; ${ticketsMs.length} tickets meanwhile, p50 ${quantile(ticketsMs, 0.5).toFixed(0)} ms, the slowest ` +
        `${Math.max(...ticketsMs).toFixed(0)} ms; process ${all[0]?.toFixed(0)} MiB, at most ${processMib.toFixed(0)} more; ` +
        `heap in use ${least(memory).toFixed(0)} MiB, later ${heapMib.toFixed(0)} more`,
    );
    expect(quantile(ticketsMs, 0.5)).toBeLessThan(TICKET_MS);
    expect(heapMib).toBeLessThan(FLAT_HEAP_MIB);
    expect(processMib).toBeLessThan(FLAT_PROCESS_MIB);
    expect((await readyz()).text).not.toMatch(/wait in the log/);
    await expectOneTicketEach();
  });

  test('kill -9 of InfluxDB, PostgreSQL and the service in turn: nothing is lost, nothing twice', {
    timeout: 120_000 + ROUNDS * 60_000,
  }, async () => {
    const AWAY_MS = 1_000;
    const since = Date.now();
    // Long enough that there is load while each of them is gone.
    const roundS = Math.ceil(6 + (2 * on.startedInMs) / 1_000);
    const load = on.simulate(READINGS_PER_S, roundS * ROUNDS);
    let isOver = false;
    const over = load.finally(() => {
      isOver = true;
    });
    whenOver(over);
    // Told all the while: some of them while one of the three is gone.
    const telling = (async () => {
      while (!isOver) {
        told.push(await on.fault());
        await wait(250);
      }
    })();
    for (let round = 0; round < ROUNDS; round++) {
      await wait(1_500);
      await on.influx.kill();
      await wait(AWAY_MS);
      await on.influx.start();
      await wait(500);
      await on.postgres.kill();
      await wait(AWAY_MS);
      await on.postgres.start();
      await wait(500);
      await on.restartService();
    }
    const said = await over;
    await telling;
    await expectAllOnce(since, said);
    await expectOneTicketEach();
  });
});
