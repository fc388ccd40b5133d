import type { Cancel, Timers } from '../time/timers.ts';
import { createBucket } from './bucket.ts';
import type { BrokerLimits } from './limits.ts';
import type { Window } from './window.ts';

/** Whether a connection's next packet may pass now: its rate, what it has in flight, what all have. */
export interface Pace {
  /** True: not now; `wake` will be called when it is worth asking again. */
  mustWait(): boolean;
  /** A packet passed. */
  pay(bytes: number): void;
  /** A message went to the log, or came back from it. */
  enter(bytes: number): void;
  leave(bytes: number): void;
  close(): void;
}

export interface PaceOptions {
  readonly limits: Pick<
    BrokerLimits,
    'messagesPerS' | 'messageBurst' | 'bytesPerS' | 'byteBurst' | 'inFlightMessages' | 'inFlightBytes'
  >;
  readonly timers: Timers;
  readonly window: Window;
  readonly counters: { throttledMs: number };
  readonly wake: () => void;
}

export const createPace = ({ limits, timers, window, counters, wake }: PaceOptions): Pace => {
  const messages = createBucket(limits.messagesPerS, limits.messageBurst, timers.now());
  const bytes = createBucket(limits.bytesPerS, limits.byteBurst, timers.now());
  let inFlight = 0;
  let inFlightBytes = 0;
  let full = false;
  let timer: Cancel | null = null;
  return {
    mustWait() {
      full = inFlight >= limits.inFlightMessages || inFlightBytes >= limits.inFlightBytes;
      if (full) return true;
      if (!window.isOpen()) {
        window.wait(wake);
        return true;
      }
      const now = timers.now();
      const waitMs = Math.max(messages.waitMs(now), bytes.waitMs(now));
      if (waitMs === 0) return false;
      counters.throttledMs += waitMs;
      timer = timers.after(waitMs, wake);
      return true;
    },
    pay(size) {
      messages.pay(1);
      bytes.pay(size);
    },
    enter(size) {
      inFlight++;
      inFlightBytes += size;
      window.enter(size);
    },
    leave(size) {
      inFlight--;
      inFlightBytes -= size;
      window.leave(size);
      // Half empty, so that one place that becomes free does not wake for one packet.
      if (!full || inFlight > limits.inFlightMessages / 2 || inFlightBytes > limits.inFlightBytes / 2) return;
      full = false;
      wake();
    },
    close() {
      timer?.();
      window.forget(wake);
    },
  };
};
