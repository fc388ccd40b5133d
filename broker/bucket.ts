/**
 * A token bucket that may go into debt: a packet passes as soon as the balance is positive, and is then
 * paid in full. So a packet larger than the burst passes too, and the mean rate still holds.
 */
export interface Bucket {
  /** Milliseconds until something may pass at `nowMs`; 0: now. */
  waitMs(nowMs: number): number;
  /** Pays for what passes. */
  pay(tokens: number): void;
}

/** @param perS tokens gained per second  @param burst the most that can be saved up */
export const createBucket = (perS: number, burst: number, nowMs: number): Bucket => {
  let balance = burst;
  let atMs = nowMs;
  return {
    waitMs(now) {
      // A clock that steps back gives nothing and takes nothing.
      balance = Math.min(burst, balance + (Math.max(0, now - atMs) * perS) / 1_000);
      atMs = now;
      return balance > 0 ? 0 : Math.max(1, Math.ceil((-balance * 1_000) / perS));
    },
    pay(tokens) {
      balance -= tokens;
    },
  };
};
