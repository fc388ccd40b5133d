import type { Timers } from '../../time/timers.ts';
import type { TelemetryStore } from '../telemetry.ts';

export interface WriteListeners extends Pick<TelemetryStore, 'onWrite'> {
  /** Tells of a write soon, out of its way: a listener that throws is a bug of its own. */
  tell(equipment: readonly string[]): void;
  clear(): void;
}

export const writeListeners = (timers: Pick<Timers, 'soon'>): WriteListeners => {
  const listeners = new Set<(equipment: readonly string[]) => void>();
  return {
    onWrite: (listener) => {
      // A function may be registered twice; each registration is its own.
      const own = (equipment: readonly string[]) => listener(equipment);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    tell: (equipment) =>
      timers.soon(() => {
        for (const listener of listeners) listener(equipment);
      }),
    clear: () => listeners.clear(),
  };
};
