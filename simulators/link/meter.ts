import { createHistogram } from './histogram.ts';
import type { Message } from './queue.ts';

/** What one run did, over all its machines. Counts are readings and faults, not messages. */
export interface Figures {
  readonly sent: number;
  readonly acked: number;
  /** Lost because a machine's memory was full. */
  readonly dropped: number;
  /** Connections refused or lost, and subscriptions refused. */
  readonly errors: number;
  readonly reconnects: number;
  readonly connected: number;
  /** From when it was due until it was acknowledged; null before the first. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** The last thing that went wrong, in words. */
  readonly lastError: string | null;
}

export interface Meter {
  /** Monotonic, ms. */
  readonly nowMs: () => number;
  offered(message: Message): void;
  acked(message: Message): void;
  dropped(count: number): void;
  up(again: boolean): void;
  down(): void;
  failed(words: string): void;
  figures(): Figures;
}

export const createMeter = (nowMs: () => number): Meter => {
  const latency = createHistogram();
  let sent = 0;
  let acked = 0;
  let dropped = 0;
  let errors = 0;
  let reconnects = 0;
  let connected = 0;
  let lastError: string | null = null;
  return {
    nowMs,
    offered: (message) => {
      sent += message.count;
    },
    acked: (message) => {
      acked += message.count;
      const now = nowMs();
      for (const dueMs of message.dueMs) latency.add(now - dueMs);
    },
    dropped: (count) => {
      dropped += count;
    },
    up: (again) => {
      connected += 1;
      if (again) reconnects += 1;
    },
    down: () => {
      connected -= 1;
    },
    failed: (words) => {
      errors += 1;
      lastError = words;
    },
    figures: () => ({
      sent,
      acked,
      dropped,
      errors,
      reconnects,
      connected,
      p50Ms: latency.quantile(0.5),
      p99Ms: latency.quantile(0.99),
      lastError,
    }),
  };
};
