import { PROMISES } from '../dispatch/promise.ts';
import { isFinal } from '../ticket/step.ts';
import type { Ticket, TicketEntry } from '../ticket/ticket.ts';
import { newRound } from './escalate.ts';

export type ClockKind = 'escalation' | 'arrival';

/** A promise that looks after itself: durable, one per kind and ticket, run by whoever takes it first. */
export interface Clock {
  readonly key: string;
  readonly kind: ClockKind;
  readonly ticket: string;
  readonly dueAtMs: number;
  /** What its kind has to remember, as JSON. */
  readonly payload: string;
}

/** What a change of a ticket does to its clocks. `hasten` only brings one forward that is there. */
export type ClockChange =
  | { readonly do: 'set'; readonly clock: Clock }
  | { readonly do: 'hasten'; readonly key: string; readonly dueAtMs: number }
  | { readonly do: 'clear'; readonly key: string };

export const clockKey = (kind: ClockKind, ticket: string): string => `${kind}:${ticket}`;

/** Somebody has still to say that they go. */
export const waitsForAcknowledgement = ({ state, acknowledgedAtMs }: Ticket): boolean =>
  (state === 'open' || state === 'dispatched') && acknowledgedAtMs === null;

const awaitsArrival = ({ state, arrivedAtMs }: Ticket): boolean =>
  !isFinal(state) && state !== 'resolved' && arrivedAtMs === null;

/** The last quarter of the promise: late enough to know, early enough to send somebody else. */
export const warnAtMs = ({ dueAtMs, severity }: Pick<Ticket, 'dueAtMs' | 'severity'>): number =>
  dueAtMs - PROMISES[severity].arriveMs / 4;

const escalation = (before: Ticket | null, ticket: Ticket, nowMs: number): readonly ClockChange[] => {
  const key = clockKey('escalation', ticket.id);
  const waited = before !== null && waitsForAcknowledgement(before);
  if (!waitsForAcknowledgement(ticket)) return waited ? [{ do: 'clear', key }] : [];
  if (!waited) {
    // What the attendant may still clear waits for nobody yet.
    const sinceMs = Math.max(nowMs, ticket.holdUntilMs ?? nowMs);
    const payload = JSON.stringify(newRound(sinceMs));
    return [{ do: 'set', clock: { key, kind: 'escalation', ticket: ticket.id, dueAtMs: sinceMs, payload } }];
  }
  const isNews =
    before.crew !== ticket.crew ||
    before.severity !== ticket.severity ||
    before.holdUntilMs !== ticket.holdUntilMs;
  return isNews ? [{ do: 'hasten', key, dueAtMs: nowMs }] : [];
};

const arrival = (before: Ticket | null, ticket: Ticket, isReopened: boolean): readonly ClockChange[] => {
  const key = clockKey('arrival', ticket.id);
  if (before === null || isReopened) {
    const payload = JSON.stringify({ warned: false });
    const dueAtMs = warnAtMs(ticket);
    return [{ do: 'set', clock: { key, kind: 'arrival', ticket: ticket.id, dueAtMs, payload } }];
  }
  if (!awaitsArrival(ticket)) return awaitsArrival(before) ? [{ do: 'clear', key }] : [];
  return before.dueAtMs === ticket.dueAtMs ? [] : [{ do: 'hasten', key, dueAtMs: warnAtMs(ticket) }];
};

/** Asked by the ledger in the transaction that writes the line: a ticket and its clocks can't disagree. */
export const clockChangesOf = (
  before: Ticket | null,
  ticket: Ticket,
  entry: TicketEntry,
): readonly ClockChange[] => [
  ...escalation(before, ticket, entry.heardAtMs),
  ...arrival(before, ticket, entry.what === 'reopen'),
];

/** What the arrival's clock comes to: a line for the timeline, when to look again (null: never), what to remember. */
export interface Arrival {
  readonly line: {
    readonly what: 'promise-at-risk' | 'promise-broken';
    readonly reason: 'nobody-on-the-way' | 'not-departed' | 'expected-late' | 'not-on-site-in-time';
  } | null;
  readonly nextMs: number | null;
  readonly warned: boolean;
}

const risk = ({
  state,
  etaAtMs,
  dueAtMs,
}: Ticket): 'nobody-on-the-way' | 'not-departed' | 'expected-late' | null => {
  if (state === 'open' || state === 'dispatched') return 'nobody-on-the-way';
  if (state !== 'enroute') return 'not-departed';
  return etaAtMs !== null && etaAtMs <= dueAtMs ? null : 'expected-late';
};

/** Warned once before the promise breaks, told once when it is broken; only the latter where both are past. */
export const arrivalOf = (ticket: Ticket, warned: boolean, nowMs: number): Arrival => {
  if (!awaitsArrival(ticket)) return { line: null, nextMs: null, warned };
  if (nowMs >= ticket.dueAtMs) {
    return { line: { what: 'promise-broken', reason: 'not-on-site-in-time' }, nextMs: null, warned: true };
  }
  if (warned) return { line: null, nextMs: ticket.dueAtMs, warned };
  if (nowMs < warnAtMs(ticket)) return { line: null, nextMs: warnAtMs(ticket), warned };
  const reason = risk(ticket);
  return reason === null
    ? { line: null, nextMs: ticket.dueAtMs, warned: true }
    : { line: { what: 'promise-at-risk', reason }, nextMs: ticket.dueAtMs, warned: true };
};
