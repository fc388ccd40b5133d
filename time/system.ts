import type { Timers } from './timers.ts';

/** The machine's own clock and timers. None of them keeps the process alive: what listens does. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  after: (delayMs, work) => {
    const timer = setTimeout(work, delayMs).unref();
    return () => clearTimeout(timer);
  },
  every: (everyMs, work) => {
    const timer = setInterval(work, everyMs).unref();
    return () => clearInterval(timer);
  },
  soon: (work) => {
    const turn = setImmediate(work);
    return () => clearImmediate(turn);
  },
};
