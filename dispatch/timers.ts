import type { Ticket } from '../core/ticket/ticket.ts';
import type { LedgerNouns } from '../store/ledger.ts';

export type Expired = 'not-acknowledged' | 'hold-over' | 'gone';

/**
 * A promise of a ticket ran out. The time stands in the ticket itself, so that no restart forgets it.
 * Not acknowledged: the crew is let go and the next one asked. Held: the attendant's time is over.
 */
export const expire = async (tx: LedgerNouns, ticketId: string, nowMs: number): Promise<Expired> => {
  const ticket = await tx.tickets.get(ticketId);
  if (!ticket) return 'gone';
  const silent =
    ticket.state === 'dispatched' && ticket.acknowledgeByMs !== null && ticket.acknowledgeByMs <= nowMs;
  const held = ticket.holdUntilMs !== null && ticket.holdUntilMs <= nowMs;
  if (!silent && !held) return 'gone';
  const next: Ticket = silent
    ? {
        ...ticket,
        state: 'open',
        crew: null,
        acknowledgeByMs: null,
        etaAtMs: null,
        version: ticket.version + 1,
        updatedAtMs: nowMs,
      }
    : { ...ticket, holdUntilMs: null, version: ticket.version + 1, updatedAtMs: nowMs };
  await tx.tickets.step(next, {
    ticket: ticket.id,
    version: next.version,
    atMs: nowMs,
    heardAtMs: nowMs,
    what: silent ? 'not-acknowledged' : 'hold-over',
    actor: 'system',
    from: ticket.state,
    to: next.state,
    crew: ticket.crew,
    reason: silent ? 'time-to-acknowledge-passed' : 'not-cleared-in-time',
    note: null,
  });
  return silent ? 'not-acknowledged' : 'hold-over';
};
