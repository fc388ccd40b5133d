import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TicketAction } from '../core/ticket/ticket.ts';
import type { Sent } from './notify/notify.ts';
import { type Bench, HOUR_MS, MINUTE_MS, openBench, SECOND_MS } from './testing/bench.ts';

const TICKETS = ['t0', 't1', 't2'];
const CHANNELS = ['c1', 'c2', 'desk', 'all'];

/** `lost`: the receiver has it, and the process dies before it can write that down. */
type Mode = 'well' | 'busy' | 'refuses' | 'wait' | 'lost';

type Op =
  | { readonly op: 'act'; readonly ticket: string; readonly action: TicketAction; readonly crew: string }
  | { readonly op: 'pass'; readonly ms: number }
  | { readonly op: 'mode'; readonly channel: string; readonly mode: Mode }
  | { readonly op: 'crash' };

const actions: TicketAction[] = ['assign', 'acknowledge', 'decline', 'arrive', 'resolve', 'reopen', 'cancel'];

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('act' as const),
      ticket: fc.constantFrom(...TICKETS),
      action: fc.oneof(fc.constant('assign' as const), fc.constantFrom(...actions)),
      crew: fc.constantFrom('c1', 'c2'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('pass' as const),
      ms: fc.integer({ min: 1, max: 4 * MINUTE_MS }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('mode' as const),
      channel: fc.constantFrom(...CHANNELS),
      mode: fc.constantFrom<Mode>('well', 'busy', 'refuses', 'wait', 'lost'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ op: 'crash' as const }) },
);

const FAILURES: Readonly<Record<'busy' | 'refuses' | 'wait', Sent>> = {
  busy: { ok: false, reason: 'http-503', final: false, retryAfterMs: null },
  refuses: { ok: false, reason: 'http-404', final: true, retryAfterMs: null },
  wait: { ok: false, reason: 'http-429', final: false, retryAfterMs: 90 * SECOND_MS },
};

const play = async (bench: Bench, ops: readonly Op[]): Promise<void> => {
  let running = bench.start();
  const crash = (timerMs = SECOND_MS): void => {
    running.kill();
    running = bench.start(timerMs);
  };
  const plan = (channel: string, mode: Mode): void => {
    bench.plan.set(channel, () => {
      if (mode === 'well') return { ok: true };
      if (mode !== 'lost') return FAILURES[mode];
      plan(channel, 'well');
      running.kill();
      return { ok: true };
    });
  };
  for (const step of ops) {
    if (step.op === 'pass') await bench.pass(step.ms);
    else if (step.op === 'mode') plan(step.channel, step.mode);
    else if (step.op === 'crash') crash();
    else {
      const { ticket, action, crew } = step;
      const patch = action === 'assign' ? { crew } : action === 'cancel' ? { reason: 'test' } : {};
      // What is illegal now is refused, as it would be to a person.
      await bench.act(ticket, { action, actorCrew: crew, ...patch }).catch(() => undefined);
    }
  }
  for (const channel of CHANNELS) plan(channel, 'well');
  for (const ticket of TICKETS)
    await bench.act(ticket, { action: 'close', reason: 'the end' }).catch(() => undefined);
  crash(30 * SECOND_MS);
  await bench.pass(3 * HOUR_MS);
};

const check = async (bench: Bench): Promise<void> => {
  expect(bench.problems).toEqual([]);
  expect(bench.late).toEqual([]);
  const { rows } = await bench.ledger.outbox.list({ limit: 10_000 });
  const first = new Map<string, number>();
  for (const [index, { channel, notices }] of bench.arrived.entries())
    for (const id of notices) if (!first.has(`${channel} ${id}`)) first.set(`${channel} ${id}`, index);

  for (const { channel, notice, state, reason } of rows) {
    const name = `${channel} ${notice.id}`;
    expect([name, state]).toEqual([name, expect.stringMatching(/^(sent|dead|dropped)$/)]);
    if (state === 'sent') expect([name, first.has(name)]).toEqual([name, true]);
    else expect([name, reason]).toEqual([name, expect.any(String)]);
  }
  const last = new Map<string, number>();
  for (const { channel, notice, state } of rows.toReversed()) {
    const at = first.get(`${channel} ${notice.id}`);
    if (state !== 'sent' || at === undefined) continue;
    const line = `${channel} ${notice.ticket}`;
    expect([line, at]).toEqual([line, expect.toSatisfy((value: number) => value >= (last.get(line) ?? -1))]);
    last.set(line, at);
  }
};

test('property: whatever fails and dies, each notice arrives or says why not, in order, and no page after an answer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 5, maxLength: 40 }), async (ops) => {
      const bench = await openBench();
      try {
        await bench.channel('c1', { audience: 'crew:c1', perMinute: 4 });
        await bench.channel('c2', { audience: 'crew:c2' });
        await bench.channel('desk', { audience: 'dispatcher' });
        await bench.channel('all', { audience: 'all', perMinute: 3 });
        for (const ticket of TICKETS) await bench.open(ticket);
        await play(bench, ops);
        await check(bench);
      } finally {
        await bench.close();
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 12) },
  );
}, 600_000);
