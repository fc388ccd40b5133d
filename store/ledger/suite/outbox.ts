import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../ledger.ts';
import type { Delivery } from '../../notices.ts';
import { allPages, type Bench, NOW_MS } from './fixtures.ts';
import { channel, deliveries, notice } from './notices.ts';

const LEASE_MS = 60_000;

/** Two tickets on two channels: `t1` is told two things on each. */
const furnish = async (ledger: Ledger): Promise<void> => {
  await ledger.channels.put(channel({ id: 'a' }), 'whsec_a', NOW_MS);
  await ledger.channels.put(channel({ id: 'b' }), 'whsec_b', NOW_MS);
  await ledger.notices.add([
    notice('n1'),
    notice('n2', { ticket: 't2' }),
    notice('n3', { version: 2, kind: 'severity-raised' }),
  ]);
};

const names = (rows: readonly Delivery[]): string[] => rows.map((row) => `${row.channel} ${row.notice.id}`);

const take = async (ledger: Ledger, name: string, nowMs = NOW_MS): Promise<Delivery> => {
  const one = (await ledger.outbox.ready(nowMs, 100)).find(
    (row) => `${row.channel} ${row.notice.id}` === name,
  );
  const [claimed] = one ? await ledger.outbox.claim([one.id], `m-${one.id}`, nowMs, nowMs + LEASE_MS) : [];
  if (!claimed) throw new Error(`${name} could not be taken`);
  return claimed;
};

const claimSuite = ({ ledger, reopen }: Bench): void => {
  it('give each to one of two who ask at the same time', async () => {
    await furnish(ledger());
    const dispatcher = async (name: string): Promise<readonly Delivery[]> => {
      const ready = await ledger().outbox.ready(NOW_MS, 100);
      return ledger().outbox.claim(
        ready.map(({ id }) => id),
        name,
        NOW_MS,
        NOW_MS + LEASE_MS,
      );
    };
    const [one, two] = await Promise.all([dispatcher('one'), dispatcher('two')]);
    expect([...names(one!), ...names(two!)].toSorted()).toEqual(['a n1', 'a n2', 'b n1', 'b n2']);
    expect([...one!, ...two!].map(({ epoch, attempts }) => [epoch, attempts])).toEqual(
      Array.from({ length: 4 }, () => [1, 1]),
    );
    // Also who looked before the other took them gets nothing.
    const ids = [...one!, ...two!].map(({ id }) => id);
    expect(await ledger().outbox.claim(ids, 'three', NOW_MS, NOW_MS + LEASE_MS)).toEqual([]);
    expect(await ledger().outbox.claim([], 'none', NOW_MS, NOW_MS + LEASE_MS)).toEqual([]);
  });

  it('are looked at and claimed in one transaction, which may tell nobody of a change', async () => {
    await furnish(ledger());
    const claimAll = () =>
      ledger().claiming(async (tx) => {
        const ready = await tx.outbox.ready(NOW_MS, 100);
        const ids = ready.map(({ id }) => id);
        return tx.outbox.claim(ids, 'm', NOW_MS, NOW_MS + LEASE_MS);
      });
    const failing = ledger().claiming(async (tx) => {
      const [first] = await tx.outbox.ready(NOW_MS, 1);
      await tx.outbox.claim([first!.id], 'm', NOW_MS, NOW_MS + LEASE_MS);
      await tx.outbox.finish({ id: first!.id, epoch: 1 }, { state: 'dead', reason: 'no' }, NOW_MS);
    });
    await expect(failing).rejects.toThrow('a claim may not write a change event');
    await expect(ledger().claiming(() => ledger().settings.set('a', '1'))).rejects.toThrow('`tx`');
    expect(names(await claimAll())).toEqual(['a n1', 'b n1', 'a n2', 'b n2']);
    expect(await claimAll()).toEqual([]);
  });

  it('keep the order of a ticket on each channel, and let others pass', async () => {
    await furnish(ledger());
    const { outbox } = ledger();
    expect(names(await outbox.ready(NOW_MS, 100))).toEqual(['a n1', 'b n1', 'a n2', 'b n2']);
    expect(names(await outbox.ready(NOW_MS, 1))).toEqual(['a n1']);
    expect(names(await outbox.ready(NOW_MS, 100, ['a']))).toEqual(['b n1', 'b n2']);
    expect(await outbox.ready(NOW_MS - 1, 100)).toEqual([]);
    const first = await take(ledger(), 'a n1');
    await outbox.finish(first, { state: 'waiting', dueAtMs: NOW_MS + 5_000, reason: 'http-500' }, NOW_MS);
    expect(names(await outbox.ready(NOW_MS, 100))).toEqual(['b n1', 'a n2', 'b n2']);
    const again = await take(ledger(), 'a n1', NOW_MS + 5_000);
    expect(again).toMatchObject({ attempts: 2, epoch: 2, message: first.message });
    await outbox.finish(again, { state: 'sent' }, NOW_MS + 5_001);
    expect(names(await outbox.ready(NOW_MS, 100))).toContain('a n3');
    expect(await outbox.get(first.id)).toMatchObject({
      state: 'sent',
      endedAtMs: NOW_MS + 5_001,
      reason: null,
    });
  });

  it('come back when who took them died, and the dead one has no say any more', async () => {
    await furnish(ledger());
    const lost = await take(ledger(), 'a n1');
    await reopen();
    const { outbox } = ledger();
    expect(names(await outbox.ready(NOW_MS + LEASE_MS - 1, 100))).not.toContain('a n1');
    const taken = await take(ledger(), 'a n1', NOW_MS + LEASE_MS);
    expect(taken).toMatchObject({ epoch: 2, attempts: 2, message: lost.message });
    expect(await outbox.finish(lost, { state: 'sent' }, NOW_MS)).toBe(false);
    expect((await outbox.get(taken.id))?.state).toBe('sending');
    expect(await outbox.finish(taken, { state: 'dead', reason: 'http-404' }, NOW_MS)).toBe(true);
    expect(await outbox.finish(taken, { state: 'sent' }, NOW_MS)).toBe(false);
  });

  it('are not ready while their channel is paused or disabled', async () => {
    await furnish(ledger());
    const paused = { failures: 5, pausedUntilMs: NOW_MS + 60_000, pauseReason: 'http-500' };
    await ledger().channels.fared('a', paused, null, NOW_MS);
    expect(names(await ledger().outbox.ready(NOW_MS, 100))).toEqual(['b n1', 'b n2']);
    expect(names(await ledger().outbox.ready(NOW_MS + 60_000, 100))).toContain('a n1');
    expect(names(await ledger().outbox.stuck(NOW_MS, 100))).toEqual(['a n1', 'a n2']);
    const [first] = await ledger().outbox.stuck(NOW_MS, 1);
    await ledger().outbox.passed(first!.id);
    expect(names(await ledger().outbox.stuck(NOW_MS, 100))).toEqual(['a n2']);
    expect(await ledger().outbox.stuck(NOW_MS + 60_000, 100)).toEqual([]);
    expect(await ledger().outbox.stats(NOW_MS)).toEqual({
      waiting: 6,
      sending: 0,
      dead: 0,
      oldestAtMs: NOW_MS,
      pausedChannels: 1,
    });
  });
};

const judgeSuite = ({ ledger }: Bench): void => {
  it('know what was told before and what follows', async () => {
    await furnish(ledger());
    await ledger().notices.add([notice('n4', { version: 3, kind: 'severity-raised' })]);
    const first = await take(ledger(), 'a n1');
    expect(await ledger().outbox.around(first)).toEqual({ told: false, followed: false });
    await ledger().outbox.finish(first, { state: 'sent' }, NOW_MS);
    const second = await take(ledger(), 'a n3');
    expect(await ledger().outbox.around(second)).toEqual({ told: true, followed: true });
    const elsewhere = (await deliveries(ledger())).find((row) => names([row])[0] === 'b n3');
    expect(await ledger().outbox.around(elsewhere!)).toEqual({ told: false, followed: true });
  });

  it('count the messages of a channel, not what goes together in one', async () => {
    await furnish(ledger());
    const ready = await ledger().outbox.ready(NOW_MS, 100);
    const ids = ready.filter((row) => row.channel === 'a').map(({ id }) => id);
    await ledger().outbox.claim(ids, 'together', NOW_MS, NOW_MS + LEASE_MS);
    expect(await ledger().outbox.messagesSince('a', NOW_MS - 1)).toBe(1);
    expect(await ledger().outbox.messagesSince('a', NOW_MS)).toBe(0);
    expect(await ledger().outbox.messagesSince('b', NOW_MS - 1)).toBe(0);
  });

  it('when dead, are listed until a person tries them again or puts them aside', async () => {
    await furnish(ledger());
    const { outbox } = ledger();
    const one = await take(ledger(), 'a n1');
    await outbox.finish(one, { state: 'dead', reason: 'http-404' }, NOW_MS + 1);
    const two = await take(ledger(), 'b n2');
    await outbox.finish(two, { state: 'dropped', reason: 'acknowledged' }, NOW_MS + 1);
    const dead = async () => names((await outbox.list({ limit: 9, state: 'dead' })).rows);
    expect(await dead()).toEqual(['a n1']);
    expect(await outbox.retry(two.id, NOW_MS)).toBe(false);
    expect(await outbox.dismiss(two.id, NOW_MS)).toBe(false);
    expect(await outbox.retry(one.id, NOW_MS + 90_000)).toBe(true);
    expect(await outbox.get(one.id)).toMatchObject({
      state: 'waiting',
      attempts: 0,
      createdAtMs: NOW_MS + 90_000,
      message: one.message,
    });
    const again = await take(ledger(), 'a n1', NOW_MS + 90_000);
    await outbox.finish(again, { state: 'dead', reason: 'http-404' }, NOW_MS + 90_001);
    expect((await outbox.stats(NOW_MS)).dead).toBe(1);
    expect(await outbox.dismiss(one.id, NOW_MS)).toBe(true);
    expect(await dead()).toEqual([]);
    expect((await outbox.list({ limit: 9, channel: 'b', ticket: 't2' })).rows).toHaveLength(1);
    expect(names(await allPages(outbox.list, 4))).toHaveLength(6);
  });

  it('are given up when they waited too long, not while somebody sends them', async () => {
    await furnish(ledger());
    await take(ledger(), 'a n1');
    await ledger().notices.add([notice('late', { atMs: NOW_MS + 1, ticket: 't9' })]);
    expect(await ledger().outbox.expire(NOW_MS, NOW_MS + 5)).toBe(5);
    expect((await ledger().outbox.stats(NOW_MS)).dead).toBe(5);
    expect((await ledger().outbox.list({ limit: 1, state: 'dead' })).rows[0]).toMatchObject({
      reason: 'too-old',
    });
    expect((await ledger().outbox.list({ limit: 9, state: 'waiting' })).rows).toHaveLength(2);
  });

  it('keep 1,000 for a channel; what comes then is a dead letter at once, and other channels go on', async () => {
    await ledger().channels.put(channel({ id: 'a', audience: 'crew:c1' }), 'whsec_a', NOW_MS);
    await ledger().channels.put(channel({ id: 'b', audience: 'crew:c2' }), 'whsec_b', NOW_MS);
    await ledger().notices.add(Array.from({ length: 1_002 }, (_, i) => notice(`n${i}`, { ticket: `t${i}` })));
    await ledger().notices.add([notice('x', { audience: 'crew:c2' })]);
    expect(await ledger().outbox.stats(NOW_MS)).toMatchObject({ waiting: 1_001, dead: 2 });
    expect((await ledger().outbox.list({ limit: 9, state: 'dead' })).rows[0]).toMatchObject({
      reason: 'queue-full',
      channel: 'a',
    });
    expect(names(await ledger().outbox.ready(NOW_MS, 9, ['a']))).toEqual(['b x']);
  });
};

const clockSuite = ({ ledger, reopen }: Bench): void => {
  const clock = (key: string, dueAtMs: number) =>
    ({ key, kind: 'arrival', ticket: key, dueAtMs, payload: '{}' }) as const;

  it('survive a restart, fall due in their order, and are taken by one', async () => {
    for (const [key, dueAtMs] of [
      ['late', NOW_MS + 5],
      ['first', NOW_MS - 9],
      ['second', NOW_MS],
    ] as const)
      await ledger().clocks.set(clock(key, dueAtMs));
    await reopen();
    const due = await ledger().clocks.due(NOW_MS, 9);
    expect(due).toEqual([clock('first', NOW_MS - 9), clock('second', NOW_MS)]);
    const takes = Array.from({ length: 8 }, () => ledger().clocks.take(due[0]!));
    expect((await Promise.all(takes)).filter(Boolean)).toHaveLength(1);
    expect(await ledger().clocks.due(NOW_MS + 5, 1)).toEqual([clock('second', NOW_MS)]);
  });

  it('are claimed by one, until the lease is over or they are set anew', async () => {
    const { clocks } = ledger();
    for (const [key, dueAtMs] of [
      ['c', NOW_MS - 1],
      ['b', NOW_MS - 1],
      ['d', NOW_MS],
      ['a', NOW_MS + 1],
    ] as const)
      await clocks.set(clock(key, dueAtMs));
    const untilMs = NOW_MS + 5_000;
    const keys = async (nowMs: number, limit = 9) =>
      (await clocks.claim(nowMs, limit, nowMs + 5_000)).map(({ key }) => key);
    expect(await clocks.claim(NOW_MS, 2, untilMs)).toEqual([clock('b', NOW_MS - 1), clock('c', NOW_MS - 1)]);
    expect(await keys(NOW_MS)).toEqual(['d']);
    expect(await keys(NOW_MS)).toEqual([]);
    // They are due all the same: a lease says only who runs them.
    expect(await clocks.due(NOW_MS, 9)).toHaveLength(3);
    await clocks.hasten('c', NOW_MS - 5);
    await clocks.set(clock('d', NOW_MS));
    expect(await keys(NOW_MS + 2)).toEqual(['c', 'd', 'a']);
    expect(await keys(untilMs - 1)).toEqual([]);
    expect(await keys(untilMs)).toEqual(['b']);
    expect(await keys(untilMs + 5_000)).toEqual(['c', 'b', 'd', 'a']);
    expect(await clocks.take(clock('b', NOW_MS - 1))).toBe(true);
  });

  it('are not taken by who read them before they were moved, and undone with what they caused', async () => {
    const { clocks } = ledger();
    await clocks.set(clock('c', NOW_MS));
    const old = clock('c', NOW_MS);
    await clocks.hasten('c', NOW_MS + 5);
    await clocks.hasten('none', NOW_MS);
    expect(await clocks.get('c')).toEqual(old);
    await clocks.hasten('c', NOW_MS - 5);
    expect(await clocks.take(old)).toBe(false);
    const now = clock('c', NOW_MS - 5);
    const work = ledger().transaction(async (tx) => {
      expect(await tx.clocks.take(now)).toBe(true);
      throw new Error('crash');
    });
    await expect(work).rejects.toThrow('crash');
    expect(await clocks.take(now)).toBe(true);
    await clocks.set(now);
    await clocks.clear('c');
    expect(await clocks.get('c')).toBeNull();
  });
};

export const outboxSuite = (bench: Bench): void => {
  describe('deliveries', () => {
    claimSuite(bench);
    judgeSuite(bench);
  });
  describe('clocks', () => clockSuite(bench));
};
