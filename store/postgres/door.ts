import type { Gate } from '../ledger/gate.ts';

/** A gate that does not let a queue of thousands try in vain one after the other. */
export interface Door extends Pick<Gate, 'leave'> {
  /** @throws what `Gate.enter` does, or why somebody failed who tried all the while that this one waited */
  enter(): Promise<void>;
  /** Notes for those who wait that it failed. */
  trying<T>(work: () => Promise<T>): Promise<T>;
}

/** @param isVain which errors would meet everybody */
export const createDoor = (gate: Gate, isVain: (error: unknown) => boolean): Door => {
  let failed: { readonly sinceMs: number; readonly error: unknown } | null = null;
  return {
    enter: async () => {
      const sinceMs = performance.now();
      await gate.enter();
      if (!failed || failed.sinceMs < sinceMs) return;
      gate.leave();
      throw failed.error;
    },
    leave: gate.leave,
    trying: async (work) => {
      const sinceMs = performance.now();
      try {
        const done = await work();
        failed = null;
        return done;
      } catch (error) {
        if (isVain(error)) failed = { sinceMs, error };
        throw error;
      }
    },
  };
};
