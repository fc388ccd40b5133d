import type { Catalogue } from '../core/fault/catalogue.ts';
import type { Clock } from '../core/notice/clocks.ts';
import { DEFAULT_ESCALATION } from '../core/rules/escalation.ts';
import type { Ledger } from '../store/ledger.ts';
import type { Channel } from '../store/notices.ts';
import { rulesNote } from '../store/rules-note.ts';
import type { Timers } from '../time/timers.ts';
import { createAlive } from './alive.ts';
import { type Rung, runClock } from './escalate.ts';
import { createLoop } from './loop.ts';
import type { Notify } from './notify/notify.ts';
import { createOutbox, type SendCounter } from './outbox.ts';

/**
 * The messenger: runs the clocks of tickets (the chain until somebody acknowledges, the promised arrival) and sends what waits
 * in the outbox. What is to be said was written by the ledger, with the change that caused it.
 */
export interface MessengerOptions {
  readonly ledger: Ledger;
  readonly catalogue: Catalogue;
  readonly timers: Timers;
  /** In [0, 1). */
  readonly random: () => number;
  readonly notify: Readonly<Record<Channel['kind'], Notify>>;
  /** What links in messages point at. */
  readonly publicUrl: string;
  readonly onProblem: (problem: { readonly what: string; readonly error: Error }) => void;
  /** How often clocks and retries are looked at. */
  readonly timerMs?: number;
  /** How often it notes that it is there (default 10 s); after three times that it was away. */
  readonly aliveMs?: number;
}

export interface MessengerStats extends Readonly<Record<string, unknown>> {
  /** What stands in the ledger now: depth and oldest of the outbox, dead letters, paused channels. */
  readonly now: {
    readonly waiting: number;
    readonly sending: number;
    readonly dead: number;
    readonly oldestAgeMs: number;
    readonly pausedChannels: number;
    readonly underWay: number;
  };
}

export interface Messenger {
  /** Named counters since start, and `now`. */
  stats(): Promise<MessengerStats>;
  /** Resolves when nothing is running or under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const ROUND = 200;
/** Longer than a clock takes; whoever claimed one and died has it no longer than this. */
const LEASE_MS = 5_000;

export const startMessenger = (options: MessengerOptions): Messenger => {
  const { ledger, timers } = options;
  const clock = timers.now;
  const counts = new Map<Rung | SendCounter | 'failures', number>();
  const count = (name: Rung | SendCounter | 'failures'): void =>
    void counts.set(name, (counts.get(name) ?? 0) + 1);
  const failed =
    (what: string) =>
    (error: Error): void => {
      count('failures');
      options.onProblem({ what, error });
    };

  const alive = createAlive(ledger, 'messenger-alive', clock, options.aliveMs);

  /** Claimed and not run yet: after a failure it goes on with these, since nobody else has them for a while. */
  let claimed: readonly Clock[] = [];

  const clocks = createLoop(
    timers,
    async () => {
      const away = await alive.absence();
      if (claimed.length === 0) claimed = await ledger.clocks.claim(clock(), ROUND, clock() + LEASE_MS);
      if (claimed.length === 0) return false;
      const chains = (await rulesNote(ledger))?.rules.escalation ?? DEFAULT_ESCALATION;
      const isFull = claimed.length === ROUND;
      for (const one of claimed) {
        count(await ledger.transaction((tx) => runClock(tx, chains, one, clock(), away)));
        claimed = claimed.slice(1);
      }
      return isFull;
    },
    failed('a clock of a ticket could not be run; it is tried again'),
  );

  const outbox = createOutbox({
    ...options,
    count,
    onFailure: failed('a message could not be sent'),
    wake: () => sender.wake(),
  });
  const sender = createLoop(timers, outbox.send, failed('the outbox could not be read; it is tried again'));

  const wake = (): void => {
    clocks.wake();
    sender.wake();
  };

  const tick = async (): Promise<void> => {
    await alive.note();
    if ((await ledger.clocks.due(clock(), 1)).length > 0) clocks.wake();
    if (await outbox.waits()) sender.wake();
  };

  const unsubscribe = ledger.onChange(wake);
  const stopTicking = timers.every(
    options.timerMs ?? 500,
    () => void tick().catch(failed('the messenger could not look at its clocks')),
  );
  wake();

  return {
    stats: async () => {
      const { oldestAtMs, ...now } = await ledger.outbox.stats(clock());
      const oldestAgeMs = oldestAtMs === null ? 0 : Math.max(0, clock() - oldestAtMs);
      return {
        ...Object.fromEntries(counts),
        now: { ...now, oldestAgeMs, underWay: outbox.underWay() },
      };
    },
    idle: async () => {
      await clocks.idle();
      await sender.idle();
      await outbox.settled();
      await sender.idle();
    },
    close: async () => {
      stopTicking();
      unsubscribe();
      await clocks.close();
      await sender.close();
      await outbox.close();
    },
  };
};
