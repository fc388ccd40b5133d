const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const FIRST_MS = 5 * SECOND_MS;
const LONGEST_MS = HOUR_MS;
/** Each wait is up to this share longer, so that what failed together does not come back together. */
const JITTER = 0.25;

/** A delivery is given up after so many attempts, or so long: who has not heard by then must be told otherwise. */
export const MAX_ATTEMPTS = 30;
export const MAX_AGE_MS = 24 * HOUR_MS;

/**
 * When to try again after the `attempt`th attempt (from 1) failed: 5 s, 10 s, 20 s … at most an hour, each with up to a
 * quarter more by `random` in [0, 1). What the other side asked for (Retry-After) is waited for where it is longer.
 */
export const nextRetryAt = (
  nowMs: number,
  attempt: number,
  random: number,
  retryAfterMs: number | null = null,
): number => {
  const waitMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(20, Math.max(0, attempt - 1)));
  return (
    nowMs + Math.max(Math.round(waitMs * (1 + JITTER * random)), Math.min(retryAfterMs ?? 0, MAX_AGE_MS))
  );
};

/** Null while it may be tried again, else the named reason for giving up. */
export const spent = (
  delivery: { readonly attempts: number; readonly createdAtMs: number },
  nowMs: number,
): 'too-many-attempts' | 'too-old' | null => {
  if (delivery.attempts >= MAX_ATTEMPTS) return 'too-many-attempts';
  return nowMs - delivery.createdAtMs >= MAX_AGE_MS ? 'too-old' : null;
};

/** How a channel has fared of late. */
export interface ChannelHealth {
  /** Attempts that failed since the last that succeeded. */
  readonly failures: number;
  /** Nothing is sent before this; null: it is not paused. */
  readonly pausedUntilMs: number | null;
  readonly pauseReason: string | null;
}

export const WELL: ChannelHealth = { failures: 0, pausedUntilMs: null, pauseReason: null };

/** After so many failures in a row a channel is paused; then one message at a time tries whether it is back. */
export const FAILURES_TO_PAUSE = 5;
const FIRST_PAUSE_MS = MINUTE_MS;

/**
 * The circuit breaker: a channel that fails again and again is left alone for a minute, then two, four … at most an
 * hour; one message probes it after each pause. Retry-After holds up the whole channel.
 */
export const afterFailure = (
  health: ChannelHealth,
  failure: { readonly reason: string; readonly retryAfterMs: number | null },
  nowMs: number,
): ChannelHealth => {
  const failures = health.failures + 1;
  const beyond = failures - FAILURES_TO_PAUSE;
  const pauseMs = beyond < 0 ? 0 : Math.min(LONGEST_MS, FIRST_PAUSE_MS * 2 ** Math.min(20, beyond));
  const waitMs = Math.max(pauseMs, Math.min(failure.retryAfterMs ?? 0, MAX_AGE_MS));
  return {
    failures,
    pausedUntilMs: waitMs === 0 ? null : nowMs + waitMs,
    pauseReason: waitMs === 0 ? null : failure.reason,
  };
};

/** Paused because it fails, not because it asked us to wait: people are told of this. */
export const isFailing = (health: ChannelHealth): boolean => health.failures >= FAILURES_TO_PAUSE;
