import type { Frame } from './frame.ts';

/** Where a stream is written to: an HTTP response, or a test's own. */
export interface Sink {
  /** False: full; wait for `onDrain`. */
  write(text: string): boolean;
  onDrain(listener: () => void): void;
  end(): void;
}

export type EndReason = 'left' | 'overflow' | 'stalled' | 'session-ended' | 'closing' | 'failed';

export interface LiveClient {
  /** Sends now, or, while the client is slow or catching up, keeps the latest of each key. */
  send(frame: Frame): void;
  /** Writes what the client missed, before anything that was kept; resolves when there is room for more. */
  replay(text: string): Promise<void>;
  /** The client has caught up: what was kept meanwhile goes out. */
  goLive(): void;
  /** Nothing while the client is slow: a heartbeat must not fill its buffer. */
  heartbeat(text: string): void;
  /** How long the client has taken nothing, ms; 0 when it isn't slow. */
  blockedMs(nowMs: number): number;
  end(reason: EndReason): void;
  readonly ended: () => EndReason | null;
}

export interface ClientCounters {
  /** A kept frame was replaced by a later one of the same key. */
  coalesced: number;
  /** A kept reading was dropped for want of room. */
  dropped: number;
}

interface ClientOptions {
  readonly maxPending: number;
  readonly clock: () => number;
  readonly counters: ClientCounters;
  readonly onEnd: (reason: EndReason) => void;
}

/**
 * One listener. A slow one is degraded to the latest values instead of buffered: what waits is bounded by
 * `maxPending` keys; then readings are dropped (newer ones follow), and a client that would miss an event
 * of the ledger is let go, to come back with Last-Event-ID.
 */
export const newClient = (sink: Sink, options: ClientOptions): LiveClient => {
  const { maxPending, clock, counters, onEnd } = options;
  const pending = new Map<string, Frame>();
  let isCatchingUp = true;
  let blockedSinceMs: number | null = null;
  let endReason: EndReason | null = null;
  let wake: (() => void) | null = null;

  const write = (text: string): void => {
    if (!sink.write(text)) blockedSinceMs = clock();
  };

  const flush = (): void => {
    for (const [key, frame] of pending) {
      if (blockedSinceMs !== null || isCatchingUp || endReason !== null) return;
      pending.delete(key);
      write(frame.text);
    }
  };

  const end = (reason: EndReason): void => {
    if (endReason !== null) return;
    endReason = reason;
    pending.clear();
    sink.end();
    wake?.();
    onEnd(reason);
  };

  const makeRoom = (): boolean => {
    if (pending.size < maxPending) return true;
    for (const [key, frame] of pending) {
      if (frame.event !== 'reading') continue;
      pending.delete(key);
      counters.dropped += 1;
      return true;
    }
    return false;
  };

  sink.onDrain(() => {
    blockedSinceMs = null;
    wake?.();
    flush();
  });

  return {
    send: (frame) => {
      if (endReason !== null) return;
      if (!isCatchingUp && blockedSinceMs === null) return write(frame.text);
      if (pending.delete(frame.key)) counters.coalesced += 1;
      else if (!makeRoom()) return end('overflow');
      pending.set(frame.key, frame);
    },
    replay: async (text) => {
      if (endReason !== null) return;
      write(text);
      if (blockedSinceMs === null) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = null;
    },
    goLive: () => {
      isCatchingUp = false;
      flush();
    },
    heartbeat: (text) => {
      if (endReason === null && blockedSinceMs === null) write(text);
    },
    blockedMs: (nowMs) => (blockedSinceMs === null ? 0 : nowMs - blockedSinceMs),
    end,
    ended: () => endReason,
  };
};
