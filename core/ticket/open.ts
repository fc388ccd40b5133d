import { PROMISES } from '../dispatch/promise.ts';
import type { Ticket } from './ticket.ts';

type Given = Pick<
  Ticket,
  'id' | 'equipment' | 'unit' | 'site' | 'component' | 'cause' | 'severity' | 'source'
>;

/** A ticket as it begins: open, nobody asked, with the promise of its severity. */
export const newTicket = (
  given: Given & Partial<Pick<Ticket, 'alerts' | 'holdUntilMs' | 'reporter' | 'words'>>,
  nowMs: number,
): Ticket => ({
  state: 'open',
  openedAtMs: nowMs,
  updatedAtMs: nowMs,
  version: 1,
  alerts: [],
  crew: null,
  asked: [],
  acknowledgeByMs: null,
  holdUntilMs: null,
  acknowledgedAtMs: null,
  departedAtMs: null,
  arrivedAtMs: null,
  etaAtMs: null,
  dueAtMs: nowMs + PROMISES[given.severity].arriveMs,
  resolvedAtMs: null,
  closedAtMs: null,
  closeReason: null,
  reporter: null,
  words: null,
  ...given,
});
