import type { AlertEvent } from '../alert/alert.ts';
import type { Reading } from '../telemetry/reading.ts';
import { type Book, step } from './engine.ts';
import { newState, unitOf } from './state.ts';
import type { Warmth } from './warm.ts';

export interface WarmUp {
  /** Readings of one unit, in event time. */
  take(readings: readonly Reading[]): void;
  /** Null where the history was empty. */
  result(): Warmth | null;
}

/**
 * Lets the live engine live through a recorded history of one unit. What it would have told then is not told; only what
 * still stands at the end.
 */
export const newWarmUp = (book: Book, equipment: string, unit: string, model: string | null): WarmUp => {
  const state = newState();
  state.registered = model;
  const standing = new Map<string, AlertEvent>();
  let offset = 0;
  return {
    take: (readings) => {
      for (const reading of readings) {
        const place = {
          partition: 0,
          offset: offset++,
          receivedAtMs: reading.receivedAtMs,
          nextIndex: 0,
        };
        for (const event of step(book, equipment, state, { kind: 'reading', reading }, place).events) {
          if (event.type === 'cleared') standing.delete(event.alert);
          else standing.set(event.alert, event);
        }
      }
    },
    result: () => {
      if (offset === 0) return null;
      const alerts = [...standing.values()].map(({ alert, reason, atMs, evidence }) => ({
        ...{ id: alert, reason, atMs, evidence },
      }));
      // What all metrics show together is learnt live: some 100 kB a metric are too much for a record of the log.
      return { saved: { ...unitOf(state, unit), together: null }, alerts };
    },
  };
};
