import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../catalogue/load.ts';
import type { ServedLedger } from '../store/ledger/served.ts';
import { line, ticket } from '../store/ledger/suite/fixtures.ts';
import { channel } from '../store/ledger/suite/notices.ts';
import { openPostgresLedger } from '../store/postgres/ledger.ts';
import { type PostgresServer, postgresBin, startPostgres } from '../test/servers/postgres.ts';
import { systemTimers } from '../time/system.ts';
import { startMessenger } from './messenger.ts';
import type { Outgoing } from './notify/notify.ts';

const bin = postgresBin();
const START_MS = Date.parse('2026-11-23T02:00:00Z');
const TICKETS = 24;
const CHANNELS = ['h0', 'h1', 'h2', 'h3'];

describe.skipIf(bin === null)('two messengers on one PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(bin as string);
  }, 60_000);
  afterAll(() => server.stop());

  it('share the work, run each clock once and say everything once', async () => {
    const catalogue = await loadCatalogue();
    const url = await server.database();
    let nowMs = START_MS;
    const clock = () => nowMs;
    const open = () => openPostgresLedger({ url, clock, pollMs: 100 });
    const ledgers: readonly [ServedLedger, ServedLedger] = [await open(), await open()];
    const [ledger] = ledgers;
    for (const id of CHANNELS)
      await ledger.channels.put(
        channel({ id, audience: 'dispatcher', perMinute: 10_000 }),
        'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        START_MS,
      );
    for (let i = 0; i < TICKETS; i += 1) {
      const at = { openedAtMs: START_MS, updatedAtMs: START_MS, dueAtMs: START_MS + 7_200_000 };
      const one = ticket({ id: `t${i}`, unit: `bay${i}`, severity: 'S1', ...at });
      await ledger.tickets.open(one, line(one, 'opened'));
    }

    const arrived: string[] = [];
    const sentBy = [new Set<string>(), new Set<string>()];
    const problems: Error[] = [];
    const start = (at: 0 | 1) =>
      startMessenger({
        ledger: ledgers[at],
        catalogue,
        timers: { ...systemTimers, now: clock },
        random: () => 0,
        notify: {
          webhook: async ({ channel: { id }, message }: Outgoing) => {
            await wait(2);
            for (const notice of message.data.notices) arrived.push(`${id} ${notice.id}`);
            sentBy[at]?.add(id);
            return { ok: true };
          },
        },
        publicUrl: 'https://precall.test',
        timerMs: 50,
        onProblem: ({ error }) => void problems.push(error),
      });
    const messengers = [start(0), start(1)];
    // The time in which somebody should have acknowledged is over: the dispatcher is told of every ticket.
    nowMs = START_MS + 3 * 60_000 + 1;
    const isDone = async (): Promise<boolean> => {
      const { waiting, sending } = await ledger.outbox.stats(nowMs);
      const due = await ledger.clocks.due(nowMs, 1);
      return due.length === 0 && waiting + sending === 0 && arrived.length >= TICKETS * CHANNELS.length;
    };
    await expect.poll(isDone, { timeout: 50_000, interval: 100 }).toBe(true);
    for (const messenger of messengers) await messenger.idle();

    expect(problems).toEqual([]);
    expect(new Set(arrived).size).toBe(arrived.length);
    const told = arrived.filter((one) => one.startsWith('h0 '));
    for (let i = 0; i < TICKETS; i += 1) {
      const lines = await ledger.tickets.timeline(`t${i}`);
      const toDispatcher = lines.filter(({ what, note }) => what === 'escalated' && note === 'dispatcher');
      expect(toDispatcher).toHaveLength(1);
    }
    expect(told.length).toBeGreaterThanOrEqual(TICKETS);
    // Neither was idle while the other one worked.
    expect(sentBy.map((channels) => channels.size > 0)).toEqual([true, true]);
    for (const messenger of messengers) await messenger.close();
    for (const each of ledgers) await each.close();
  });
});
