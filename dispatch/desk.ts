import type { Catalogue } from '../core/fault/catalogue.ts';
import type { Change, Ledger, LedgerNouns } from '../store/ledger.ts';
import type { Log } from '../store/log.ts';
import { rowsOf } from '../store/rows.ts';
import type { Timers } from '../time/timers.ts';
import { closeOnRecovery, followAlert, type Outcome } from './alerts.ts';
import { createAlive } from './alive.ts';
import type { Assignment } from './assign.ts';
import { createFollower } from './follow.ts';
import { createLoop } from './loop.ts';
import { createRepairTeller } from './repairs.ts';
import { type Expired, expire } from './timers.ts';
import { createWaitingRoom } from './waiting.ts';

/**
 * The desk: follows the ledger's changes, turns alerts into tickets, asks crews, keeps the promises' clocks, and
 * tells the log of repairs so that the engine watches for recovery.
 */
export interface DeskOptions {
  readonly ledger: Ledger;
  readonly log: Pick<Log, 'append'>;
  readonly catalogue: Catalogue;
  readonly timers: Timers;
  readonly onProblem: (problem: { readonly what: string; readonly error: Error }) => void;
  /** How often the promises' clocks are looked at. */
  readonly timerMs?: number;
  /** How often it notes that it is there (default 10 s); after three times that it was away. */
  readonly aliveMs?: number;
}

export interface Desk {
  /** Named counters since start. */
  stats(): Readonly<Record<string, number>>;
  /** Resolves when everything known by now has been handled. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Waiting tickets are looked at again at this pace even when nothing changed: shifts begin. */
const WAITING_MS = 5_000;
const ROUND = 200;

type Counter = Outcome | Assignment | Expired | 'repairs-told' | 'skipped' | 'rebuilt' | 'failures';

export const startDesk = (options: DeskOptions): Desk => {
  const { ledger, log, catalogue, timers } = options;
  const clock = timers.now;
  const counts = new Map<Counter, number>();
  const count = (name: Counter): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  const failed =
    (what: string) =>
    (error: Error): void => {
      count('failures');
      options.onProblem({ what, error });
    };

  const recoverAfterStep = async (tx: LedgerNouns, ticketId: string): Promise<void> => {
    const ticket = await tx.tickets.get(ticketId);
    if (ticket?.state === 'resolved' && (await closeOnRecovery(tx, ticket, clock()))) count('closed');
  };

  /** Changes were lost before they were read: every active alert, and every resolved ticket, is looked at again. */
  const rebuild = async (): Promise<void> => {
    count('rebuilt');
    for await (const { id } of rowsOf((page) => ledger.alerts.list({ ...page, state: 'active' }))) {
      await ledger.transaction(async (tx) => count(await followAlert(tx, catalogue, id, clock())));
    }
    for await (const { id } of rowsOf((page) => ledger.tickets.list({ ...page, state: ['resolved'] }))) {
      await ledger.transaction((tx) => recoverAfterStep(tx, id));
    }
  };

  const follow = createFollower({
    ledger,
    name: 'desk-cursor',
    clock,
    rebuild,
    onSkip: () => count('skipped'),
    concerns: ({ kind, what }: Change) =>
      (kind === 'alert' && ['raised', 'updated', 'cleared'].includes(what)) ||
      (kind === 'ticket' && what === 'resolve'),
    handle: async (tx, change) => {
      if (change.kind === 'alert') count(await followAlert(tx, catalogue, change.id, clock()));
      else await recoverAfterStep(tx, change.id);
    },
  });

  const alive = createAlive(ledger, 'desk-alive', clock, options.aliveMs);

  const runTimers = async (): Promise<boolean> => {
    const away = await alive.absence();
    const due = await ledger.tickets.due(clock(), ROUND);
    for (const { id } of due) count(await ledger.transaction((tx) => expire(tx, id, clock(), away)));
    return due.length === ROUND;
  };

  const assignWaiting = createWaitingRoom(ledger, clock, count);
  let lastAssignMs = Number.NEGATIVE_INFINITY;

  const desk = createLoop(
    timers,
    async () => {
      const more = await follow();
      const moreDue = await runTimers();
      await assignWaiting();
      lastAssignMs = clock();
      return more || moreDue;
    },
    failed('the desk could not handle a change; it tries again'),
  );

  const repairs = createLoop(
    timers,
    createRepairTeller(ledger, log, clock, () => count('repairs-told')),
    failed('a repair could not be told to the log; it is told again'),
  );

  const wake = (): void => {
    desk.wake();
    repairs.wake();
  };

  /** Once per `timerMs`: the clocks alone, and now and then what waits for a crew. */
  const tick = async (): Promise<void> => {
    await alive.note();
    const isTime = clock() - lastAssignMs >= WAITING_MS;
    if (isTime || (await ledger.tickets.due(clock(), 1)).length > 0) desk.wake();
  };

  const unsubscribe = ledger.onChange(wake);
  const stopTicking = timers.every(
    options.timerMs ?? 500,
    () => void tick().catch(failed('the desk could not look at its clocks')),
  );
  wake();

  return {
    stats: () => Object.fromEntries(counts),
    idle: async () => {
      await desk.idle();
      await repairs.idle();
    },
    close: async () => {
      stopTicking();
      unsubscribe();
      await desk.close();
      await repairs.close();
    },
  };
};
