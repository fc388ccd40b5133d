import type { Ticket, TicketEntry } from '../../core/ticket/ticket.ts';
import { readStrings, storable } from './json.ts';
import type { Row } from './schema.ts';

const text = (value: string | null): string | null => (value === null ? null : storable(value));

/** States and severities are written by the core alone, so they are read as they are. */
export const toTicket = (row: Row<'tickets'>): Ticket => ({
  ...row,
  severity: row.severity as Ticket['severity'],
  state: row.state as Ticket['state'],
  source: row.source as Ticket['source'],
  alerts: readStrings(row.alerts),
  asked: readStrings(row.asked),
});

/** Column by column: a ticket that carries more than the contract must not fail to be stored. */
export const toTicketRow = (ticket: Ticket): Row<'tickets'> => ({
  id: ticket.id,
  equipment: ticket.equipment,
  unit: ticket.unit,
  site: ticket.site,
  component: ticket.component,
  cause: ticket.cause,
  severity: ticket.severity,
  state: ticket.state,
  source: ticket.source,
  openedAtMs: ticket.openedAtMs,
  updatedAtMs: ticket.updatedAtMs,
  version: ticket.version,
  alerts: JSON.stringify(ticket.alerts),
  crew: ticket.crew,
  asked: JSON.stringify(ticket.asked),
  acknowledgeByMs: ticket.acknowledgeByMs,
  holdUntilMs: ticket.holdUntilMs,
  acknowledgedAtMs: ticket.acknowledgedAtMs,
  departedAtMs: ticket.departedAtMs,
  arrivedAtMs: ticket.arrivedAtMs,
  etaAtMs: ticket.etaAtMs,
  dueAtMs: ticket.dueAtMs,
  resolvedAtMs: ticket.resolvedAtMs,
  closedAtMs: ticket.closedAtMs,
  closeReason: text(ticket.closeReason),
  reporter: text(ticket.reporter),
  words: text(ticket.words),
});

/** @throws when the line does not belong to this version of the ticket: a bug of the caller */
export const toEntryRow = (ticket: Ticket, entry: TicketEntry): Row<'ticketTimeline'> => {
  if (entry.ticket !== ticket.id || entry.version !== ticket.version) {
    throw new Error(
      `timeline line ${entry.ticket} v${entry.version} does not belong to ticket ${ticket.id} v${ticket.version}`,
    );
  }
  const { from, to, ...same } = entry;
  return {
    ticket: same.ticket,
    version: same.version,
    atMs: same.atMs,
    heardAtMs: same.heardAtMs,
    what: same.what,
    actor: same.actor,
    fromState: from,
    toState: to,
    crew: same.crew,
    reason: text(same.reason),
    note: text(same.note),
  };
};

export const toEntry = ({ fromState, toState, ...same }: Row<'ticketTimeline'>): TicketEntry => ({
  ...same,
  from: fromState as TicketEntry['from'],
  to: toState as TicketEntry['to'],
});
