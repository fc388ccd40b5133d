import type { Timers } from './timers.ts';

/** The machine's own clock and timers, each of which keeps the process alive until it ran or was taken back. */
export const awakeTimers: Timers = {
  now: () => Date.now(),
  after: (delayMs, work) => {
    const timer = setTimeout(work, delayMs);
    return () => clearTimeout(timer);
  },
  every: (everyMs, work) => {
    const timer = setInterval(work, everyMs);
    return () => clearInterval(timer);
  },
  soon: (work) => {
    const turn = setImmediate(work);
    return () => clearImmediate(turn);
  },
};
