import { LedgerBusyError } from '../ledger.ts';

export interface GateStats {
  /** Who waits now, and how many may. */
  readonly waiting: number;
  readonly maxWaiting: number;
  /** Turned away since the start because too many waited. */
  readonly refused: number;
}

/** Lets `permits` in at a time, in the order they came; a bounded number may wait. */
export interface Gate {
  /** @throws LedgerBusyError when `maxWaiting` wait already, Error after `close` */
  enter(): Promise<void>;
  leave(): void;
  /** Lets nobody in any more; resolves when those who waited or were inside have left. */
  close(): Promise<void>;
  stats(): GateStats;
}

export const createGate = (permits: number, maxWaiting: number): Gate => {
  // A queue with a moving head: an array's shift() would cost its length each time.
  const waiting = new Map<number, () => void>();
  let ticket = 0;
  let inside = 0;
  let refused = 0;
  let closed = false;
  let drained: (() => void) | null = null;

  const enter = (): Promise<void> => {
    if (closed) return Promise.reject(new Error('the ledger is closed'));
    if (inside < permits) {
      inside += 1;
      return Promise.resolve();
    }
    if (waiting.size >= maxWaiting) {
      refused += 1;
      return Promise.reject(
        new LedgerBusyError(`${waiting.size} wait for the ledger already: try again later`),
      );
    }
    return new Promise((resolve) => waiting.set(ticket++, resolve));
  };

  const leave = (): void => {
    const [next] = waiting;
    if (next) {
      // The permit passes on, so nobody who comes now overtakes.
      waiting.delete(next[0]);
      next[1]();
      return;
    }
    inside -= 1;
    if (closed && inside === 0) drained?.();
  };

  const close = (): Promise<void> => {
    closed = true;
    if (inside === 0) return Promise.resolve();
    return new Promise((resolve) => {
      drained = resolve;
    });
  };

  return { enter, leave, close, stats: () => ({ waiting: waiting.size, maxWaiting, refused }) };
};
