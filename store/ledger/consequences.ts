import { clockChangesOf } from '../../core/notice/clocks.ts';
import { noticesOf } from '../../core/notice/of-ticket.ts';
import type { Ticket, TicketEntry } from '../../core/ticket/ticket.ts';
import { clocks } from './clocks.ts';
import { notices } from './notices.ts';
import type { Scope } from './schema.ts';

/** What a line of a ticket brings about, in the transaction that writes it: who is told, and which clocks run. */
export const consequences = async (
  scope: Scope,
  before: Ticket | null,
  ticket: Ticket,
  entry: TicketEntry,
): Promise<void> => {
  await notices(scope).add(noticesOf(before, ticket, entry));
  const { set, hasten, clear } = clocks(scope);
  for (const change of clockChangesOf(before, ticket, entry)) {
    if (change.do === 'set') await set(change.clock);
    else if (change.do === 'hasten') await hasten(change.key, change.dueAtMs);
    else await clear(change.key);
  }
};
