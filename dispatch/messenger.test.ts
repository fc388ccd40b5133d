import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROMISES } from '../core/dispatch/promise.ts';
import type { Sent } from './notify/notify.ts';
import { type Bench, HOUR_MS, MINUTE_MS, openBench, SECOND_MS, START_MS } from './testing/bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  await bench.close();
  expect(bench.problems).toEqual([]);
});

const failed =
  (reason: string, changed: Partial<Extract<Sent, { ok: false }>> = {}) =>
  (): Sent => ({
    ok: false,
    reason,
    final: false,
    retryAfterMs: null,
    ...changed,
  });

/** `minute channel kind` of all that arrived. */
const heard = (): string[] =>
  bench.arrived.flatMap(({ atMs, channel, kinds }) =>
    kinds.map((kind) => `${Math.floor((atMs - START_MS) / MINUTE_MS)} ${channel} ${kind}`),
  );

const crews = async (): Promise<void> => {
  await bench.channel('c1', { audience: 'crew:c1' });
  await bench.channel('c2', { audience: 'crew:c2' });
  await bench.channel('desk', { audience: 'dispatcher' });
};

describe('escalation', () => {
  test('goes along its chain, repeats until somebody acknowledges, and each step is a line', async () => {
    await crews();
    bench.start();
    await bench.open('t1');
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.pass(6.5 * MINUTE_MS);
    expect(heard()).toEqual([
      '0 c1 assigned',
      '1 c1 escalated',
      '2 c1 escalated',
      '3 c1 escalated',
      '3 desk escalated',
      '4 c1 escalated',
      '5 c1 escalated',
      '6 c1 escalated',
      '6 desk escalated',
    ]);
    expect((await bench.timeline('t1')).slice(2, 6)).toEqual([
      'escalated:not-acknowledged-in-time:crew:c1',
      'escalated:still-not-acknowledged:crew:c1',
      'escalated:still-not-acknowledged:crew:c1',
      'escalated:not-acknowledged-in-time:dispatcher',
    ]);
    await bench.act('t1', { action: 'acknowledge' });
    const before = heard().length;
    await bench.pass(30 * MINUTE_MS);
    expect(heard()).toHaveLength(before);
    expect(await bench.ledger.clocks.get('escalation:t1')).toBeNull();
  });

  test('slows down to once an hour, and does not stop', async () => {
    await crews();
    bench.start(MINUTE_MS);
    await bench.open('t1');
    await bench.pass(5 * HOUR_MS);
    const desk = heard().filter((line) => line.endsWith('desk escalated'));
    // Ten repeats in the first 33 minutes; one an hour for the rest.
    expect(desk.length).toBeGreaterThanOrEqual(14);
    expect(desk.length).toBeLessThanOrEqual(16);
  });

  test('no page after an acknowledgement, however long it waited, also after a restart', async () => {
    await crews();
    const { kill } = bench.start();
    bench.plan.set('c1', failed('http-503'));
    await bench.open('t1');
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.pass(MINUTE_MS);
    kill();
    await bench.act('t1', { action: 'acknowledge' });
    bench.plan.delete('c1');
    bench.start(10 * SECOND_MS);
    await bench.pass(2 * HOUR_MS);
    expect(heard().filter((line) => /c1 (assigned|escalated)/.test(line))).toEqual([]);
    const { rows } = await bench.ledger.outbox.list({ limit: 9, channel: 'c1' });
    expect(rows.map(({ state, reason }) => [state, reason])).toContainEqual(['dropped', 'acknowledged']);
  });

  test('a restart neither pages again what was said nor forgets what was not', async () => {
    await crews();
    const { kill } = bench.start();
    await bench.open('t1');
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.pass(90 * SECOND_MS);
    kill();
    bench.start();
    await bench.pass(10 * SECOND_MS);
    expect(heard()).toEqual(['0 c1 assigned', '1 c1 escalated']);
    await bench.pass(90 * SECOND_MS);
    expect(heard()).toEqual([
      '0 c1 assigned',
      '1 c1 escalated',
      '2 c1 escalated',
      '3 c1 escalated',
      '3 desk escalated',
    ]);
  });

  test('after the service was away the chain goes on where it stood: no burst', async () => {
    await crews();
    const { kill } = bench.start();
    await bench.open('t1');
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.pass(90 * SECOND_MS);
    kill();
    await bench.time.advance(bench.time.now() + 6 * HOUR_MS);
    bench.start();
    await bench.pass(20 * SECOND_MS);
    // The promise to the people at the machine knows no absence; the chain does.
    expect(heard().slice(2).toSorted()).toEqual(['361 c1 promise-broken', '361 desk promise-broken']);
    await bench.pass(20 * SECOND_MS);
    expect(heard().slice(4)).toEqual(['362 c1 escalated']);
  });

  test('what became stale while the channel was away is told once, as it stands', async () => {
    await crews();
    bench.start();
    bench.plan.set('desk', failed('http-503'));
    await bench.open('t1', { severity: 'S3' });
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    for (let turn = 0; turn < 3; turn += 1) {
      await bench.act('t1', { action: 'decline' });
      await bench.act('t1', { action: 'assign', crew: 'c1' });
      await bench.pass(MINUTE_MS);
    }
    bench.plan.delete('desk');
    await bench.pass(5 * MINUTE_MS);
    expect(heard().filter((line) => line.includes('desk declined'))).toHaveLength(1);
  });

  test('a ticket that is open again begins anew', async () => {
    await crews();
    bench.start(5 * SECOND_MS);
    await bench.open('t1');
    for (const action of ['acknowledge', 'arrive', 'resolve'] as const)
      await bench.act('t1', { action, actorCrew: 'c1' });
    await bench.pass(HOUR_MS);
    expect(heard()).toEqual([]);
    const reopened = await bench.act('t1', { action: 'reopen' });
    expect(reopened.dueAtMs).toBe(bench.time.now() + PROMISES.S1.arriveMs);
    await bench.pass(3.5 * MINUTE_MS);
    expect(heard()).toEqual(['60 desk reopened', '60 c1 reopened', '63 desk escalated']);
  });

  test('what the attendant has still in hand waits for nobody; worse, it waits at once', async () => {
    await crews();
    bench.start();
    const ticket = await bench.open('t1', { severity: 'S2', holdUntilMs: START_MS + 10 * MINUTE_MS });
    await bench.pass(9 * MINUTE_MS);
    expect(heard()).toEqual([]);
    const worse = { ...ticket, version: 2, severity: 'S1', holdUntilMs: null } as const;
    const entry = (await bench.ledger.tickets.timeline('t1'))[0]!;
    const line = { ...entry, version: 2, what: 'alert-joined', heardAtMs: bench.time.now() };
    expect(await bench.ledger.tickets.step(worse, line)).toBe(true);
    await bench.pass(3.1 * MINUTE_MS);
    expect(heard()).toEqual(['9 desk severity-raised', '12 desk escalated']);
  });
});

describe('a crew that cannot be told', () => {
  test('crew without a channel: the dispatcher hears of it at once', async () => {
    await bench.channel('desk', { audience: 'dispatcher' });
    bench.start();
    await bench.open('t1');
    await bench.pass(SECOND_MS);
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.pass(2 * SECOND_MS);
    expect(await bench.timeline('t1')).toContain('escalated:crew-has-no-channel:dispatcher');
    expect(heard()).toEqual(['0 desk escalated']);
  });

  test('somebody of the crew can sign in: the dashboard is a channel, too', async () => {
    const li = { id: 'li', role: 'crew', crew: 'c1', passwordHash: '-', disabled: false } as const;
    await bench.ledger.people.put(li, START_MS);
    bench.start();
    await bench.open('t1');
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.pass(10 * SECOND_MS);
    expect(await bench.timeline('t1')).toEqual(['opened', 'assign']);
  });

  test('contractor never told: a refused page is a dead letter, and the next in the chain is told at once', async () => {
    await crews();
    bench.plan.set('c1', failed('http-404', { final: true }));
    bench.start();
    await bench.open('t1');
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.pass(2 * SECOND_MS);
    expect(await bench.timeline('t1')).toContain('escalated:channel-fails:dispatcher');
    expect(heard()).toEqual(['0 desk escalated']);
    const { rows } = await bench.ledger.outbox.list({ limit: 9, state: 'dead' });
    expect(rows.map(({ channel, reason, attempts }) => [channel, reason, attempts])).toEqual([
      ['c1', 'http-404', 1],
    ]);
  });

  test('a channel that fails again and again is paused and shown, not hammered; its chain goes on', async () => {
    await crews();
    let attempts = 0;
    bench.plan.set('c1', () => {
      attempts += 1;
      return failed('http-500')();
    });
    const { messenger } = bench.start(5 * SECOND_MS);
    await bench.open('t1', { severity: 'S3' });
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.pass(2 * MINUTE_MS);
    expect(attempts).toBe(5);
    expect(await bench.ledger.channels.get('c1')).toMatchObject({ failures: 5, pauseReason: 'http-500' });
    expect(heard()).toEqual(['1 desk channel-paused', '1 desk escalated']);
    expect(await bench.timeline('t1')).toContain('escalated:channel-fails:dispatcher');
    expect((await messenger.stats()).now).toMatchObject({ pausedChannels: 1, waiting: 1 });
    await bench.pass(4 * HOUR_MS);
    // One message after each pause of a minute, two, four, … at most an hour.
    expect(attempts).toBeLessThan(16);
    bench.plan.delete('c1');
    await bench.pass(HOUR_MS + MINUTE_MS);
    expect(await bench.ledger.channels.get('c1')).toMatchObject({ failures: 0, pausedUntilMs: null });
    expect(heard().filter((line) => line.includes('c1'))[0]).toContain('c1');
  });
});

describe('the promised arrival', () => {
  test('is warned of before it breaks and told once when it is broken, over restarts', async () => {
    await bench.channel('desk', { audience: 'dispatcher' });
    let running = bench.start(10 * SECOND_MS);
    await bench.open('t1', { severity: 'S2' });
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.act('t1', { action: 'acknowledge' });
    for (let turn = 0; turn < 10; turn += 1) {
      await bench.pass(HOUR_MS / 2);
      running.kill();
      running = bench.start(10 * SECOND_MS);
    }
    expect(heard().filter((line) => line.includes('promise'))).toEqual([
      '180 desk promise-at-risk',
      '240 desk promise-broken',
    ]);
    const lines = (await bench.timeline('t1')).filter((line) => line.startsWith('promise'));
    expect(lines).toEqual(['promise-at-risk:not-departed', 'promise-broken:not-on-site-in-time']);
  });

  test('a crew that is there in time, or on the way and expected in time, breaks nothing', async () => {
    await bench.channel('desk', { audience: 'dispatcher' });
    bench.start(MINUTE_MS);
    await bench.open('t1', { severity: 'S2' });
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.act('t1', { action: 'acknowledge' });
    await bench.act('t1', { action: 'depart', etaAtMs: START_MS + 3.5 * HOUR_MS });
    await bench.pass(3.6 * HOUR_MS);
    await bench.act('t1', { action: 'arrive' });
    await bench.pass(2 * HOUR_MS);
    expect((await bench.timeline('t1')).filter((line) => line.startsWith('promise'))).toEqual([]);
  });

  test('broken while nobody watched: told once, without the warning', async () => {
    await bench.open('t1', { severity: 'S2' });
    await bench.time.advance(START_MS + 12 * HOUR_MS);
    bench.start();
    await bench.pass(MINUTE_MS);
    const lines = (await bench.timeline('t1')).filter((line) => line.startsWith('promise'));
    expect(lines).toEqual(['promise-broken:not-on-site-in-time']);
  });
});

describe('sending', () => {
  test('tries again under the same id, later each time, and waits as long as it is asked to', async () => {
    const times: number[] = [];
    const ids = new Set<string>();
    await bench.channel('c1', { audience: 'crew:c1' });
    bench.plan.set('c1', (outgoing) => {
      times.push(bench.time.now() - START_MS);
      ids.add(outgoing.id);
      if (times.length === 3) return failed('http-429', { retryAfterMs: 300 * SECOND_MS })();
      return times.length < 5 ? failed('http-500')() : { ok: true };
    });
    bench.start();
    await bench.open('t1', { severity: 'S3' });
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.pass(10 * MINUTE_MS);
    expect(times.map((ms) => Math.round(ms / SECOND_MS))).toEqual([0, 5, 15, 315, 355]);
    expect(ids.size).toBe(1);
    expect([...ids][0]).toMatch(/^msg_[0-9a-f]{32}$/);
  });

  test('gives up after a day, and the dead letter says why', async () => {
    await bench.channel('c1', { audience: 'crew:c1' });
    bench.plan.set('c1', failed('network-econnrefused'));
    bench.start(30 * SECOND_MS);
    const ticket = await bench.open('t1', { severity: 'S3' });
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.pass(26 * HOUR_MS);
    const { rows } = await bench.ledger.outbox.list({ limit: 99, state: 'dead', ticket: ticket.id });
    expect(rows.map(({ reason }) => reason)).toContainEqual(expect.stringMatching(/^too-/));
  }, 60_000);

  test('beyond the limit of a channel what waits goes together in one message', async () => {
    await bench.channel('bot', { audience: 'crew:c1', perMinute: 3 });
    bench.start();
    for (let index = 0; index < 30; index += 1) {
      await bench.open(`t${index}`, { severity: 'S3' });
      await bench.act(`t${index}`, { action: 'assign', crew: 'c1' });
    }
    await bench.pass(3 * MINUTE_MS);
    expect(heard()).toHaveLength(30);
    const firstMinute = bench.arrived.filter(({ atMs }) => atMs < START_MS + MINUTE_MS);
    expect(firstMinute.length).toBeLessThanOrEqual(3);
    expect(new Set(bench.arrived.flatMap(({ notices }) => notices)).size).toBe(30);
  });

  test('two messengers on one ledger say everything once', async () => {
    await crews();
    bench.start();
    bench.start();
    for (let index = 0; index < 20; index += 1) {
      await bench.open(`t${index}`);
      await bench.act(`t${index}`, { action: 'assign', crew: index % 2 ? 'c1' : 'c2' });
    }
    await bench.pass(3.5 * MINUTE_MS);
    const ids = bench.arrived.flatMap(({ channel, notices }) => notices.map((id) => `${channel} ${id}`));
    expect(ids.length).toBeGreaterThan(80);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('who was never told of a job is not told that it is gone', async () => {
    await crews();
    bench.plan.set('c1', failed('http-503'));
    await bench.open('t1', { severity: 'S3' });
    await bench.act('t1', { action: 'assign', crew: 'c1' });
    await bench.act('t1', { action: 'assign', crew: 'c2' });
    bench.plan.delete('c1');
    bench.start();
    await bench.pass(MINUTE_MS);
    expect(heard()).toEqual(['0 c2 assigned']);
    await bench.act('t1', { action: 'cancel', reason: 'wrong machine' });
    await bench.pass(MINUTE_MS);
    expect(heard().slice(1).toSorted()).toEqual(['1 c2 cancelled', '1 desk cancelled']);
  });
});
