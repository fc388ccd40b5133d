import { SEVERITY_RANK, type Severity } from '../alert/alert.ts';
import { PROMISES } from '../dispatch/promise.ts';
import type { Ticket } from './ticket.ts';

/** The worse of a ticket's severity and one that was heard; what is only worth watching worsens nothing. */
export const worse = (a: Ticket['severity'], b: Severity): Ticket['severity'] =>
  b !== 'watch' && SEVERITY_RANK[b] < SEVERITY_RANK[a] ? b : a;

/**
 * Worse means sooner, whoever says so, a machine or a person: the promise moves forward, and the crew that was asked has
 * only the time of the new severity left. Neither ever moves back.
 */
export const hastened = (
  ticket: Ticket,
  severity: Ticket['severity'],
  nowMs: number,
): Pick<Ticket, 'severity' | 'dueAtMs' | 'acknowledgeByMs'> => {
  const { acknowledgeMs, arriveMs } = PROMISES[severity];
  return {
    severity,
    dueAtMs: Math.min(ticket.dueAtMs, nowMs + arriveMs),
    acknowledgeByMs: ticket.acknowledgeByMs && Math.min(ticket.acknowledgeByMs, nowMs + acknowledgeMs),
  };
};
