import type { Severity } from '../alert/alert.ts';

/** What is promised to the people at the machine, by severity. Defaults of this project (docs/decisions.md). */
export interface Promises {
  /** A crew that is asked must acknowledge within this. */
  readonly acknowledgeMs: number;
  /** Somebody is at the machine within this, counted from the opening. */
  readonly arriveMs: number;
}

const MINUTE_MS = 60_000;

export const PROMISES: Readonly<Record<Exclude<Severity, 'watch'>, Promises>> = {
  S1: { acknowledgeMs: 3 * MINUTE_MS, arriveMs: 60 * MINUTE_MS },
  S2: { acknowledgeMs: 10 * MINUTE_MS, arriveMs: 4 * 60 * MINUTE_MS },
  S3: { acknowledgeMs: 30 * MINUTE_MS, arriveMs: 48 * 60 * MINUTE_MS },
};

/** The attendant on site has this long to clear a stop before a crew is sent. */
export const ATTENDANT_MS = 10 * MINUTE_MS;

/** A resolved ticket whose recovery nobody has seen after this is shown to the dispatcher. */
export const RECOVERY_ASK_MS = 24 * 60 * MINUTE_MS;

/** After every crew was asked in vain the round starts again; as soon as one crew would have had to answer. */
export const askAgainMs = (severity: Exclude<Severity, 'watch'>): number => PROMISES[severity].acknowledgeMs;
