import type { Alert } from '../../core/alert/alert.ts';
import type { Catalogue } from '../../core/fault/catalogue.ts';
import { isFinal } from '../../core/ticket/step.ts';
import type { Ticket, TicketState } from '../../core/ticket/ticket.ts';
import type { LedgerNouns } from '../../store/ledger.ts';
import { everyRow } from '../../store/rows.ts';
import type { TicketDetailView, TicketView } from '../contract/schemas.ts';
import { type Named, ticketDetailView, ticketView } from '../views/ticket.ts';

export const OPEN_STATES: readonly TicketState[] = [
  'open',
  'dispatched',
  'acknowledged',
  'enroute',
  'onsite',
  'waiting',
  'resolved',
];

/** Up to this many machines are asked for one by one; for more, one walk over all open tickets is cheaper. */
const ONE_BY_ONE = 16;
const PAGE = 500;

const everyOpen = (nouns: LedgerNouns): Promise<readonly Ticket[]> =>
  everyRow((page) => nouns.tickets.list({ ...page, state: OPEN_STATES }));

const openOf = async (nouns: LedgerNouns, equipment: string): Promise<readonly Ticket[]> =>
  (await nouns.tickets.list({ state: OPEN_STATES, equipment, limit: PAGE })).rows;

/** Ids of the tickets that aren't closed or cancelled, by equipment. */
export const openTicketsOf = async (
  nouns: LedgerNouns,
  equipment: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const tickets =
    equipment.length <= ONE_BY_ONE
      ? (await Promise.all(equipment.map((id) => openOf(nouns, id)))).flat()
      : await everyOpen(nouns);
  const wanted = new Map<string, string[]>(equipment.map((id) => [id, []]));
  for (const ticket of tickets) wanted.get(ticket.equipment)?.push(ticket.id);
  return wanted;
};

/** Each id once, all at the same time. */
export const byId = async <T>(
  ids: Iterable<string | null>,
  get: (id: string) => Promise<T | null>,
): Promise<ReadonlyMap<string, T>> => {
  const found = new Map<string, T>();
  const distinct = [...new Set(ids)].filter((id) => id !== null);
  const rows = await Promise.all(distinct.map(get));
  for (const [index, row] of rows.entries()) if (row !== null) found.set(distinct[index] as string, row);
  return found;
};

/** The alerts that may speak for each ticket: the active ones in one call, ended ones only where none is active. */
const alertsOf = async (
  nouns: LedgerNouns,
  tickets: readonly Ticket[],
): Promise<ReadonlyMap<string, readonly Alert[]>> => {
  const alerted = tickets.filter((ticket) => ticket.alerts.length > 0);
  const running = [
    ...new Set(alerted.filter(({ state }) => !isFinal(state)).map((ticket) => ticket.equipment)),
  ];
  const active = running.length === 0 ? [] : await nouns.alerts.active(running);
  const rows = alerted.map(async (ticket): Promise<readonly [string, readonly Alert[]]> => {
    const own = active.filter((alert) => ticket.alerts.includes(alert.id));
    if (own.length > 0) return [ticket.id, own];
    const ended = await byId(ticket.alerts.slice(-LAST_ALERTS), (id) => nouns.alerts.get(id));
    return [ticket.id, [...ended.values()]];
  });
  return new Map(await Promise.all(rows));
};

/** Of a ticket that gathered many ended alerts, the last ones are looked at. */
const LAST_ALERTS = 8;

/** What the tickets name, in their order. */
const namedOf = async (nouns: LedgerNouns, tickets: readonly Ticket[]): Promise<readonly Named[]> => {
  const [alerts, equipment, sites, crews] = await Promise.all([
    alertsOf(nouns, tickets),
    byId(
      tickets.map((ticket) => ticket.equipment),
      (id) => nouns.equipment.get(id),
    ),
    byId(
      tickets.map((ticket) => ticket.site),
      (id) => nouns.sites.get(id),
    ),
    byId(
      tickets.map((ticket) => ticket.crew),
      (id) => nouns.crews.get(id),
    ),
  ]);
  return tickets.map((ticket) => ({
    alerts: alerts.get(ticket.id) ?? [],
    equipment: equipment.get(ticket.equipment) ?? null,
    site: sites.get(ticket.site) ?? null,
    crew: ticket.crew === null ? null : (crews.get(ticket.crew) ?? null),
  }));
};

export const readTickets = async (
  nouns: LedgerNouns,
  catalogue: Catalogue,
  tickets: readonly Ticket[],
): Promise<TicketView[]> => {
  const named = await namedOf(nouns, tickets);
  return tickets.map((ticket, index) => ticketView(catalogue, ticket, named[index] as Named));
};

export const readTicket = async (
  nouns: LedgerNouns,
  catalogue: Catalogue,
  ticket: Ticket,
): Promise<TicketDetailView> => {
  const [[named], timeline] = await Promise.all([
    namedOf(nouns, [ticket]),
    nouns.tickets.timeline(ticket.id),
  ]);
  return ticketDetailView(catalogue, ticket, named as Named, timeline);
};
