import type { Catalogue } from '../core/fault/catalogue.ts';
import type { Change, Ledger, LedgerNouns } from '../store/ledger.ts';
import type { Log } from '../store/log.ts';
import { closeOnRecovery, followAlert, type Outcome } from './alerts.ts';
import { type Assignment, assignTicket } from './assign.ts';
import { type Expired, expire } from './timers.ts';

/**
 * The desk: follows the ledger's changes with a cursor of its own, turns alerts into tickets, asks crews,
 * keeps the promises' clocks, and tells the log of repairs so that the engine watches for recovery.
 *
 * Each change is handled in one transaction with the cursor: after a crash it is handled again or not at
 * all, never twice.
 */
export interface DeskOptions {
  readonly ledger: Ledger;
  readonly log: Pick<Log, 'append'>;
  readonly catalogue: Catalogue;
  readonly clock: () => number;
  readonly onProblem: (problem: { readonly what: string; readonly error: Error }) => void;
  /** How often the promises' clocks are looked at, and what waits for a crew is tried again. */
  readonly timerMs?: number;
}

export interface Desk {
  /** Named counters since start. */
  stats(): Readonly<Record<string, number>>;
  /** Resolves when everything known by now has been handled. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const CURSOR = 'desk-cursor';
const BATCH = 200;
/** Work per round on tickets that are due or wait for a crew; the rest has its turn in the next round. */
const ROUND = 200;
const RETRY_MS = 1_000;
const MAX_ATTEMPTS = 5;
/** Waiting tickets are looked at again at this pace even when nothing changed: shifts begin. */
const WAITING_MS = 5_000;

type Counter = Outcome | Assignment | Expired | 'repairs-told' | 'skipped' | 'failures';

export const startDesk = (options: DeskOptions): Desk => {
  const { ledger, log, catalogue, clock } = options;
  const counts = new Map<Counter, number>();
  const count = (name: Counter): void => void counts.set(name, (counts.get(name) ?? 0) + 1);

  /** A crew said that it is repaired. Told to the log before the cursor moves: at least once, and the engine takes it once. */
  const tellRepair = async (ticketId: string): Promise<void> => {
    const ticket = await ledger.tickets.get(ticketId);
    if (!ticket || ticket.resolvedAtMs === null) return;
    await log.append({
      kind: 'control',
      receivedAtMs: clock(),
      control: {
        type: 'repaired',
        equipment: ticket.equipment,
        unit: ticket.unit,
        component: ticket.component,
        repairedAtMs: ticket.resolvedAtMs,
        ticket: ticket.id,
      },
    });
    count('repairs-told');
  };

  const follow = async (tx: LedgerNouns, change: Change): Promise<void> => {
    if (change.kind === 'alert') count(await followAlert(tx, catalogue, change.id, clock()));
    if (change.kind === 'ticket' && change.what === 'resolve') {
      const ticket = await tx.tickets.get(change.id);
      if (ticket && (await closeOnRecovery(tx, ticket, clock()))) count('closed');
    }
  };

  const concerns = (change: Change): boolean =>
    (change.kind === 'alert' && ['raised', 'updated', 'cleared'].includes(change.what)) ||
    (change.kind === 'ticket' && change.what === 'resolve');

  let failing: { readonly cursor: string; readonly times: number } | null = null;

  const handle = async (change: Change): Promise<void> => {
    try {
      if (failing?.cursor === change.cursor && failing.times >= MAX_ATTEMPTS) return await skip(change);
      if (change.kind === 'ticket') await tellRepair(change.id);
      await ledger.transaction(async (tx) => {
        await follow(tx, change);
        await tx.settings.set(CURSOR, change.cursor);
      });
    } catch (error) {
      failing = { cursor: change.cursor, times: failing?.cursor === change.cursor ? failing.times + 1 : 1 };
      throw error;
    }
  };

  /**
   * One bad change must not stop every other ticket: it is written to the audit and passed over. Where the
   * ledger itself is what fails, this fails too, and nothing is passed over.
   */
  const skip = (change: Change): Promise<void> =>
    ledger.transaction(async (tx) => {
      await tx.audit.add({
        atMs: clock(),
        actor: 'system',
        action: 'desk.skipped',
        subject: change.id,
        detail: { kind: change.kind, what: change.what },
      });
      await tx.settings.set(CURSOR, change.cursor);
      count('skipped');
    });

  /** Handles the next changes; true when there may be more. */
  const followChanges = async (): Promise<boolean> => {
    const cursor = await ledger.settings.get(CURSOR);
    const changes = await ledger.changes(cursor, BATCH);
    for (const change of changes.filter(concerns)) await handle(change);
    const last = changes.at(-1);
    if (last && !concerns(last)) await ledger.settings.set(CURSOR, last.cursor);
    return changes.length === BATCH;
  };

  const runTimers = async (): Promise<boolean> => {
    const due = await ledger.tickets.due(clock(), ROUND);
    for (const { id } of due) count(await ledger.transaction((tx) => expire(tx, id, clock())));
    return due.length === ROUND;
  };

  const assignWaiting = async (): Promise<void> => {
    for (const { id } of await ledger.tickets.unassigned(clock(), ROUND)) {
      count(await ledger.transaction((tx) => assignTicket(tx, id, clock())));
    }
  };

  let closed = false;
  let dirty = true;
  let lastAssignMs = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  const round = async (): Promise<void> => {
    while (dirty && !closed) {
      dirty = false;
      const more = await followChanges();
      const moreDue = await runTimers();
      await assignWaiting();
      lastAssignMs = clock();
      if (more || moreDue) dirty = true;
    }
  };

  let retry: NodeJS.Timeout | null = null;

  const wake = (): void => {
    dirty = true;
    if (running || retry || closed) return;
    running = round()
      .catch((error: Error) => {
        count('failures');
        options.onProblem({ what: 'the desk could not handle a change; it tries again', error });
        retry = setTimeout(() => {
          retry = null;
          wake();
        }, RETRY_MS);
        retry.unref();
      })
      .finally(() => {
        running = null;
        if (dirty) wake();
      });
  };

  /** Once per `timerMs`: the clocks alone, and now and then what waits for a crew. */
  const tick = async (): Promise<void> => {
    if (running || closed) return;
    if (clock() - lastAssignMs >= WAITING_MS || (await ledger.tickets.due(clock(), 1)).length > 0) wake();
  };

  const unsubscribe = ledger.onChange(wake);
  const timer = setInterval(() => void tick().catch(() => undefined), options.timerMs ?? 500);
  timer.unref();
  wake();

  return {
    stats: () => Object.fromEntries(counts),
    idle: async () => {
      while (running) await running;
    },
    close: async () => {
      closed = true;
      clearInterval(timer);
      if (retry) clearTimeout(retry);
      unsubscribe();
      while (running) await running;
    },
  };
};
