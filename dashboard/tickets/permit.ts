import type { SessionView, TicketView } from '../../api/contract/schemas.ts';
import { mayStep } from '../../core/ticket/permit.ts';
import { LEGAL } from '../../core/ticket/step.ts';
import type { Ticket, TicketAction } from '../../core/ticket/ticket.ts';

/** Whether this person may take this step now: the same rules that the service holds (core/ticket). */
export const may = (
  session: SessionView,
  ticket: Pick<TicketView, 'state' | 'crew'>,
  action: TicketAction,
): boolean =>
  LEGAL[action].includes(ticket.state) &&
  // The rules look at the ticket's crew only.
  mayStep({ role: session.role, crew: session.crew }, ticket as unknown as Ticket, action);
