/**
 * Counts failures per key (an address, a user) in windows, so that passwords can't be tried at will.
 * A try is counted before it is judged, so that many at once gain nothing; a success gives it back.
 * Holds at most `maxKeys` keys: the oldest window goes first.
 */
export interface Attempts {
  /** Counts one try. Null when it may go on, else the seconds to wait. */
  take(key: string, nowMs: number): number | null;
  /** The try was good: it doesn't count. */
  giveBack(key: string): void;
  readonly refused: () => number;
}

export interface AttemptLimits {
  readonly tries: number;
  readonly windowMs: number;
  readonly maxKeys: number;
}

export const newAttempts = ({ tries, windowMs, maxKeys }: AttemptLimits): Attempts => {
  const windows = new Map<string, { readonly sinceMs: number; count: number }>();
  let refused = 0;

  const current = (key: string, nowMs: number) => {
    const known = windows.get(key);
    if (known && nowMs - known.sinceMs < windowMs) return known;
    windows.delete(key);
    if (windows.size >= maxKeys) windows.delete(windows.keys().next().value as string);
    const fresh = { sinceMs: nowMs, count: 0 };
    windows.set(key, fresh);
    return fresh;
  };

  return {
    take: (key, nowMs) => {
      const window = current(key, nowMs);
      if (window.count >= tries) {
        refused += 1;
        return Math.max(1, Math.ceil((window.sinceMs + windowMs - nowMs) / 1_000));
      }
      window.count += 1;
      return null;
    },
    giveBack: (key) => {
      const window = windows.get(key);
      if (window && window.count > 0) window.count -= 1;
    },
    refused: () => refused,
  };
};
