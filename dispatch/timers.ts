import type { Ticket } from '../core/ticket/ticket.ts';
import type { LedgerNouns } from '../store/ledger.ts';
import { systemChange } from './step.ts';

export type Expired = 'not-acknowledged' | 'hold-over' | 'recovery-not-seen' | 'clock-resumed' | 'gone';

/** The service was away from `fromMs` to `toMs`: nobody could acknowledge meanwhile. */
export interface Absence {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Outcome {
  readonly what: Exclude<Expired, 'gone'>;
  readonly reason: string;
  readonly changed: Partial<Ticket>;
}

const outcomeOf = (ticket: Ticket, nowMs: number, absence: Absence | null): Outcome | null => {
  const { acknowledgeByMs, holdUntilMs, state } = ticket;
  if (state === 'dispatched' && acknowledgeByMs !== null && acknowledgeByMs <= nowMs) {
    if (absence && acknowledgeByMs > absence.fromMs && acknowledgeByMs <= absence.toMs) {
      const leftMs = acknowledgeByMs - absence.fromMs;
      return {
        what: 'clock-resumed',
        reason: 'service-was-away',
        changed: { acknowledgeByMs: nowMs + leftMs },
      };
    }
    const changed = { state: 'open', crew: null, acknowledgeByMs: null, etaAtMs: null } as const;
    return { what: 'not-acknowledged', reason: 'time-to-acknowledge-passed', changed };
  }
  if (holdUntilMs === null || holdUntilMs > nowMs) return null;
  return state === 'resolved'
    ? { what: 'recovery-not-seen', reason: 'ask-the-dispatcher', changed: { holdUntilMs: null } }
    : { what: 'hold-over', reason: 'not-cleared-in-time', changed: { holdUntilMs: null } };
};

/**
 * A promise of a ticket ran out. The time stands in the ticket itself, so that no restart forgets it.
 * Not acknowledged: the crew is let go and the next one asked. Held: the attendant's time, or a pause, is over.
 * Resolved for a day without seen recovery: the dispatcher is asked.
 */
export const expire = async (
  tx: LedgerNouns,
  ticketId: string,
  nowMs: number,
  absence: Absence | null,
): Promise<Expired> => {
  const ticket = await tx.tickets.get(ticketId);
  const outcome = ticket && outcomeOf(ticket, nowMs, absence);
  if (!ticket || !outcome) return 'gone';
  await systemChange(tx, ticket, outcome, nowMs);
  return outcome.what;
};
