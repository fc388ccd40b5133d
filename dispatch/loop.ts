import type { Cancel, Timers } from '../time/timers.ts';

/**
 * One piece of work that is woken, never runs beside itself, and tries again after a failure.
 * `work` returns true when there is more to do at once.
 */
export interface Loop {
  wake(): void;
  /** Resolves when nothing is running. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const RETRY_MS = 1_000;

export const createLoop = (
  timers: Timers,
  work: () => Promise<boolean>,
  onFailure: (error: Error) => void,
): Loop => {
  let closed = false;
  let dirty = false;
  let running: Promise<void> | null = null;
  let retry: Cancel | null = null;

  const run = async (): Promise<void> => {
    while (dirty && !closed) {
      dirty = false;
      if (await work()) dirty = true;
    }
  };

  const wake = (): void => {
    dirty = true;
    if (running || retry || closed) return;
    running = run()
      .catch((error: Error) => {
        onFailure(error);
        retry = timers.after(RETRY_MS, () => {
          retry = null;
          wake();
        });
      })
      .finally(() => {
        running = null;
        if (dirty) wake();
      });
  };

  const idle = async (): Promise<void> => {
    while (running) await running;
  };

  return {
    wake,
    idle,
    close: async () => {
      closed = true;
      retry?.();
      await idle();
    },
  };
};
