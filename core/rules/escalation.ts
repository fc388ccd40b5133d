import type { Severity } from '../alert/alert.ts';

/** One link of the chain that is told about a ticket until somebody acknowledges it. */
export interface EscalationStep {
  /** Counted from when the ticket was opened (or opened again). */
  readonly afterMs: number;
  /** The crew that is asked now, the dispatchers, the station of that crew, or a channel of notices by its id. */
  readonly to: 'crew' | 'dispatcher' | 'station' | { readonly channel: string };
  /** Said again so often until somebody acknowledges; null: once. */
  readonly repeatEveryMs: number | null;
}

/** By severity, the earliest step first. `watch` opens no ticket, so nobody is told. */
export type Escalation = Readonly<Record<Exclude<Severity, 'watch'>, readonly EscalationStep[]>>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const step = (
  afterMs: number,
  to: EscalationStep['to'],
  repeatEveryMs: number | null = null,
): EscalationStep => ({
  afterMs,
  to,
  repeatEveryMs,
});

/** Fits the time that a crew has to acknowledge (core/dispatch/promise.ts): one missed answer, and the desk hears. */
export const DEFAULT_ESCALATION: Escalation = {
  S1: [
    step(0, 'crew', MINUTE_MS),
    step(3 * MINUTE_MS, 'dispatcher', 5 * MINUTE_MS),
    step(10 * MINUTE_MS, 'station', 10 * MINUTE_MS),
  ],
  S2: [
    step(0, 'crew', 5 * MINUTE_MS),
    step(20 * MINUTE_MS, 'dispatcher', 30 * MINUTE_MS),
    step(HOUR_MS, 'station'),
  ],
  S3: [step(0, 'crew', 30 * MINUTE_MS), step(4 * HOUR_MS, 'dispatcher', 24 * HOUR_MS)],
};
