import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadCatalogue } from '../catalogue/load.ts';
import type { AlertEvent } from '../core/alert/alert.ts';
import type { Crew } from '../core/crew/crew.ts';
import { ATTENDANT_MS, askAgainMs, PROMISES, RECOVERY_ASK_MS } from '../core/dispatch/promise.ts';
import { step } from '../core/ticket/step.ts';
import type { Ticket, TicketAction } from '../core/ticket/ticket.ts';
import type { Ledger } from '../store/ledger.ts';
import { type LogEntry, LogFullError } from '../store/log.ts';
import { openSqliteLedger } from '../store/sqlite/ledger.ts';
import { systemTimers } from '../time/system.ts';
import { type Desk, startDesk } from './desk.ts';

const catalogue = await loadCatalogue();
const START_MS = Date.parse('2026-11-23T02:00:00Z');

let ledger: Ledger;
let desk: Desk;
let nowMs: number;
let logged: LogEntry[];
let offset: number;
let logFull: boolean;
let ledgerPath: string;

const start = (): Desk =>
  startDesk({
    ledger,
    log: {
      append: async (entry) => {
        if (logFull) throw new LogFullError('full');
        return logged.push(entry);
      },
    },
    catalogue,
    timers: { ...systemTimers, now: () => nowMs },
    onProblem: ({ error }) => {
      if (!(error instanceof LogFullError)) throw error;
    },
    timerMs: 3_600_000,
  });

/** Lets the desk look at its clocks, as its timer would. */
const look = async (): Promise<void> => {
  await desk.close();
  desk = start();
  await desk.idle();
};

const crew = (id: string, lat: number): Crew => ({
  id,
  name: id,
  station: null,
  position: { lat, lon: 120.16 },
  skills: ['PSH'],
  shifts: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '00:00' }],
  timeZone: 'Asia/Shanghai',
  active: true,
});

beforeEach(async () => {
  nowMs = START_MS;
  logged = [];
  offset = 0;
  logFull = false;
  const folder = await mkdtemp(join(tmpdir(), 'precall-desk-'));
  ledgerPath = join(folder, 'ledger.sqlite');
  ledger = await openSqliteLedger({ path: ledgerPath, clock: () => nowMs });
  await ledger.sites.put(
    { id: 's1', name: 's1', position: { lat: 30.27, lon: 120.16 }, timeZone: 'Asia/Shanghai' },
    nowMs,
  );
  await ledger.equipment.put({ id: 'g1', site: 's1', model: 'PSH-7', name: 'g1' }, nowMs);
  await ledger.crews.put(crew('far', 30.5), nowMs);
  await ledger.crews.put(crew('near', 30.28), nowMs);
  desk = start();
});
afterEach(async () => {
  await desk.close();
  await ledger.close();
});

const event = (alert: string, patch: Partial<AlertEvent> = {}): AlertEvent => {
  offset += 1;
  return {
    key: { partition: 0, offset, index: 0 },
    alert,
    type: 'raised',
    reason: 'fault-active',
    atMs: nowMs,
    receivedAtMs: nowMs,
    equipment: 'g1',
    unit: 'bay7',
    component: 'hoist',
    rule: 'fault:G06',
    severity: 'S1',
    evidence: {
      detector: { name: 'fault-code', version: 1 },
      metric: null,
      code: 'G06',
      window: { fromMs: nowMs, toMs: nowMs },
      expected: null,
      seen: null,
      crossing: null,
      sample: null,
      detail: null,
    },
    ...patch,
  };
};

const fault = (
  code: string,
  component: string,
  severity: AlertEvent['severity'],
  patch: Partial<AlertEvent> = {},
): AlertEvent => {
  const base = event(`a-${code}-${offset}`, { component, severity, rule: `fault:${code}`, ...patch });
  return { ...base, evidence: { ...base.evidence, code } };
};

const heard = async (...events: AlertEvent[]): Promise<void> => {
  await ledger.alerts.apply(events);
  await settle();
};

/** The change signal may come a moment after the commit. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    await desk.idle();
  }
};

const only = async (): Promise<Ticket> => {
  const { rows } = await ledger.tickets.list({ limit: 10 });
  expect(rows).toHaveLength(1);
  return rows[0] as Ticket;
};

const act = async (action: TicketAction, patch: { reason?: string; crew?: string } = {}): Promise<void> => {
  const result = step(await only(), {
    action,
    atMs: nowMs,
    heardAtMs: nowMs,
    actor: 'li',
    actorCrew: 'near',
    ...patch,
  });
  if (!result.ok) throw new Error(result.detail);
  expect(await ledger.tickets.step(result.ticket, result.entry)).toBe(true);
  await settle();
};

const timeline = async (): Promise<string[]> =>
  (await ledger.tickets.timeline((await only()).id)).map((entry) =>
    [entry.what, entry.reason].filter(Boolean).join(':'),
  );

test('a fault opens a ticket and the nearest crew is asked, with its way and its promise', async () => {
  await heard(event('a1'));
  const ticket = await only();
  expect(ticket).toMatchObject({
    state: 'dispatched',
    crew: 'near',
    cause: 'G06',
    source: 'fault',
    severity: 'S1',
    alerts: ['a1'],
  });
  expect(ticket.etaAtMs).toBeGreaterThan(nowMs);
  expect(ticket.dueAtMs).toBe(nowMs + PROMISES.S1.arriveMs);
  expect(await timeline()).toEqual(['opened:G06', 'assign:nearest-qualified']);
  expect((await ledger.alerts.get('a1'))?.ticket).toBe(ticket.id);
});

test('the same alert again, another alert of the item, a restart: still one ticket', async () => {
  const first = event('a1');
  await heard(first);
  await heard(first, fault('G10', 'hoist', 'S1'));
  await look();
  const ticket = await only();
  expect(ticket.alerts).toHaveLength(2);
  expect(await timeline()).toEqual(['opened:G06', 'assign:nearest-qualified', 'alert-joined:G10']);
});

test('worth watching opens no ticket; another item of the same unit opens another one', async () => {
  await heard(event('w', { severity: 'watch' }));
  expect((await ledger.tickets.list({ limit: 10 })).rows).toEqual([]);
  await heard(event('a1'), fault('G22', 'brake', 'S1'));
  expect((await ledger.tickets.list({ limit: 10 })).rows).toHaveLength(2);
});

test('nobody is booked twice: the second job goes to the next crew, the third waits and says why', async () => {
  await heard(event('a1'), fault('G22', 'brake', 'S1'), fault('G20', 'sensors', 'S1'));
  const { rows } = await ledger.tickets.list({ limit: 10 });
  expect(rows.map((ticket) => ticket.crew).sort()).toEqual(['far', 'near', null]);
  const waiting = rows.find((ticket) => ticket.crew === null) as Ticket;
  expect((await ledger.tickets.timeline(waiting.id)).at(-1)).toMatchObject({
    what: 'no-crew',
    reason: 'all-busy',
  });
  await look();
  expect(
    (await ledger.tickets.timeline(waiting.id)).filter((entry) => entry.what === 'no-crew'),
  ).toHaveLength(1);
});

test('not acknowledged in time: the next crew, then a pause and the round again', async () => {
  await heard(event('a1'));
  nowMs += PROMISES.S1.acknowledgeMs;
  await look();
  expect(await only()).toMatchObject({ state: 'dispatched', crew: 'far' });
  nowMs += PROMISES.S1.acknowledgeMs;
  await look();
  expect(await only()).toMatchObject({
    state: 'open',
    crew: null,
    asked: [],
    holdUntilMs: nowMs + askAgainMs('S1'),
  });
  nowMs += askAgainMs('S1');
  await look();
  expect(await only()).toMatchObject({ state: 'dispatched', crew: 'near' });
  expect(await timeline()).toContain('not-acknowledged:time-to-acknowledge-passed');
  expect(await timeline()).toContain('no-crew:all-asked');
});

test('a crew that acknowledged is not asked again by the clock', async () => {
  await heard(event('a1'));
  await act('acknowledge');
  nowMs += 10 * PROMISES.S1.acknowledgeMs;
  await look();
  expect(await only()).toMatchObject({ state: 'acknowledged', crew: 'near' });
});

test('declined: the next one is asked at once', async () => {
  await heard(event('a1'));
  await act('decline', { reason: 'no-parts' });
  expect(await only()).toMatchObject({ state: 'dispatched', crew: 'far' });
});

test('resolved: the log hears of the repair, and the ticket closes when recovery is seen', async () => {
  await heard(event('a1'));
  await act('acknowledge');
  await act('arrive');
  await act('resolve');
  expect(logged).toEqual([
    {
      kind: 'control',
      receivedAtMs: nowMs,
      control: {
        type: 'repaired',
        equipment: 'g1',
        unit: 'bay7',
        component: 'hoist',
        repairedAtMs: nowMs,
        ticket: (await only()).id,
      },
    },
  ]);
  expect((await only()).state).toBe('resolved');
  await heard(event('a1', { type: 'cleared', reason: 'recovered-after-repair' }));
  expect(await only()).toMatchObject({ state: 'closed', closeReason: 'recovery-seen' });
});

test('the alert ended before the crew said done: closed as soon as it says so', async () => {
  await heard(event('a1'));
  await act('acknowledge');
  await act('arrive');
  await heard(event('a1', { type: 'cleared', reason: 'fault-inactive' }));
  expect((await only()).state).toBe('onsite');
  await act('resolve');
  expect((await only()).state).toBe('closed');
});

test('a new alert after the repair reopens the ticket; a closed one stays closed and a new one opens', async () => {
  await heard(event('a1'));
  await act('acknowledge');
  await act('arrive');
  await act('resolve');
  nowMs += 60_000;
  await heard(event('a2'));
  expect(await only()).toMatchObject({ state: 'dispatched' });
  expect(await timeline()).toContain('reopen:alert-after-repair');
  await act('close', { reason: 'test' });
  await heard(event('a1'), event('a2', { type: 'updated' }));
  expect((await only()).state).toBe('closed');
  await heard(event('a3'));
  expect((await ledger.tickets.list({ limit: 10 })).rows).toHaveLength(2);
});

test('the attendant goes first: held, closed when cleared on site', async () => {
  const stop = fault('G16', 'body', 'S1');
  await heard(stop);
  expect(await only()).toMatchObject({ state: 'open', crew: null, holdUntilMs: nowMs + ATTENDANT_MS });
  await heard({
    ...fault('G16', 'body', 'S1'),
    alert: stop.alert,
    type: 'cleared',
    reason: 'fault-inactive',
  });
  expect(await only()).toMatchObject({ state: 'closed', closeReason: 'cleared-on-site' });
});

test('the attendant goes first: a crew when it is not cleared in time', async () => {
  await heard(fault('G16', 'body', 'S1'));
  nowMs += ATTENDANT_MS;
  await look();
  expect(await only()).toMatchObject({ state: 'dispatched', crew: 'near' });
  expect(await timeline()).toContain('hold-over:not-cleared-in-time');
});

test('severity goes up with the alert, and the promise with it', async () => {
  const drift = (type: AlertEvent['type'], severity: AlertEvent['severity']): AlertEvent => {
    const base = event('d1', { type, severity, rule: 'drift:hoistCurrentA', reason: 'drifting-to-limit' });
    return { ...base, evidence: { ...base.evidence, code: null, metric: 'hoistCurrentA' } };
  };
  await heard(drift('raised', 'S3'));
  expect(await only()).toMatchObject({ severity: 'S3', source: 'telemetry', cause: 'drift:hoistCurrentA' });
  nowMs += 1_000;
  await heard(drift('updated', 'S2'));
  expect(await only()).toMatchObject({ severity: 'S2', dueAtMs: nowMs + PROMISES.S2.arriveMs });
});

test('a crash between the ticket and the next change forgets and repeats nothing', async () => {
  await desk.close();
  await ledger.alerts.apply([event('a1'), fault('G22', 'brake', 'S1')]);
  desk = start();
  await settle();
  await look();
  const { rows } = await ledger.tickets.list({ limit: 10 });
  expect(rows).toHaveLength(2);
  for (const ticket of rows) expect(await ledger.tickets.timeline(ticket.id)).toHaveLength(2);
});

const drift = (alert: string, patch: Partial<AlertEvent> = {}): AlertEvent => {
  const base = event(alert, {
    rule: 'drift:hoistCurrentA',
    severity: 'S3',
    reason: 'drifting-to-limit',
    ...patch,
  });
  return { ...base, evidence: { ...base.evidence, code: null, metric: 'hoistCurrentA' } };
};

const resolveIt = async (): Promise<void> => {
  await act('acknowledge');
  await act('arrive');
  await act('resolve');
};

test('what was in flight when the crew said done is no relapse; what was heard well after it is', async () => {
  await heard(drift('d1'));
  await resolveIt();
  nowMs += 5_000;
  // The machine's own clock is three hours slow: only when it was heard counts.
  await heard(drift('d2', { atMs: nowMs - 3 * 3_600_000 }));
  expect(await only()).toMatchObject({ state: 'resolved', alerts: ['d1', 'd2'] });
  nowMs += 60_000;
  await heard(drift('d3', { atMs: nowMs - 3 * 3_600_000 }));
  expect((await only()).state).toBe('dispatched');
});

test('the engine says that the repair did not help: the ticket is open again', async () => {
  await heard(drift('d1'));
  await resolveIt();
  await heard(drift('d1', { type: 'updated', reason: 'repair-did-not-help' }));
  expect((await only()).state).toBe('dispatched');
  expect(await timeline()).toContain('reopen:repair-did-not-help');
});

test('worse on a resolved ticket: open again', async () => {
  await heard(drift('d1'));
  await resolveIt();
  await heard(drift('d1', { type: 'updated', severity: 'S1', reason: 'severity-raised' }));
  expect(await only()).toMatchObject({ state: 'dispatched', severity: 'S1' });
});

test('a drift that merely stopped is no recovery; after a day the dispatcher is asked', async () => {
  await heard(drift('d1'));
  await act('acknowledge');
  await act('arrive');
  await heard(drift('d1', { type: 'cleared', reason: 'drift-stopped' }));
  await act('resolve');
  expect((await only()).state).toBe('resolved');
  nowMs += RECOVERY_ASK_MS;
  await look();
  expect((await only()).state).toBe('resolved');
  expect(await timeline()).toContain('recovery-not-seen:ask-the-dispatcher');
});

test('lowered to watch and then ended: the ticket closes', async () => {
  await heard(drift('d1'));
  await resolveIt();
  await heard(drift('d1', { type: 'updated', severity: 'watch', reason: 'severity-lowered' }));
  await heard(drift('d1', { type: 'cleared', severity: 'watch', reason: 'level-normal' }));
  expect((await only()).state).toBe('closed');
});

test('closed by hand while it goes on: quiet, until it gets worse', async () => {
  await heard(drift('d1'));
  await act('close', { reason: 'known, next month' });
  await heard(drift('d1', { type: 'updated' }));
  expect((await only()).state).toBe('closed');
  await heard(drift('d1', { type: 'updated', severity: 'S1', reason: 'severity-raised' }));
  const { rows } = await ledger.tickets.list({ limit: 10 });
  expect(rows.map((ticket) => `${ticket.state} ${ticket.severity}`).sort()).toEqual([
    'closed S3',
    'dispatched S1',
  ]);
});

test('worse also means sooner: the crew that was asked must answer in the time of the new severity', async () => {
  await heard(drift('d1'));
  expect((await only()).acknowledgeByMs).toBe(nowMs + PROMISES.S3.acknowledgeMs);
  nowMs += 1_000;
  await heard(drift('d1', { type: 'updated', severity: 'S1', reason: 'severity-raised' }));
  expect((await only()).acknowledgeByMs).toBe(nowMs + PROMISES.S1.acknowledgeMs);
});

test('a fault of the past that is being told, long over, sends nobody', async () => {
  const past = { atMs: nowMs - 10 * 86_400_000 };
  await desk.close();
  await ledger.alerts.apply([
    event('p1', past),
    event('p1', { ...past, type: 'cleared', reason: 'fault-inactive' }),
  ]);
  desk = start();
  await settle();
  expect((await ledger.tickets.list({ limit: 10 })).rows).toEqual([]);
});

test('while the service was away nobody could acknowledge: the clock goes on where it stopped', async () => {
  await heard(event('a1'));
  await ledger.settings.set('desk-alive', String(nowMs + 60_000));
  nowMs += 20 * 60_000;
  await look();
  expect(await only()).toMatchObject({
    state: 'dispatched',
    crew: 'near',
    acknowledgeByMs: nowMs + PROMISES.S1.acknowledgeMs - 60_000,
  });
  expect(await timeline()).toContain('clock-resumed:service-was-away');
});

test('a full log holds up the telling of a repair, nothing else, and forgets nothing', async () => {
  await heard(event('a1'));
  logFull = true;
  await resolveIt();
  await heard(fault('G22', 'brake', 'S1'));
  expect((await ledger.tickets.list({ limit: 10 })).rows).toHaveLength(2);
  expect(logged).toEqual([]);
  logFull = false;
  await look();
  expect(logged).toHaveLength(1);
});

test('many tickets that nobody can take do not hold up the one that somebody can', async () => {
  await ledger.equipment.put({ id: 'odd', site: 's1', model: 'unheard-of', name: 'odd' }, nowMs);
  const odd = Array.from({ length: 250 }, (_, index) =>
    event(`o${index}`, { equipment: 'odd', unit: `u${index}`, atMs: nowMs - 1_000 }),
  );
  await ledger.alerts.apply(odd);
  await ledger.alerts.apply([event('a1')]);
  for (let turn = 0; turn < 20; turn += 1) await settle();
  const mine = await ledger.tickets.openFor('g1', 'bay7', 'hoist');
  expect(mine).toMatchObject({ state: 'dispatched', crew: 'near' });
  const waiting = await ledger.tickets.openFor('odd', 'u3', 'hoist');
  const said = await ledger.tickets.timeline(waiting?.id ?? '');
  expect(said.filter((entry) => entry.what === 'no-crew').map((entry) => entry.reason)).toEqual([
    'nobody-qualified',
  ]);
});

test('an idle crew that let its time pass is asked again while the other one is busy', async () => {
  await heard(fault('G22', 'brake', 'S1'));
  const busy = await ledger.tickets.openFor('g1', 'bay7', 'brake');
  expect(busy?.crew).toBe('near');
  const taken = step(busy as Ticket, {
    action: 'acknowledge',
    atMs: nowMs,
    heardAtMs: nowMs,
    actor: 'li',
    actorCrew: 'near',
  });
  if (taken.ok) await ledger.tickets.step(taken.ticket, taken.entry);
  await heard(event('a1'));
  expect((await ledger.tickets.openFor('g1', 'bay7', 'hoist'))?.crew).toBe('far');
  nowMs += PROMISES.S1.acknowledgeMs;
  await look();
  nowMs += askAgainMs('S1');
  await look();
  expect(await ledger.tickets.openFor('g1', 'bay7', 'hoist')).toMatchObject({
    state: 'dispatched',
    crew: 'far',
  });
});

test('changes that were trimmed unread are derived anew: alerts without a ticket, repairs not yet told', async () => {
  await heard(event('a1'));
  await act('acknowledge');
  await act('arrive');
  await desk.close();
  await ledger.close();
  ledger = await openSqliteLedger({ path: ledgerPath, clock: () => nowMs, keepChanges: 10 });
  const done = step(await only(), {
    action: 'resolve',
    atMs: nowMs,
    heardAtMs: nowMs,
    actor: 'li',
    actorCrew: 'near',
  });
  if (done.ok) await ledger.tickets.step(done.ticket, done.entry);
  await ledger.alerts.apply([fault('G22', 'brake', 'S1')]);
  for (let index = 0; index < 3_000; index += 100) {
    await ledger.transaction(async (tx) => {
      for (let more = 0; more < 100; more += 1) {
        await tx.equipment.put({ id: `e${index + more}`, site: 's1', model: 'fridge-1', name: 'e' }, nowMs);
      }
    });
  }
  desk = start();
  for (let turn = 0; turn < 4; turn += 1) await settle();
  expect(desk.stats().rebuilt).toBe(1);
  expect((await ledger.tickets.openFor('g1', 'bay7', 'brake'))?.state).toBe('dispatched');
  expect(logged).toHaveLength(1);
});

test('a fault that came again after the repair reopens the ticket; how the old one ended does not close it', async () => {
  await heard(event('a1'));
  await resolveIt();
  nowMs += 60_000;
  await heard(event('a2'), event('a1', { type: 'cleared', reason: 'active-again-after-repair' }));
  expect((await only()).state).toBe('dispatched');
  await resolveIt();
  await heard(event('a2', { type: 'cleared', reason: 'fault-inactive' }));
  expect(await only()).toMatchObject({ state: 'closed', closeReason: 'recovery-seen' });
});
