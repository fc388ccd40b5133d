import type { Gate } from '../ledger/gate.ts';

/** One of several processes that take turns. */
export interface Turn {
  /** What its ledger enters and leaves by. */
  readonly gate: Gate;
  /** It is gone, also while it waits or is inside. Returns whether it was inside. */
  leave(): boolean;
}

export interface Turns {
  join(): Turn;
  /** Lets the next one in where `turn`, which left, was inside. */
  pass(turn: Turn): void;
}

interface Waiter {
  readonly turn: Turn;
  readonly enter: () => void;
}

/** A connection that several processes share: one inside at a time, in the order they came. */
export const createTurns = (): Turns => {
  let queue: Waiter[] = [];
  let inside: Turn | null = null;

  const next = (): void => {
    const first = queue.shift();
    inside = first?.turn ?? null;
    first?.enter();
  };

  const join = (): Turn => {
    let isOver = false;
    let isClosing = false;
    let drained: (() => void) | null = null;
    const isIdle = (): boolean => inside !== turn && !queue.some((waiter) => waiter.turn === turn);
    const enter = (): Promise<void> => {
      if (isClosing) return Promise.reject(new Error('the ledger is closed'));
      // A dead process hears nothing any more.
      if (isOver) return new Promise(() => {});
      return new Promise((resolve) => {
        queue.push({ turn, enter: resolve });
        if (inside === null) next();
      });
    };
    const turn: Turn = {
      gate: {
        enter,
        leave: () => {
          if (isOver || inside !== turn) return;
          next();
          if (isClosing && isIdle()) drained?.();
        },
        close: () => {
          isClosing = true;
          if (isIdle()) return Promise.resolve();
          return new Promise((resolve) => {
            drained = resolve;
          });
        },
        stats: () => ({ waiting: queue.length, maxWaiting: Number.POSITIVE_INFINITY, refused: 0 }),
      },
      leave: () => {
        isOver = true;
        queue = queue.filter((waiter) => waiter.turn !== turn);
        return inside === turn;
      },
    };
    return turn;
  };

  return {
    join,
    pass: (turn) => {
      if (inside === turn) next();
    },
  };
};
