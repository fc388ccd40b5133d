import type { Thread } from '../sqlite/thread.ts';

/** What a thread of a store answers: synchronous functions by name. */
export type Calls = { readonly close: () => void } & Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * Answers calls in the caller's own thread, in a later microtask: no real I/O, so time can be virtual. What it
 * works on stays open after `close`: the next process opens it again.
 */
export const inlineThread = (calls: Calls): Thread => {
  let isClosed = false;
  return {
    call: async <T>(method: string, args: readonly unknown[]): Promise<T> => {
      if (isClosed) throw new Error('the store is closed');
      const run = calls[method];
      if (!run) throw new Error(`the store's thread knows no call named ${method}`);
      return run(...(args as never[])) as T;
    },
    close: async () => {
      isClosed = true;
    },
  };
};

/** Stands between a process and its store: where latency, or the end of the process, comes in. */
export type Through = (thread: Thread) => Thread;

export const directly: Through = (thread) => thread;

/** A thread whose caller may die: from then on nothing is begun, and no answer comes. */
export const mortal = (thread: Thread, isDead: () => boolean): Thread => {
  const never = new Promise<never>(() => {});
  return {
    ...thread,
    call: async <T>(method: string, args: readonly unknown[]): Promise<T> => {
      if (isDead()) return never;
      const answer = await thread.call<T>(method, args);
      return isDead() ? never : answer;
    },
  };
};
