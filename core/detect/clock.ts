/**
 * How far the device's clock lags behind ours, from what it sends: receive time less device time. Any one
 * message may have waited on its way, so only the least lag of a minute counts; and a backlog, told faster
 * than it was lived, shows a lag that shrinks. It is known when two such minutes agree.
 */
export interface DeviceClock {
  /** Receive time at which the present bucket began. */
  bucketMs: number;
  /** Least lag in this bucket and in the one before it; null: nothing was heard. */
  leastMs: number | null;
  previousMs: number | null;
  /** As it was last known; negative where the clock is ahead. Null until then. */
  lagMs: number | null;
}

const BUCKET_MS = 60_000;
const AGREEMENT_MS = 5_000;

export const newClock = (): DeviceClock => ({ bucketMs: 0, leastMs: null, previousMs: null, lagMs: null });

/** A new connection: the device may have started anew, with another time. */
export const restartClock = (clock: DeviceClock, receivedAtMs: number): void => {
  clock.bucketMs = receivedAtMs;
  clock.leastMs = null;
  clock.previousMs = null;
};

const closeBucket = (clock: DeviceClock, receivedAtMs: number): void => {
  const { leastMs, previousMs } = clock;
  if (leastMs !== null && previousMs !== null && Math.abs(leastMs - previousMs) <= AGREEMENT_MS)
    clock.lagMs = Math.min(leastMs, previousMs);
  clock.bucketMs = receivedAtMs;
  clock.previousMs = leastMs;
  clock.leastMs = null;
};

/** A message with a device time came. */
export const noteClock = (clock: DeviceClock, tsMs: number, receivedAtMs: number): void => {
  if (receivedAtMs - clock.bucketMs >= BUCKET_MS) closeBucket(clock, receivedAtMs);
  clock.leastMs = Math.min(clock.leastMs ?? Number.MAX_SAFE_INTEGER, receivedAtMs - tsMs);
};

/** The least lag of the last minutes of this connection, known or not; 0 where nothing was heard. */
export const leastLagMs = ({ leastMs, previousMs }: DeviceClock): number =>
  Math.min(leastMs ?? Number.MAX_SAFE_INTEGER, previousMs ?? leastMs ?? 0);

/** Our time of an instant on the device's clock, as far as its lag is known. */
export const ourTimeMs = (clock: DeviceClock, at: DeviceTime): number =>
  at.tsSource === 'receive' ? at.tsMs : at.tsMs + (clock.lagMs ?? 0);

export interface DeviceTime {
  readonly tsMs: number;
  readonly tsSource: 'device' | 'receive';
}
