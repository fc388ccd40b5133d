import type { Timers } from '../time/timers.ts';

/**
 * What aedes takes for its message bus: one that delivers nothing. Whatever an equipment publishes goes to
 * the log and to nobody else, and no subscription of anybody can change that.
 */
export const createSilence = (timers: Timers): object => {
  const later = (done?: () => void): void => {
    if (done) timers.soon(done);
  };
  return {
    on: (_topic: string, _listener: unknown, done?: () => void) => later(done),
    removeListener: (_topic: string, _listener: unknown, done?: () => void) => done?.(),
    emit: (_packet: unknown, done?: () => void) => done?.(),
    close: (done?: () => void) => later(done),
  };
};
