import { isFinal } from '../ticket/step.ts';
import type { Ticket } from '../ticket/ticket.ts';
import type { Notice } from './notice.ts';

/** Why a notice that was not said yet is no longer worth saying. */
export type Stale =
  | 'acknowledged'
  | 'crew-changed'
  | 'crew-found'
  | 'arrived'
  | 'ended'
  | 'went-on'
  | 'superseded'
  | 'nothing-to-take-back'
  | 'ticket-gone';

const isOver = (ticket: Ticket): boolean => isFinal(ticket.state) || ticket.state === 'resolved';

/** Nobody has to answer any more. */
const answered = (ticket: Ticket): Stale | null => {
  if (isOver(ticket)) return 'ended';
  const waits = ticket.state === 'open' || ticket.state === 'dispatched';
  return waits && ticket.acknowledgedAtMs === null ? null : 'acknowledged';
};

const isOther = (notice: Notice, ticket: Ticket): boolean =>
  notice.audience.startsWith('crew:') && notice.audience !== `crew:${ticket.crew}`;

/**
 * Whether a notice still holds, judged by its ticket as it stands at the moment of sending; null: say it.
 * No page after an acknowledgement, however long it waited and whoever was down meanwhile.
 */
export const staleOf = (notice: Notice, ticket: Ticket, nowMs: number): Stale | null => {
  switch (notice.kind) {
    case 'assigned':
      return answered(ticket) ?? (ticket.crew === notice.crew ? null : 'crew-changed');
    case 'escalated':
      return answered(ticket) ?? (isOther(notice, ticket) ? 'crew-changed' : null);
    case 'not-acknowledged':
    case 'declined':
      return answered(ticket);
    case 'no-crew':
      return isOver(ticket) ? 'ended' : ticket.state === 'open' ? null : 'crew-found';
    case 'attendant-asked':
      return isOver(ticket) ? 'ended' : ticket.holdUntilMs === null ? 'went-on' : null;
    case 'severity-raised':
      return isOver(ticket) ? 'ended' : isOther(notice, ticket) ? 'crew-changed' : null;
    case 'promise-at-risk':
      if (isOver(ticket)) return 'ended';
      if (ticket.arrivedAtMs !== null) return 'arrived';
      return nowMs >= ticket.dueAtMs ? 'superseded' : isOther(notice, ticket) ? 'crew-changed' : null;
    case 'promise-broken':
      return isFinal(ticket.state) ? 'ended' : isOther(notice, ticket) ? 'crew-changed' : null;
    case 'recovery-not-seen':
      return ticket.state === 'resolved' ? null : 'went-on';
    case 'reopened':
      return isOver(ticket) ? 'ended' : null;
    case 'withdrawn':
      return ticket.crew === notice.crew && !isOver(ticket) ? 'superseded' : null;
    case 'cancelled':
    case 'closed':
      return isFinal(ticket.state) ? null : 'went-on';
    case 'channel-paused':
    case 'test':
      return null;
  }
};

/** Takes back what was said before; to a crew that never heard of the job there is nothing to take back. */
export const takesBack = ({ kind, audience }: Pick<Notice, 'kind' | 'audience'>): boolean =>
  audience.startsWith('crew:') && (kind === 'withdrawn' || kind === 'cancelled' || kind === 'closed');
