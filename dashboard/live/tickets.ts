import { computed, signal } from '@preact/signals';
import type { TicketView } from '../../api/contract/schemas.ts';
import { all, type Failure } from '../client/http.ts';
import { onLive } from './events.ts';

/** More open tickets than this are not held by one page; it says so. */
export const MAX_TICKETS = 1_000;

export const ACTIVE_STATES = [
  'open',
  'dispatched',
  'acknowledged',
  'enroute',
  'onsite',
  'waiting',
  'resolved',
] as const;

/** Tickets that are not closed or cancelled, and those that closed while this page was open. */
export const tickets = signal<ReadonlyMap<string, TicketView>>(new Map());
export const ticketsState = signal<'loading' | 'ready' | Failure>('loading');
export const ticketsCut = signal(false);

export const isOver = (ticket: Pick<TicketView, 'state'>): boolean =>
  ticket.state === 'closed' || ticket.state === 'cancelled';

export const activeTickets = computed(() => [...tickets.value.values()].filter((ticket) => !isOver(ticket)));

/** Takes over a ticket unless a newer version of it is already known. */
export const takeTicket = (ticket: TicketView): void => {
  const known = tickets.peek().get(ticket.id);
  if (known && known.version > ticket.version) return;
  tickets.value = new Map(tickets.peek()).set(ticket.id, ticket);
};

export const loadTickets = async (signal?: AbortSignal): Promise<void> => {
  const list = await all<TicketView>('/tickets', { state: ACTIVE_STATES.join(',') }, MAX_TICKETS, signal);
  if (signal?.aborted) return;
  if (list.ok) {
    tickets.value = new Map(list.value.items.map((ticket) => [ticket.id, ticket]));
    ticketsCut.value = list.value.more;
    ticketsState.value = 'ready';
  } else if (ticketsState.peek() !== 'ready') ticketsState.value = list.failure;
};

export const followTickets = (): (() => void) => onLive('ticket', ({ ticket }) => takeTicket(ticket));
