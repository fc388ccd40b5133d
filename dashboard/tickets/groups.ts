import type { TicketView } from '../../api/contract/schemas.ts';
import { SEVERITY_RANK } from '../format/condition.ts';
import { DAY_MS, MINUTE_MS } from '../format/time.ts';

/** What a dispatcher sees, what needs a person first on top. */
export const GROUPS = ['unaccepted', 'late', 'progress', 'planned', 'recovery'] as const;
export type Group = (typeof GROUPS)[number] | 'closed';

/** A promise this near, with nobody on site, is about to be broken. */
export const LATE_MS = 15 * MINUTE_MS;

export const groupOf = (ticket: TicketView, nowMs: number): Group => {
  const left = Date.parse(ticket.dueAt) - nowMs;
  switch (ticket.state) {
    case 'closed':
    case 'cancelled':
      return 'closed';
    case 'resolved':
      return 'recovery';
    case 'onsite':
    case 'waiting':
      return 'progress';
    case 'open':
    case 'dispatched':
      // Nobody is in a hurry yet where the promise is a day away.
      return ticket.severity === 'S3' && left > DAY_MS ? 'planned' : 'unaccepted';
    default:
      if (left < LATE_MS) return 'late';
      return ticket.severity === 'S3' && left > DAY_MS && ticket.state === 'acknowledged'
        ? 'planned'
        : 'progress';
  }
};

/** The clock that runs: until a crew must accept, else until somebody must be on site. Null: none runs. */
export const clockOf = (
  ticket: TicketView,
): { readonly kind: 'accept' | 'arrive'; readonly atMs: number } | null => {
  if (ticket.state === 'dispatched' && ticket.acknowledgeBy !== null)
    return { kind: 'accept', atMs: Date.parse(ticket.acknowledgeBy) };
  if (
    ticket.state === 'open' ||
    ticket.state === 'dispatched' ||
    ticket.state === 'acknowledged' ||
    ticket.state === 'enroute'
  )
    return { kind: 'arrive', atMs: Date.parse(ticket.dueAt) };
  return null;
};

/** Oldest promise first; of one promise the worse first. */
export const byPromise = (one: TicketView, two: TicketView): number =>
  Date.parse(one.dueAt) - Date.parse(two.dueAt) ||
  SEVERITY_RANK[one.severity] - SEVERITY_RANK[two.severity] ||
  (one.id < two.id ? -1 : 1);

export const grouped = (
  tickets: readonly TicketView[],
  nowMs: number,
): ReadonlyMap<Group, readonly TicketView[]> => {
  const groups = new Map<Group, TicketView[]>();
  for (const ticket of tickets) {
    const group = groupOf(ticket, nowMs);
    const list = groups.get(group);
    if (list) list.push(ticket);
    else groups.set(group, [ticket]);
  }
  for (const list of groups.values()) list.sort(byPromise);
  return groups;
};
