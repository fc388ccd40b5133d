import { isPassing } from './errors.ts';

/** Waits through the first moments of an outage, so that a server that restarts fails nobody. */
export interface Patience {
  /**
   * Does it again, after short pauses, while the server is away and was not away for long. Only for what does nothing
   * when it fails.
   */
  persist<T>(work: () => Promise<T>, tries?: number): Promise<T>;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/**
 * The outage is everybody's: who comes when it has lasted for `forMs` tries once. The next success ends it; and after a
 * silence of as long it is another one.
 * @param forMs how long an outage is waited through
 */
export const createPatience = (forMs: number): Patience => {
  let awaySinceMs: number | null = null;
  let lastMs = 0;
  return {
    persist: async (work, tries = Number.POSITIVE_INFINITY) => {
      for (let tried = 1; ; tried += 1) {
        try {
          const done = await work();
          awaySinceMs = null;
          return done;
        } catch (error) {
          if (!isPassing(error)) throw error;
          const nowMs = performance.now();
          if (awaySinceMs === null || nowMs - lastMs > forMs) awaySinceMs = nowMs;
          lastMs = nowMs;
          const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tried - 1));
          if (tried >= tries || nowMs + pauseMs > awaySinceMs + forMs) throw error;
          await new Promise((resolve) => setTimeout(resolve, pauseMs));
        }
      }
    },
  };
};
