import { describe, expect, it } from 'vitest';
import type { Notice } from '../../../core/notice/notice.ts';
import type { Ledger } from '../../ledger.ts';
import type { ChannelSettings, Delivery } from '../../notices.ts';
import { allPages, type Bench, line, NOW_MS, opened, stepped, ticket, whats } from './fixtures.ts';

export const channel = (changed: Partial<ChannelSettings> = {}): ChannelSettings => ({
  id: 'hook',
  kind: 'webhook',
  url: 'https://hooks.example/1',
  audience: 'all',
  language: 'en',
  perMinute: 60,
  disabled: false,
  ...changed,
});

export const notice = (id: string, changed: Partial<Notice> = {}): Notice => ({
  id,
  kind: 'assigned',
  audience: 'crew:c1',
  atMs: NOW_MS,
  ticket: 't1',
  version: 1,
  site: 's1',
  severity: 'S2',
  crew: 'c1',
  channel: null,
  reason: null,
  ...changed,
});

export const deliveries = async (ledger: Ledger): Promise<readonly Delivery[]> =>
  (await ledger.outbox.list({ limit: 1_000 })).rows.toReversed();

const channelSuite = ({ ledger, reopen }: Bench): void => {
  it('are kept with a secret that no list tells', async () => {
    await ledger().channels.put(channel(), 'whsec_one', NOW_MS);
    await ledger().channels.put(channel({ url: 'https://hooks.example/2' }), null, NOW_MS + 1);
    await reopen();
    const { channels } = ledger();
    expect(await channels.secret('hook')).toBe('whsec_one');
    expect(await channels.get('hook')).toEqual({
      ...channel({ url: 'https://hooks.example/2' }),
      createdAtMs: NOW_MS,
      failures: 0,
      pausedUntilMs: null,
      pauseReason: null,
      lastSentAtMs: null,
    });
    expect(JSON.stringify(await channels.list({ limit: 9 }))).not.toContain('whsec');
    await channels.put(channel(), 'whsec_two', NOW_MS);
    expect(await channels.secret('hook')).toBe('whsec_two');
    expect(await channels.secret('none')).toBeNull();
    await expect(channels.put(channel({ id: 'new' }), null, NOW_MS)).rejects.toThrow('needs a secret');
    expect(await whats(ledger())).toEqual([
      'channel hook added',
      'channel hook changed',
      'channel hook changed',
    ]);
  });

  it('take what they have not said with them when they go or are disabled', async () => {
    const { channels, notices } = ledger();
    await channels.put(channel(), 'whsec_one', NOW_MS);
    await channels.put(channel({ id: 'other' }), 'whsec_two', NOW_MS);
    await notices.add([notice('n1')]);
    expect(await channels.remove('hook', NOW_MS)).toBe(true);
    expect(await channels.remove('hook', NOW_MS)).toBe(false);
    await channels.put(channel({ id: 'other', disabled: true }), null, NOW_MS);
    await notices.add([notice('n2')]);
    expect((await deliveries(ledger())).map(({ channel: id, state, reason }) => [id, state, reason])).toEqual(
      [
        ['hook', 'dropped', 'channel-removed'],
        ['other', 'dropped', 'channel-disabled'],
      ],
    );
  });

  it('say once that they are paused, and that they go on; settings that are mended begin well', async () => {
    const { channels } = ledger();
    await channels.put(channel(), 'whsec_one', NOW_MS);
    const failing = { failures: 5, pausedUntilMs: NOW_MS + 60_000, pauseReason: 'http-500' };
    await channels.fared('hook', { failures: 4, pausedUntilMs: null, pauseReason: null }, null, NOW_MS);
    await channels.fared('hook', failing, null, NOW_MS);
    await channels.fared('hook', { ...failing, failures: 6 }, null, NOW_MS);
    expect(await channels.get('hook')).toMatchObject({ ...failing, failures: 6 });
    await channels.fared('hook', { failures: 0, pausedUntilMs: null, pauseReason: null }, NOW_MS + 9, NOW_MS);
    expect(await channels.get('hook')).toMatchObject({ failures: 0, lastSentAtMs: NOW_MS + 9 });
    await channels.fared('hook', failing, null, NOW_MS);
    await channels.put(channel(), null, NOW_MS);
    expect(await channels.get('hook')).toMatchObject({ failures: 0, pausedUntilMs: null, pauseReason: null });
    await channels.fared('none', failing, null, NOW_MS);
    expect((await whats(ledger())).slice(1)).toEqual([
      'channel hook paused',
      'channel hook resumed',
      'channel hook paused',
      'channel hook changed',
    ]);
  });
};

const inboxSuite = ({ ledger }: Bench): void => {
  it('are written by the ticket itself, to whom it concerns, once', async () => {
    await ledger().channels.put(channel({ id: 'crew', audience: 'crew:c1' }), 'whsec_one', NOW_MS);
    await ledger().channels.put(channel({ id: 'site', audience: 'site:s1' }), 'whsec_two', NOW_MS);
    const first = await opened(ledger());
    const next = { ...first, version: 2, state: 'dispatched', crew: 'c1' } as const;
    expect(await ledger().tickets.step(next, line(next, 'assign', { from: 'open' }))).toBe(true);
    expect(await ledger().tickets.step(next, line(next, 'assign', { from: 'open' }))).toBe(false);
    const given = await ledger().notices.get('t1.2.assigned.crew:c1');
    expect(given).toMatchObject({ kind: 'assigned', audience: 'crew:c1', ticket: 't1', version: 2 });
    expect(await ledger().notices.add([given!])).toBe(0);
    expect((await deliveries(ledger())).map((one) => [one.channel, one.notice])).toEqual([
      ['crew', given],
      ['site', given],
    ]);
    expect(await whats(ledger())).toContain('notice t1.2.assigned.crew:c1 assigned');
  });

  it('are undone with the change that caused them', async () => {
    await ledger().channels.put(channel(), 'whsec_one', NOW_MS);
    const work = ledger().transaction(async (tx) => {
      const one = ticket({ holdUntilMs: NOW_MS + 600_000 });
      await tx.tickets.open(one, line(one, 'opened'));
      expect(await tx.notices.get('t1.1.attendant-asked.attendant')).not.toBeNull();
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await deliveries(ledger())).toEqual([]);
    expect(await ledger().clocks.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
  });

  it('stand in the inbox of their audience, newest first, read by each reader alone', async () => {
    const { notices } = ledger();
    await notices.add(
      Array.from({ length: 25 }, (_, i) => notice(`n${i}`, { audience: i % 5 ? 'crew:c1' : 'dispatcher' })),
    );
    const mine = { audiences: ['crew:c1'], reader: 'li' };
    const rows = await allPages((page) => notices.list({ ...page, ...mine }), 6);
    expect(rows.map(({ id }) => id)).toEqual(
      Array.from({ length: 25 }, (_, i) => 24 - i)
        .filter((i) => i % 5)
        .map((i) => `n${i}`),
    );
    await notices.markRead(['n1', 'n2', 'n2', 'none'], 'li', NOW_MS);
    await notices.markRead(['n1'], 'li', NOW_MS);
    await notices.markRead([], 'li', NOW_MS);
    expect(await notices.unread(mine.audiences, 'li')).toBe(18);
    expect(await notices.unread(['crew:c1', 'dispatcher'], 'wang')).toBe(25);
    expect(await notices.unread([], 'li')).toBe(0);
    const unread = await notices.list({ ...mine, unread: true, limit: 100 });
    expect(unread.rows).toHaveLength(18);
    expect((await notices.list({ ...mine, limit: 100 })).rows.filter(({ read }) => read)).toHaveLength(2);
    expect((await notices.list({ audiences: [], reader: 'li', limit: 9 })).rows).toEqual([]);
  });

  it('say to the crew that had it that the job went to another', async () => {
    const first = await opened(ledger(), { state: 'dispatched', crew: 'c1', acknowledgeByMs: NOW_MS });
    const next = { ...first, version: 2, crew: 'c2' };
    await ledger().tickets.step(next, line(next, 'assign'));
    await stepped(ledger(), next, { severity: 'S1' });
    const { rows } = await ledger().notices.list({
      audiences: ['crew:c1', 'crew:c2', 'dispatcher'],
      reader: 'li',
      limit: 9,
    });
    expect(rows.map(({ kind, audience }) => `${kind} ${audience}`)).toEqual([
      'severity-raised crew:c2',
      'severity-raised dispatcher',
      'assigned crew:c2',
      'withdrawn crew:c1',
    ]);
  });
};

export const noticeSuite = (bench: Bench): void => {
  describe('channels', () => channelSuite(bench));
  describe('notices', () => inboxSuite(bench));
};
