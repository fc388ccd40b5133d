import type { Ticket, TicketAction } from './ticket.ts';

/** Who asks: the role, and the crew for people of a crew. */
export interface Actor {
  readonly role: 'viewer' | 'attendant' | 'crew' | 'dispatcher' | 'admin';
  readonly crew: string | null;
}

const CREW_ACTIONS: readonly TicketAction[] = [
  'acknowledge',
  'decline',
  'handover',
  'depart',
  'arrive',
  'wait',
  'resume',
  'resolve',
  'comment',
];

/** Denies by default. A crew steps its own tickets, or takes one that nobody has; the desk steps all. */
export const mayStep = (actor: Actor, ticket: Ticket, action: TicketAction): boolean => {
  switch (actor.role) {
    case 'admin':
    case 'dispatcher':
      return true;
    case 'crew': {
      if (actor.crew === null || !CREW_ACTIONS.includes(action)) return false;
      const takesFree = ticket.crew === null && (action === 'acknowledge' || action === 'comment');
      return ticket.crew === actor.crew || takesFree;
    }
    case 'attendant':
      return action === 'comment';
    case 'viewer':
      return false;
  }
};
