import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newTicket } from '../ticket/open.ts';
import { step } from '../ticket/step.ts';
import type { Ticket, TicketAction, TicketEntry } from '../ticket/ticket.ts';
import { arrivalOf, clockChangesOf, warnAtMs } from './clocks.ts';
import { escalate, type Facts, newRound, readRound, shifted, undelivered } from './escalate.ts';
import { type ChannelAudience, hears, isChannelAudience, NOTICE_KINDS, type Notice } from './notice.ts';
import { noticesOf } from './of-ticket.ts';
import { staleOf, takesBack } from './relevance.ts';
import { afterFailure, isFailing, MAX_AGE_MS, MAX_ATTEMPTS, nextRetryAt, spent, WELL } from './retry.ts';
import { inboxOf, settingProblem, shownUrl } from './settings.ts';
import { noticeWords } from './words.ts';

const MINUTE_MS = 60_000;

const ticket: Ticket = newTicket(
  {
    ...{ id: 't1', equipment: 'g1', unit: 'bay7', site: 's1', component: 'hoist', cause: 'G06' },
    ...{ severity: 'S1', source: 'fault' },
  },
  0,
);

interface Stepped {
  readonly before: Ticket | null;
  readonly ticket: Ticket;
  readonly entry: TicketEntry;
}

const acted = (before: Ticket, action: TicketAction, patch: object = {}, nowMs = 1_000): Stepped => {
  const actor = { actor: 'li', actorCrew: before.crew };
  const result = step(before, { action, atMs: nowMs, heardAtMs: nowMs, ...actor, ...patch });
  if (!result.ok) throw new Error(result.detail);
  return { before, ticket: result.ticket, entry: result.entry };
};

const said = ({ before, ticket: after, entry }: Stepped): string[] =>
  noticesOf(before, after, entry).map(({ kind, audience }) => `${kind} ${audience}`);

describe('what a change says', () => {
  const assigned = acted(ticket, 'assign', { crew: 'c1' });

  test('is told to whom it concerns, also to the crew that had it', () => {
    expect(said(assigned)).toEqual(['assigned crew:c1']);
    expect(said(acted(assigned.ticket, 'assign', { crew: 'c2' }))).toEqual([
      'withdrawn crew:c1',
      'assigned crew:c2',
    ]);
    expect(said(acted(assigned.ticket, 'decline'))).toEqual(['declined dispatcher']);
    expect(said(acted(assigned.ticket, 'cancel', { reason: 'x' }))).toEqual([
      'cancelled dispatcher',
      'cancelled crew:c1',
    ]);
    expect(said(acted(assigned.ticket, 'acknowledge'))).toEqual([]);
    expect(said(acted(assigned.ticket, 'comment'))).toEqual([]);
  });

  test('has an id that is the same whenever it is derived again', () => {
    const ids = noticesOf(assigned.before, assigned.ticket, assigned.entry).map(({ id }) => id);
    expect(ids).toEqual(['t1.2.assigned.crew:c1']);
  });

  test('everybody was asked once more: the chain tells, not each round', () => {
    const line = (reason: string) => ({ ...assigned.entry, what: 'no-crew', reason });
    expect(noticesOf(ticket, ticket, line('all-asked'))).toEqual([]);
    expect(noticesOf(ticket, ticket, line('off-shift')).map(({ kind }) => kind)).toEqual(['no-crew']);
  });

  test('every kind has words in both languages', () => {
    const [notice] = noticesOf(assigned.before, assigned.ticket, assigned.entry);
    for (const kind of NOTICE_KINDS) {
      const words = noticeWords({ ...notice, kind } as Notice, null);
      expect([kind, words.en]).toEqual([kind, expect.stringMatching(/^[\x20-\x7e]+$/)]);
      expect([kind, words.zh]).toEqual([kind, expect.stringMatching(/\p{Script=Han}/u)]);
    }
  });
});

describe('whether it still holds', () => {
  const assigned = acted(ticket, 'assign', { crew: 'c1' });
  const [page] = noticesOf(assigned.before, assigned.ticket, assigned.entry) as [Notice];

  test('a page holds until somebody answers, or another crew has it', () => {
    expect(staleOf(page, assigned.ticket, 0)).toBeNull();
    expect(staleOf(page, acted(assigned.ticket, 'acknowledge').ticket, 0)).toBe('acknowledged');
    expect(staleOf(page, acted(assigned.ticket, 'assign', { crew: 'c2' }).ticket, 0)).toBe('crew-changed');
    expect(staleOf(page, acted(assigned.ticket, 'close', { reason: 'x' }).ticket, 0)).toBe('ended');
    const chain = { ...page, kind: 'escalated', audience: 'dispatcher' } as const;
    expect(staleOf(chain, assigned.ticket, 0)).toBeNull();
    expect(staleOf(chain, acted(assigned.ticket, 'acknowledge').ticket, 0)).toBe('acknowledged');
  });

  test('a warning does not come after what it warned of', () => {
    const warning = { ...page, kind: 'promise-at-risk', audience: 'dispatcher' } as const;
    expect(staleOf(warning, assigned.ticket, ticket.dueAtMs - 1)).toBeNull();
    expect(staleOf(warning, assigned.ticket, ticket.dueAtMs)).toBe('superseded');
  });

  test('only a crew is told that something is taken back', () => {
    expect(takesBack({ kind: 'cancelled', audience: 'crew:c1' })).toBe(true);
    expect(takesBack({ kind: 'cancelled', audience: 'dispatcher' })).toBe(false);
    expect(takesBack({ kind: 'assigned', audience: 'crew:c1' })).toBe(false);
  });
});

describe('who hears', () => {
  const notice = { kind: 'assigned', audience: 'crew:c1', site: 's1', channel: null } as const;
  test('an audience, a site, all; never a channel of its own pause, and a test nobody else', () => {
    const of = (audience: ChannelAudience, told: object = {}) =>
      hears({ id: 'hook', audience }, { ...notice, ...told } as never);
    expect([of('crew:c1'), of('crew:c2'), of('site:s1'), of('site:s2'), of('all'), of('dispatcher')]).toEqual(
      [...[true, false, true, false, true, false]],
    );
    expect(of('all', { kind: 'channel-paused', channel: 'hook' })).toBe(false);
    expect(of('all', { kind: 'channel-paused', channel: 'other' })).toBe(true);
    expect(of('crew:c2', { kind: 'test', channel: 'hook' })).toBe(true);
    expect(of('all', { kind: 'test', channel: 'other' })).toBe(false);
  });

  test('settings are checked, and a URL is shown so that it can’t be used', () => {
    const given = { id: 'a', url: 'https://h.test/x', audience: 'all', perMinute: 60 };
    expect(settingProblem(given)).toBeNull();
    expect(settingProblem({ ...given, url: 'file:///etc/passwd' })?.field).toBe('url');
    expect(settingProblem({ ...given, id: 'a b' })?.field).toBe('id');
    expect(settingProblem({ ...given, audience: 'crew:' })?.field).toBe('audience');
    expect(settingProblem({ ...given, perMinute: 0.5 })?.field).toBe('perMinute');
    expect(shownUrl('https://h.test:8443/services/AAAA/BBBB?key=cdefgh')).toBe('https://h.test:8443/…efgh');
    expect(['admin', 'crew:c-1', 'site:x'].every(isChannelAudience)).toBe(true);
    expect(inboxOf({ role: 'crew', crew: 'c1' })).toEqual(['crew:c1']);
    expect(inboxOf({ role: 'viewer', crew: null })).toEqual([]);
  });
});

describe('retries', () => {
  test('come later each time, at most an hour, and no sooner than was asked for', () => {
    const waits = Array.from({ length: 14 }, (_, at) => nextRetryAt(0, at + 1, 0) / 1_000);
    expect(waits.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(waits.at(-1)).toBe(3_600);
    expect(nextRetryAt(0, 1, 0.999)).toBeLessThanOrEqual(6_250);
    expect(nextRetryAt(7, 1, 0, 90_000)).toBe(90_007);
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.nat(60),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (now, attempt, random) => {
          const waitMs = nextRetryAt(now, attempt, random) - now;
          expect(waitMs).toBeGreaterThanOrEqual(5_000);
          expect(waitMs).toBeLessThanOrEqual(3_600_000 * 1.25);
        },
      ),
    );
  });

  test('end after so many, or a day', () => {
    expect(spent({ attempts: MAX_ATTEMPTS - 1, createdAtMs: 0 }, MAX_AGE_MS - 1)).toBeNull();
    expect(spent({ attempts: MAX_ATTEMPTS, createdAtMs: 0 }, 1)).toBe('too-many-attempts');
    expect(spent({ attempts: 1, createdAtMs: 0 }, MAX_AGE_MS)).toBe('too-old');
  });

  test('pause a channel after five failures, for longer each time', () => {
    let health = WELL;
    const pauses: (number | null)[] = [];
    for (let turn = 0; turn < 13; turn += 1) {
      health = afterFailure(health, { reason: 'http-500', retryAfterMs: null }, 0);
      pauses.push(health.pausedUntilMs && health.pausedUntilMs / MINUTE_MS);
    }
    expect(pauses).toEqual([null, null, null, null, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    const asked = afterFailure(WELL, { reason: 'http-429', retryAfterMs: 5 * MINUTE_MS }, 0);
    expect(asked).toEqual({ failures: 1, pausedUntilMs: 5 * MINUTE_MS, pauseReason: 'http-429' });
    expect([isFailing(asked), isFailing(health)]).toEqual([false, true]);
  });
});

describe('a ticket’s clocks', () => {
  const opened = { before: null, ticket, entry: { heardAtMs: 0, what: 'opened' } as TicketEntry };
  const changes = ({ before, ticket: after, entry }: Stepped) =>
    clockChangesOf(before, after, entry).map((change) =>
      change.do === 'set' ? `set ${change.clock.key} ${change.clock.dueAtMs}` : `${change.do} ${change.key}`,
    );

  test('begin with it, come forward with news, and end with their reason', () => {
    expect(changes(opened)).toEqual(['set escalation:t1 0', `set arrival:t1 ${warnAtMs(ticket)}`]);
    const held = { ...opened, ticket: { ...ticket, holdUntilMs: 600_000 } };
    expect(changes(held)[0]).toBe('set escalation:t1 600000');
    const assigned = acted(ticket, 'assign', { crew: 'c1' });
    expect(changes(assigned)).toEqual(['hasten escalation:t1']);
    const acknowledged = acted(assigned.ticket, 'acknowledge');
    expect(changes(acknowledged)).toEqual(['clear escalation:t1']);
    const arrived = acted(acknowledged.ticket, 'arrive');
    expect(changes(arrived)).toEqual(['clear arrival:t1']);
    const resolved = acted(arrived.ticket, 'resolve');
    expect(changes(resolved)).toEqual([]);
    const again = acted(resolved.ticket, 'reopen', {}, 5_000);
    expect(changes(again)).toEqual(['set escalation:t1 5000', `set arrival:t1 ${warnAtMs(again.ticket)}`]);
    expect(changes(acted(acknowledged.ticket, 'decline', {}, 7_000))).toEqual(['set escalation:t1 7000']);
  });

  test('arrival: warned once, told once', () => {
    expect(arrivalOf(ticket, false, 0)).toMatchObject({ line: null, nextMs: warnAtMs(ticket) });
    expect(arrivalOf(ticket, false, warnAtMs(ticket))).toEqual({
      line: { what: 'promise-at-risk', reason: 'nobody-on-the-way' },
      nextMs: ticket.dueAtMs,
      warned: true,
    });
    expect(arrivalOf(ticket, true, ticket.dueAtMs - 1)).toMatchObject({ line: null, nextMs: ticket.dueAtMs });
    expect(arrivalOf(ticket, true, ticket.dueAtMs)).toMatchObject({
      line: { what: 'promise-broken' },
      nextMs: null,
    });
    const arrived = { ...ticket, arrivedAtMs: 5 };
    expect(arrivalOf(arrived, false, ticket.dueAtMs)).toMatchObject({ line: null, nextMs: null });
  });
});

describe('the chain', () => {
  const chain = [
    { afterMs: MINUTE_MS, to: 'crew', repeatEveryMs: MINUTE_MS },
    { afterMs: 3 * MINUTE_MS, to: 'dispatcher', repeatEveryMs: 3 * MINUTE_MS },
    { afterMs: 15 * MINUTE_MS, to: 'admin', repeatEveryMs: null },
  ] as const;
  const can = { crew: null, station: null, dispatcher: null, admin: null };
  const facts = (minutes: number, patch: Partial<Facts> = {}): Facts => ({
    ...{ nowMs: minutes * MINUTE_MS, crew: 'c1', askedAtMs: 0, why: can },
    ...patch,
  });

  test('says what is due once, however late it is', () => {
    const late = escalate(chain, newRound(0), facts(60));
    expect(late.tell.map(({ to }) => to)).toEqual(['crew', 'dispatcher', 'admin']);
    expect(late.nextMs).toBe(61 * MINUTE_MS);
    expect(escalate(chain, late.round, facts(60)).tell).toEqual([]);
  });

  test('reminds a crew from when that crew was asked, and nobody where none is', () => {
    expect(escalate(chain, newRound(0), facts(2, { askedAtMs: 1.5 * MINUTE_MS })).tell).toEqual([]);
    expect(escalate(chain, newRound(0), facts(2, { crew: null })).tell).toEqual([]);
  });

  test('goes past who can’t be told, once, to the next who can', () => {
    const why = { ...can, crew: 'crew-has-no-channel', dispatcher: 'channel-fails' } as const;
    const first = escalate(chain, newRound(0), facts(0, { why }));
    expect(first.tell).toEqual([{ to: 'admin', reason: 'crew-has-no-channel' }]);
    expect(escalate(chain, first.round, facts(0.5, { why })).tell).toEqual([]);
    const other = escalate(chain, newRound(0), facts(0, { why: { ...can, crew: 'channel-fails' } }));
    expect(other.tell).toEqual([{ to: 'dispatcher', reason: 'channel-fails' }]);
  });

  test('goes on where it stood after an absence, and reads what it wrote', () => {
    const { round } = escalate(chain, newRound(0), facts(1));
    const later = shifted(round, 60 * MINUTE_MS);
    expect(escalate(chain, later, facts(61.5, { askedAtMs: null })).tell).toEqual([]);
    expect(escalate(chain, later, facts(62, { askedAtMs: null })).tell.map(({ to }) => to)).toEqual(['crew']);
    const kept = undelivered(later, 'crew:c1');
    expect(readRound(JSON.stringify(kept), 0)).toEqual(kept);
    for (const broken of ['', '{}', 'null', '{"sinceMs":1}'])
      expect(readRound(broken, 7)).toEqual(newRound(7));
  });

  test('property: it always says when to look again, never more than a step each, and never stops', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }), (waits) => {
        let round = newRound(0);
        let minutes = 0;
        for (const wait of waits) {
          minutes += wait;
          const result = escalate(chain, round, facts(minutes));
          expect(result.tell.length).toBeLessThanOrEqual(chain.length);
          expect(result.nextMs).toBeGreaterThan(minutes * MINUTE_MS);
          expect(result.nextMs).toBeLessThanOrEqual((minutes + 60) * MINUTE_MS);
          round = result.round;
        }
      }),
    );
  });
});
