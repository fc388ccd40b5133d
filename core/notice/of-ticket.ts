import type { Ticket, TicketEntry } from '../ticket/ticket.ts';
import type { Audience, Notice, NoticeKind } from './notice.ts';

type Said = Pick<Notice, 'kind' | 'audience' | 'crew'>;

const crewOf = (crew: string | null, kind: NoticeKind): readonly Said[] =>
  crew === null ? [] : [{ kind, audience: `crew:${crew}`, crew }];

const desk = (kind: NoticeKind, crew: string | null): Said => ({ kind, audience: 'dispatcher', crew });

/** Who has the job, when it is offered: the one asked now, and the one who no longer is. */
const offered = (before: Ticket | null, ticket: Ticket): readonly Said[] => [
  ...(before && before.crew !== ticket.crew ? crewOf(before.crew, 'withdrawn') : []),
  ...crewOf(ticket.crew, 'assigned'),
];

const saidOf = (before: Ticket | null, ticket: Ticket, entry: TicketEntry): readonly Said[] => {
  const had = before?.crew ?? null;
  switch (entry.what) {
    case 'opened':
      return ticket.holdUntilMs === null
        ? []
        : [{ kind: 'attendant-asked', audience: 'attendant', crew: null }];
    case 'assign':
      return offered(before, ticket);
    case 'handover':
      return ticket.state === 'dispatched' ? offered(before, ticket) : [desk('declined', had)];
    case 'decline':
      return [desk('declined', had)];
    case 'not-acknowledged':
      return [...crewOf(had, 'withdrawn'), desk('not-acknowledged', had)];
    case 'no-crew':
      // Everybody was asked once more: the chain tells the dispatcher at its own pace.
      return entry.reason === 'all-asked' ? [] : [desk('no-crew', null)];
    case 'escalated':
      return [{ kind: 'escalated', audience: (entry.note ?? 'dispatcher') as Audience, crew: ticket.crew }];
    case 'promise-at-risk':
    case 'promise-broken':
      return [desk(entry.what, ticket.crew), ...crewOf(ticket.crew, entry.what)];
    case 'recovery-not-seen':
      return [desk('recovery-not-seen', ticket.crew)];
    case 'reopen':
      return [desk('reopened', had), ...crewOf(had, 'reopened')];
    case 'cancel':
      return [desk('cancelled', had), ...crewOf(had, 'cancelled')];
    case 'close':
      return [desk('closed', had), ...crewOf(had, 'closed')];
    default:
      return [];
  }
};

/** Worse is told whatever line it came with: a fault that joined, an alert that grew, a second call. */
const worsened = (before: Ticket | null, ticket: Ticket): readonly Said[] =>
  before === null || before.severity === ticket.severity
    ? []
    : [desk('severity-raised', ticket.crew), ...crewOf(ticket.crew, 'severity-raised')];

/**
 * What one line of a ticket's timeline says to whom. Pure, and asked by the ledger itself in the transaction that
 * writes the line, so that no change of a ticket can forget to tell those whom it concerns.
 */
export const noticesOf = (before: Ticket | null, ticket: Ticket, entry: TicketEntry): readonly Notice[] =>
  [...worsened(before, ticket), ...saidOf(before, ticket, entry)].map((said) => ({
    ...said,
    id: `${ticket.id}.${entry.version}.${said.kind}.${said.audience}`,
    atMs: entry.heardAtMs,
    ticket: ticket.id,
    version: entry.version,
    site: ticket.site,
    severity: ticket.severity,
    channel: null,
    reason: entry.reason,
  }));
