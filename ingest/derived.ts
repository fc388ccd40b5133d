import type { Reading } from '../core/telemetry/reading.ts';
import type { Log } from '../store/log.ts';

export interface DerivedStats {
  told: number;
  /** Given up: too many waited, or the log would not take them. They can be worked out again from the log. */
  dropped: number;
}

export interface DerivedTeller {
  add(reading: Reading): void;
  stats(): Readonly<DerivedStats> & { readonly now: { readonly waiting: number } };
  /** Tells no more; what is under way is finished. */
  close(): Promise<void>;
}

const MAX_WAITING = 20_000;
/** Readings of one record. */
const TOGETHER = 200;

/**
 * Tells the log what the watcher worked out (bands, scores, remaining life), for the recorder to store. Through the
 * log, so that a store that is away never holds up the watcher; and never waited for: what the log does not take is
 * left out.
 */
export const startDerivedTeller = (log: Pick<Log, 'append'>, now: () => number): DerivedTeller => {
  const stats: DerivedStats = { told: 0, dropped: 0 };
  let waiting: Reading[] = [];
  let telling: Promise<void> | null = null;
  let isClosed = false;

  const tell = async (): Promise<void> => {
    while (waiting.length > 0) {
      const readings = waiting.slice(0, TOGETHER);
      waiting = waiting.slice(TOGETHER);
      try {
        await log.append({ kind: 'control', receivedAtMs: now(), control: { type: 'derived', readings } });
        stats.told += readings.length;
      } catch {
        stats.dropped += readings.length;
      }
    }
  };

  return {
    add: (reading) => {
      if (isClosed || waiting.length >= MAX_WAITING) {
        stats.dropped += 1;
        return;
      }
      waiting.push(reading);
      // Behind the batch in hand, so that its readings travel together.
      telling ??= Promise.resolve()
        .then(tell)
        .finally(() => {
          telling = null;
        });
    },
    stats: () => ({ ...stats, now: { waiting: waiting.length } }),
    close: async () => {
      isClosed = true;
      await telling;
    },
  };
};
