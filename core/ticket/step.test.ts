import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newTicket } from './open.ts';
import { mayStep } from './permit.ts';
import { isFinal, LEGAL, nextAction, type StepRequest, step } from './step.ts';
import type { Ticket, TicketAction } from './ticket.ts';

const ticket = (patch: Partial<Ticket> = {}): Ticket => ({
  ...newTicket(
    {
      id: 'T1',
      equipment: 'g1',
      unit: 'bay7',
      site: 's1',
      component: 'hoist',
      cause: 'G06',
      severity: 'S1',
      source: 'fault',
      alerts: ['a1'],
    },
    1_000,
  ),
  ...patch,
});

const request = (action: TicketAction, patch: Partial<StepRequest> = {}): StepRequest => ({
  action,
  atMs: 5_000,
  heardAtMs: 6_000,
  actor: 'li',
  actorCrew: 'crew1',
  ...patch,
});

const run = (from: Ticket, ...requests: StepRequest[]): Ticket =>
  requests.reduce((current, next) => {
    const result = step(current, next);
    if (!result.ok) throw new Error(result.detail);
    return result.ticket;
  }, from);

test('the way of a ticket, from asked to closed, with the times of each step', () => {
  const closed = run(
    ticket(),
    request('assign', { crew: 'crew1', etaAtMs: 9_000 }),
    request('acknowledge', { atMs: 10 }),
    request('depart', { atMs: 20 }),
    request('arrive', { atMs: 30 }),
    request('wait'),
    request('resume'),
    request('resolve', { atMs: 40 }),
    request('close', { reason: 'recovery-seen', atMs: 50 }),
  );
  expect(closed).toMatchObject({
    state: 'closed',
    crew: 'crew1',
    acknowledgedAtMs: 10,
    departedAtMs: 20,
    arrivedAtMs: 30,
    resolvedAtMs: 40,
    closedAtMs: 50,
    closeReason: 'recovery-seen',
    version: 9,
  });
});

test('an offer must be acknowledged within the time of its severity', () => {
  expect(run(ticket(), request('assign', { crew: 'c' })).acknowledgeByMs).toBe(6_000 + 180_000);
  expect(run(ticket({ severity: 'S3' }), request('assign', { crew: 'c' })).acknowledgeByMs).toBe(
    6_000 + 1_800_000,
  );
});

test('a second acknowledgement changes nothing but keeps the note', () => {
  const first = run(ticket(), request('assign', { crew: 'crew1' }), request('acknowledge'));
  const second = step(first, request('acknowledge', { actor: 'wang', note: 'me too' }));
  expect(second).toMatchObject({
    ok: true,
    alreadyAcknowledged: true,
    entry: { note: 'me too', actor: 'wang' },
  });
  if (second.ok)
    expect({ ...second.ticket, version: 0, updatedAtMs: 0 }).toEqual({
      ...first,
      version: 0,
      updatedAtMs: 0,
    });
});

test('declined: the next one is asked, and the one who declined is remembered', () => {
  const declined = run(
    ticket(),
    request('assign', { crew: 'crew1' }),
    request('decline', { reason: 'no-parts' }),
  );
  expect(declined).toMatchObject({ state: 'open', crew: null, asked: ['crew1'], acknowledgeByMs: null });
});

test('reopened: the times of the round before do not mix with those of the next', () => {
  const resolved = run(
    ticket(),
    request('assign', { crew: 'crew1' }),
    request('acknowledge', { atMs: 10 }),
    request('depart', { atMs: 20 }),
    request('arrive', { atMs: 30 }),
    request('resolve', { atMs: 40 }),
  );
  const again = run(
    resolved,
    request('reopen', { atMs: 50 }),
    request('acknowledge', { atMs: 60 }),
    request('arrive', { atMs: 70 }),
  );
  expect(again).toMatchObject({
    acknowledgedAtMs: 60,
    departedAtMs: 70,
    arrivedAtMs: 70,
    resolvedAtMs: null,
  });
});

test('closing and cancelling need a reason, assigning a crew', () => {
  expect(step(ticket(), request('close'))).toMatchObject({ ok: false, reason: 'reason-missing' });
  expect(step(ticket(), request('cancel'))).toMatchObject({ ok: false, reason: 'reason-missing' });
  expect(step(ticket(), request('assign'))).toMatchObject({ ok: false, reason: 'crew-missing' });
});

test('illegal steps say from where they would be possible', () => {
  expect(step(ticket(), request('resolve'))).toMatchObject({
    ok: false,
    reason: 'illegal-step',
    detail: 'resolve is not possible while the ticket is open; possible from: onsite',
  });
});

test('property: whatever people press, versions grow by one, final states stay final but for reopen', () => {
  const actions = Object.keys(LEGAL) as TicketAction[];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...actions), { maxLength: 40 }), (presses) => {
      let current = ticket();
      for (const action of presses) {
        const result = step(current, request(action, { crew: 'crew2', reason: 'because' }));
        if (!result.ok) continue;
        expect(result.ticket.version).toBe(current.version + 1);
        expect(result.entry).toMatchObject({
          version: result.ticket.version,
          from: current.state,
          to: result.ticket.state,
        });
        if (isFinal(current.state) && action !== 'reopen') expect(result.ticket.state).toBe(current.state);
        if (result.ticket.state === 'dispatched') expect(result.ticket.acknowledgeByMs).not.toBeNull();
        if (result.ticket.state === 'open') expect(result.ticket.crew).toBeNull();
        current = result.ticket;
      }
    }),
  );
});

test('the phone always offers a step that is legal', () => {
  for (const state of ['dispatched', 'acknowledged', 'enroute', 'onsite', 'waiting'] as const) {
    const action = nextAction(state);
    expect(action && LEGAL[action]).toContain(state);
  }
  expect(nextAction('closed')).toBeNull();
});

test('a crew steps its own tickets, never another one’s, and never closes', () => {
  const mine = { role: 'crew', crew: 'crew1' } as const;
  expect(mayStep(mine, ticket({ crew: 'crew1' }), 'resolve')).toBe(true);
  expect(mayStep(mine, ticket({ crew: 'crew2' }), 'resolve')).toBe(false);
  expect(mayStep(mine, ticket(), 'acknowledge')).toBe(true);
  expect(mayStep(mine, ticket({ crew: 'crew1' }), 'close')).toBe(false);
  expect(mayStep({ role: 'viewer', crew: null }, ticket(), 'comment')).toBe(false);
  expect(mayStep({ role: 'attendant', crew: null }, ticket(), 'comment')).toBe(true);
});
