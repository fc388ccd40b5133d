import type { Change } from '../store/ledger.ts';
import type { Cancel, Timers } from '../time/timers.ts';
import type { BrokerLedger } from './ledger.ts';

export interface Follower {
  close(): Promise<void>;
}

export interface FollowOptions {
  readonly ledger: Pick<BrokerLedger, 'changes' | 'head' | 'onChange'>;
  readonly timers: Timers;
  /** Changes after this cursor are handed on. */
  readonly after: string | null;
  /** Called in commit order, one at a time; may be called again with the same change after it threw. */
  readonly handle: (change: Change) => Promise<void>;
  /** The ledger can't be read, or a change not be handled: until it can, what is known may be stale. */
  readonly onProblem: (error: unknown, change: Change | null) => void;
  /** Changes were missed that are no longer kept: whatever they may have said must be read anew. Then it follows on. */
  readonly onLost: () => Promise<void>;
  readonly retryMs?: number;
}

const BATCH = 200;
const ATTEMPTS = 5;

/** Follows the ledger's changes; a change that fails five times is reported and left behind. */
export const followChanges = (options: FollowOptions): Follower => {
  const { ledger, timers, handle, onProblem, onLost, retryMs = 500 } = options;
  let cursor = options.after;
  let attempts = 0;
  let signalled = false;
  let running: Promise<void> | null = null;
  let timer: Cancel | null = null;
  let closed = false;

  const take = async (change: Change): Promise<void> => {
    try {
      await handle(change);
    } catch (error) {
      onProblem(error, change);
      attempts++;
      if (attempts < ATTEMPTS) throw error;
    }
    attempts = 0;
    cursor = change.cursor;
  };

  const skipLost = async (): Promise<void> => {
    const head = await ledger.head();
    await onLost();
    cursor = head;
  };

  const readAll = async (): Promise<void> => {
    while (!closed) {
      const changes = await ledger.changes(cursor, BATCH).catch(async (error: Error) => {
        onProblem(error, null);
        if (error.name !== 'ChangesLostError') throw error;
        await skipLost();
        return null;
      });
      if (changes === null) continue;
      for (const change of changes) {
        if (closed) return;
        await take(change);
      }
      if (changes.length < BATCH) return;
    }
  };

  const run = (): void => {
    if (closed || running || timer) {
      signalled = true;
      return;
    }
    signalled = false;
    running = readAll()
      .catch(() => {
        timer = timers.after(retryMs, () => {
          timer = null;
          run();
        });
      })
      .finally(() => {
        running = null;
        if (signalled && !timer) run();
      });
  };

  const stop = ledger.onChange(run);
  run();
  return {
    async close() {
      closed = true;
      stop();
      timer?.();
      await running;
    },
  };
};
