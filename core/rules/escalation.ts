import type { Ticket } from '../ticket/ticket.ts';

/** Who a step of the chain turns to. `crew` is the one that is asked at that moment, `station` is its station. */
export type EscalationRecipient = 'crew' | 'station' | 'dispatcher' | 'admin';

export const ESCALATION_RECIPIENTS: readonly EscalationRecipient[] = [
  'crew',
  'station',
  'dispatcher',
  'admin',
];

/** One step of a chain. */
export interface EscalationStep {
  /** Counted from when the ticket began to wait for somebody to acknowledge it. */
  readonly afterMs: number;
  readonly to: EscalationRecipient;
  /** Told again at this pace until somebody acknowledges; null: told once. */
  readonly repeatEveryMs: number | null;
}

/** By severity, who is told in turn until somebody acknowledges the ticket. */
export type Escalation = Readonly<Record<Ticket['severity'], readonly EscalationStep[]>>;

/** Limits that a rules file must keep: nobody reads a message every second, and a chain has an end. */
export const LEAST_REPEAT_MS = 30_000;
export const MOST_STEPS = 16;

const MINUTE_MS = 60_000;

/**
 * Defaults of this project. The crew is reminded before its time is over (core/dispatch/promise.ts); when it is, the
 * dispatcher hears of it, and goes on hearing of it.
 */
export const DEFAULT_ESCALATION: Escalation = {
  S1: [
    { afterMs: 1 * MINUTE_MS, to: 'crew', repeatEveryMs: 1 * MINUTE_MS },
    { afterMs: 3 * MINUTE_MS, to: 'dispatcher', repeatEveryMs: 3 * MINUTE_MS },
    { afterMs: 15 * MINUTE_MS, to: 'admin', repeatEveryMs: 15 * MINUTE_MS },
  ],
  S2: [
    { afterMs: 5 * MINUTE_MS, to: 'crew', repeatEveryMs: 5 * MINUTE_MS },
    { afterMs: 10 * MINUTE_MS, to: 'dispatcher', repeatEveryMs: 10 * MINUTE_MS },
    { afterMs: 60 * MINUTE_MS, to: 'admin', repeatEveryMs: 60 * MINUTE_MS },
  ],
  S3: [
    { afterMs: 20 * MINUTE_MS, to: 'crew', repeatEveryMs: 30 * MINUTE_MS },
    { afterMs: 60 * MINUTE_MS, to: 'dispatcher', repeatEveryMs: 240 * MINUTE_MS },
  ],
};
