import type { Cancel, Timers } from './timers.ts';

/**
 * Time that passes only when it is told to: a queue of what is due, by time and then by the order in which it was
 * asked for. Deterministic as long as what runs on it waits for nothing but these timers and promises.
 */
export interface VirtualTime extends Timers {
  /** What is due at or before `untilMs` runs, one after the other; then it is `untilMs`. */
  advance(untilMs: number): Promise<void>;
  /** Timers of one process: `end()` takes back all that it still waits for, as its death would. */
  process(): Timers & { end(): void };
  /** Timers that wait now. */
  readonly pending: number;
}

interface Due {
  readonly atMs: number;
  readonly order: number;
  work: (() => void) | null;
}

const before = (a: Due, b: Due): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap, the next one first. */
const createQueue = () => {
  const heap: Due[] = [];
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [heap[j] as Due, heap[i] as Due];
  };
  const isBefore = (i: number, j: number): boolean => before(heap[i] as Due, heap[j] as Due);
  return {
    peek: (): Due | undefined => heap[0],
    push: (due: Due): void => {
      heap.push(due);
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (!isBefore(i, parent)) break;
        swap(i, parent);
        i = parent;
      }
    },
    pop: (): void => {
      const last = heap.pop() as Due;
      if (heap.length === 0) return;
      heap[0] = last;
      for (let i = 0; ; ) {
        const left = 2 * i + 1;
        let least = i;
        if (left < heap.length && isBefore(left, least)) least = left;
        if (left + 1 < heap.length && isBefore(left + 1, least)) least = left + 1;
        if (least === i) break;
        swap(i, least);
        i = least;
      }
    },
  };
};

/** Promises that were resolved run before this does: a turn of the real event loop, which no timer here waits for. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const virtualTime = (startMs: number): VirtualTime => {
  const queue = createQueue();
  let nowMs = startMs;
  let orders = 0;
  let pending = 0;

  const at = (atMs: number, work: () => void): Cancel => {
    const due: Due = { atMs: Math.max(atMs, nowMs), order: orders++, work };
    pending += 1;
    queue.push(due);
    return () => {
      if (due.work === null) return;
      due.work = null;
      pending -= 1;
    };
  };
  const after = (delayMs: number, work: () => void): Cancel => at(nowMs + Math.max(0, delayMs), work);
  const every = (everyMs: number, work: () => void): Cancel => {
    let cancel: Cancel = () => undefined;
    let isOver = false;
    const next = (): void => {
      cancel = after(everyMs, () => {
        if (!isOver) next();
        work();
      });
    };
    next();
    return () => {
      isOver = true;
      cancel();
    };
  };
  const timers: Timers = { now: () => nowMs, after, every, soon: (work) => after(0, work) };

  const advance = async (untilMs: number): Promise<void> => {
    await settled();
    for (let due = queue.peek(); due && due.atMs <= untilMs; due = queue.peek()) {
      queue.pop();
      const { work } = due;
      if (work === null) continue;
      due.work = null;
      pending -= 1;
      nowMs = due.atMs;
      work();
      await settled();
    }
    nowMs = Math.max(nowMs, untilMs);
  };

  const process = (): Timers & { end(): void } => {
    const cancels = new Set<Cancel>();
    let isOver = false;
    const own =
      (start: (ms: number, work: () => void) => Cancel, isOnce: boolean) =>
      (ms: number, work: () => void): Cancel => {
        if (isOver) return () => undefined;
        const cancel = start(ms, () => {
          if (isOnce) cancels.delete(cancel);
          work();
        });
        cancels.add(cancel);
        return () => {
          cancels.delete(cancel);
          cancel();
        };
      };
    const ownAfter = own(after, true);
    return {
      now: timers.now,
      after: ownAfter,
      every: own(every, false),
      soon: (work) => ownAfter(0, work),
      end: () => {
        isOver = true;
        for (const cancel of cancels) cancel();
        cancels.clear();
      },
    };
  };

  return {
    ...timers,
    advance,
    process,
    get pending() {
      return pending;
    },
  };
};
