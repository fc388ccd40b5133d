import type { TicketView } from '../../api/contract/schemas.ts';
import { SEVERITY_RANK } from '../format/condition.ts';

const JOB_STATES: readonly TicketView['state'][] = [
  'dispatched',
  'acknowledged',
  'enroute',
  'onsite',
  'waiting',
];

/** Where one is, or is going to, comes first; what waits for something comes last. */
const stage = (ticket: TicketView): number =>
  ticket.state === 'onsite' || ticket.state === 'enroute' ? 0 : ticket.state === 'waiting' ? 2 : 1;

/** A crew's jobs in the order in which to do them. */
export const jobsOf = (tickets: readonly TicketView[], crew: string): readonly TicketView[] =>
  tickets
    .filter((ticket) => ticket.crew === crew && JOB_STATES.includes(ticket.state))
    .toSorted(
      (a, b) =>
        stage(a) - stage(b) ||
        SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
        Date.parse(a.dueAt) - Date.parse(b.dueAt) ||
        (a.id < b.id ? -1 : 1),
    );
