import type { Timers } from './timers.ts';

/**
 * Runs `work` every `everyMs`, one at a time: a turn that comes while it still runs is left out, and a failure is
 * told and tried again at the next turn. Returns what ends it, when the work in hand is done.
 */
export const repeat = (
  timers: Timers,
  everyMs: number,
  work: () => Promise<unknown>,
  onFailure: (error: Error) => void,
): (() => Promise<void>) => {
  let running: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  const cancel = timers.every(everyMs, () => {
    if (isBusy) return;
    isBusy = true;
    running = work()
      .catch(onFailure)
      .finally(() => {
        isBusy = false;
      });
  });
  return async () => {
    cancel();
    await running;
  };
};
