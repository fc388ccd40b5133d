import { describe, expect, it } from 'vitest';
import type { TicketState } from '../../../core/ticket/ticket.ts';
import { TicketExistsError } from '../../ledger.ts';
import { after, allPages, type Bench, line, NOW_MS, opened, stepped, ticket, whats } from './fixtures.ts';

const closed = { state: 'closed', closedAtMs: NOW_MS, closeReason: 'recovery-seen' } as const;

const openingSuite = ({ ledger, reopen }: Bench): void => {
  it('open once per equipment, unit and component, however many try at once', async () => {
    const tries = Array.from({ length: 400 }, (_, i) =>
      ticket({
        id: `t${i}`,
        equipment: `g${i % 2}`,
        unit: `bay${i % 5}`,
        component: i % 3 ? 'hoist' : 'brake',
      }),
    );
    const results = await Promise.all(tries.map((one) => ledger().tickets.open(one, line(one, 'opened'))));
    expect(results.filter((result) => result.opened)).toHaveLength(20);
    const { rows } = await ledger().tickets.list({ limit: 1_000 });
    expect(rows).toHaveLength(20);
    for (const [i, result] of results.entries()) {
      const { equipment, unit, component } = tries[i]!;
      expect(result.ticket).toMatchObject({ equipment, unit, component });
      expect(rows.map(({ id }) => id)).toContain(result.ticket.id);
    }
  });

  it('are kept whole, with their timeline', async () => {
    const full = await opened(ledger(), {
      source: 'hotline',
      reporter: 'attendant',
      words: '链条响 "loud"',
      asked: ['c1', 'c2'],
    });
    const next = await stepped(ledger(), full, {
      state: 'dispatched',
      crew: 'c1',
      acknowledgeByMs: NOW_MS + 600_000,
      etaAtMs: NOW_MS + 900_000,
      alerts: ['a1', 'a2'],
      cause: 'G06',
      severity: 'S1',
    });
    await reopen();
    expect(await ledger().tickets.get('t1')).toEqual(next);
    expect(await ledger().tickets.timeline('t1')).toEqual([line(full, 'opened'), line(next, 'stepped')]);
    expect((await whats(ledger())).filter((what) => what.startsWith('ticket'))).toEqual([
      'ticket t1 opened',
      'ticket t1 stepped',
    ]);
    expect(await ledger().tickets.get('none')).toBeNull();
    expect(await ledger().tickets.timeline('none')).toEqual([]);
  });

  it('open again on the same item after the first was closed, and say nothing of a refused one', async () => {
    const first = await opened(ledger());
    const second = ticket({ id: 't2' });
    const refused = await ledger().tickets.open(second, line(second, 'opened'));
    expect(refused).toEqual({ opened: false, ticket: first });
    expect(await ledger().tickets.timeline('t2')).toEqual([]);
    expect(await whats(ledger())).toEqual(['ticket t1 opened']);
    await stepped(ledger(), first, closed);
    expect(await ledger().tickets.openFor('g1', 'bay7', 'hoist')).toBeNull();
    await opened(ledger(), { id: 't2' });
    expect((await ledger().tickets.openFor('g1', 'bay7', 'hoist'))?.id).toBe('t2');
  });

  it('are not opened a second time by their own replay, also after they were closed', async () => {
    const first = await opened(ledger());
    const end = await stepped(ledger(), first, closed);
    const again = await ledger().tickets.open(first, line(first, 'opened'));
    expect(again).toEqual({ opened: false, ticket: end });
  });
};

const steppingSuite = ({ ledger }: Bench): void => {
  it('step from one version to the next, one of many who try', async () => {
    const first = await opened(ledger());
    const tries = Array.from({ length: 20 }, (_, i) => after(first, { crew: `c${i}` }));
    const taken = await Promise.all(tries.map((one) => ledger().tickets.step(one, line(one, 'assign'))));
    expect(taken.filter(Boolean)).toHaveLength(1);
    const stored = await ledger().tickets.get('t1');
    expect(stored?.crew).toBe(tries[taken.indexOf(true)]?.crew);
    expect(await ledger().tickets.timeline('t1')).toHaveLength(2);
    const skipping = { ...stored!, version: stored!.version + 2 };
    expect(await ledger().tickets.step(skipping, line(skipping, 'assign'))).toBe(false);
    const nobody = ticket({ id: 'none', version: 2 });
    expect(await ledger().tickets.step(nobody, line(nobody, 'assign'))).toBe(false);
  });

  it('do not change what they are about', async () => {
    const first = await opened(ledger());
    await stepped(ledger(), first, { equipment: 'other', unit: 'x', component: 'y', crew: 'c1' });
    expect(await ledger().tickets.get('t1')).toMatchObject({
      equipment: 'g1',
      unit: 'bay7',
      component: 'hoist',
      crew: 'c1',
    });
  });

  it('refuse a line of another version', async () => {
    const first = await opened(ledger());
    await expect(ledger().tickets.step(after(first, {}), line(first, 'assign'))).rejects.toThrow('t1');
    expect((await ledger().tickets.get('t1'))?.version).toBe(1);
  });

  it('are not reopened while another is open on the same item, and the transaction goes on', async () => {
    const first = await stepped(ledger(), await opened(ledger()), closed);
    const other = await opened(ledger(), { id: 't2' });
    const back = after(first, { state: 'open', closedAtMs: null, closeReason: null });
    await expect(ledger().tickets.step(back, line(back, 'reopen'))).rejects.toMatchObject({
      name: 'TicketExistsError',
      ticket: 't1',
      other: 't2',
    });
    await ledger().transaction(async (tx) => {
      await expect(tx.tickets.step(back, line(back, 'reopen'))).rejects.toThrow(TicketExistsError);
      await tx.settings.set('went-on', 'yes');
    });
    expect(await ledger().settings.get('went-on')).toBe('yes');
    expect(await ledger().tickets.get('t1')).toEqual(first);
    await stepped(ledger(), other, { state: 'cancelled' });
    expect(await ledger().tickets.step(back, line(back, 'reopen'))).toBe(true);
  });
};

const deskSuite = ({ ledger }: Bench): void => {
  const ids = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);

  it('fall due when a crew did not acknowledge or a pause is over', async () => {
    const { tickets } = ledger();
    await opened(ledger(), { id: 'late', unit: '1', state: 'dispatched', acknowledgeByMs: NOW_MS });
    await opened(ledger(), { id: 'later', unit: '2', state: 'dispatched', acknowledgeByMs: NOW_MS + 1 });
    await opened(ledger(), { id: 'held', unit: '3', holdUntilMs: NOW_MS - 1 });
    await opened(ledger(), { id: 'free', unit: '4' });
    await opened(ledger(), { id: 'gone', unit: '5', state: 'closed', acknowledgeByMs: NOW_MS });
    expect(ids(await tickets.due(NOW_MS, 10))).toEqual(['held', 'late']);
    expect(ids(await tickets.due(NOW_MS + 1, 10))).toEqual(['held', 'late', 'later']);
    expect(ids(await tickets.due(NOW_MS + 1, 1))).toEqual(['held']);
    expect(await tickets.due(NOW_MS - 2, 10)).toEqual([]);
  });

  it('wait for a crew while open and not held, the worst first', async () => {
    await opened(ledger(), { id: 'mild', unit: '1', severity: 'S3', openedAtMs: NOW_MS - 9 });
    await opened(ledger(), { id: 'new', unit: '2', severity: 'S1', openedAtMs: NOW_MS });
    await opened(ledger(), { id: 'old', unit: '3', severity: 'S1', openedAtMs: NOW_MS - 1 });
    await opened(ledger(), { id: 'held', unit: '4', severity: 'S1', holdUntilMs: NOW_MS + 1 });
    await opened(ledger(), { id: 'sent', unit: '5', severity: 'S1', state: 'dispatched', crew: 'c1' });
    expect(ids(await ledger().tickets.unassigned(NOW_MS, 10))).toEqual(['old', 'new', 'mild']);
    expect(ids(await ledger().tickets.unassigned(NOW_MS, 2))).toEqual(['old', 'new']);
    expect(ids(await ledger().tickets.unassigned(NOW_MS + 1, 10))).toContain('held');
  });

  it('count as load in the states in which a crew is busy', async () => {
    const states: TicketState[] = [
      'dispatched',
      'acknowledged',
      'enroute',
      'onsite',
      'waiting',
      'resolved',
      'closed',
    ];
    for (const [i, state] of states.entries())
      await opened(ledger(), { id: state, unit: `${i}`, state, crew: 'c1' });
    await opened(ledger(), { id: 'x', unit: 'x', state: 'onsite', crew: 'c2' });
    await opened(ledger(), { id: 'y', unit: 'y' });
    expect(await ledger().tickets.load()).toEqual(
      new Map([
        ['c1', 4],
        ['c2', 1],
      ]),
    );
  });

  it('tell the repairs of an equipment, newest last', async () => {
    const repaired = (id: string, resolvedAtMs: number, state: TicketState, equipment = 'g1') =>
      opened(ledger(), { id, unit: id, state, resolvedAtMs, equipment });
    await repaired('b', NOW_MS + 5, 'closed');
    await repaired('a', NOW_MS, 'resolved');
    await repaired('before', NOW_MS - 1, 'closed');
    await repaired('other', NOW_MS + 1, 'resolved', 'g2');
    expect(ids(await ledger().tickets.repairs('g1', NOW_MS))).toEqual(['a', 'b']);
  });

  it('are listed newest first, by states, equipment and crew, in pages that hold', async () => {
    for (let i = 0; i < 25; i += 1)
      await opened(ledger(), {
        id: `t${String(i).padStart(2, '0')}`,
        unit: `u${i}`,
        equipment: `g${i % 2}`,
        crew: i % 5 ? null : 'c1',
        state: i % 4 ? 'open' : 'closed',
        openedAtMs: NOW_MS + Math.floor(i / 3),
      });
    let more = 0;
    const rows = await allPages(ledger().tickets.list, 4, () => {
      more += 1;
      return opened(ledger(), { id: `new${more}`, unit: `new${more}`, openedAtMs: NOW_MS + 100 });
    });
    expect(ids(rows)).toEqual(Array.from({ length: 25 }, (_, i) => `t${String(24 - i).padStart(2, '0')}`));
    const found = async (query: object) =>
      (await ledger().tickets.list({ limit: 100, ...query })).rows.filter(({ id }) => /^t/.test(id)).length;
    expect(await found({ state: ['closed'] })).toBe(7);
    expect(await found({ state: ['open', 'closed'], equipment: 'g0' })).toBe(13);
    expect(await found({ crew: 'c1' })).toBe(5);
    expect(await found({ state: [] })).toBe(0);
  });
};

export const ticketSuite = (bench: Bench): void => {
  describe('tickets', () => {
    openingSuite(bench);
    steppingSuite(bench);
    deskSuite(bench);
  });
};
