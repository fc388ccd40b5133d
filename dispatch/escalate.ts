import { PROMISES } from '../core/dispatch/promise.ts';
import { arrivalOf, type Clock, clockKey, waitsForAcknowledgement } from '../core/notice/clocks.ts';
import {
  escalate,
  type Facts,
  type Round,
  readRound,
  shifted,
  undelivered,
} from '../core/notice/escalate.ts';
import type { Notice } from '../core/notice/notice.ts';
import type { Escalation, EscalationRecipient } from '../core/rules/escalation.ts';
import type { Ticket } from '../core/ticket/ticket.ts';
import type { LedgerNouns } from '../store/ledger.ts';
import { audienceOf, whyNot } from './reach.ts';
import { systemChange } from './step.ts';
import type { Absence } from './timers.ts';

export type Rung =
  | 'escalated'
  | 'chain-waits'
  | 'chain-resumed'
  | 'promise-at-risk'
  | 'promise-broken'
  | 'promise-waits'
  | 'clock-gone';

const factsOf = async (tx: LedgerNouns, ticket: Ticket, round: Round, nowMs: number): Promise<Facts> => {
  const why = async (to: EscalationRecipient) => {
    const audience = await audienceOf(tx, to, ticket.crew);
    const failed = audience !== null && round.failed.includes(audience);
    return failed ? 'channel-fails' : whyNot(tx, to, ticket.crew);
  };
  const { acknowledgeByMs, crew, severity } = ticket;
  return {
    nowMs,
    crew,
    askedAtMs: acknowledgeByMs === null ? null : acknowledgeByMs - PROMISES[severity].acknowledgeMs,
    why: {
      crew: await why('crew'),
      station: await why('station'),
      dispatcher: await why('dispatcher'),
      admin: await why('admin'),
    },
  };
};

/** Not yet begun because the attendant has the machine, or begun earlier because that ended. */
const begun = (round: Round, ticket: Ticket, nowMs: number): Round | null => {
  if (nowMs >= round.sinceMs) return round;
  return ticket.holdUntilMs === null ? { ...round, sinceMs: nowMs } : null;
};

const climb = async (
  tx: LedgerNouns,
  chains: Escalation,
  clock: Clock,
  ticket: Ticket,
  nowMs: number,
  absence: Absence | null,
): Promise<Rung> => {
  const keep = (round: Round, dueAtMs: number): Promise<void> =>
    tx.clocks.set({ ...clock, dueAtMs, payload: JSON.stringify(round) });
  const stored = readRound(clock.payload, clock.dueAtMs);
  if (absence && clock.dueAtMs > absence.fromMs && clock.dueAtMs <= absence.toMs) {
    const awayMs = absence.toMs - absence.fromMs;
    await keep(shifted(stored, awayMs), clock.dueAtMs + awayMs);
    return 'chain-resumed';
  }
  const round = begun(stored, ticket, nowMs);
  if (round === null) {
    await keep(stored, stored.sinceMs);
    return 'chain-waits';
  }
  const result = escalate(chains[ticket.severity], round, await factsOf(tx, ticket, round, nowMs));
  await keep(result.round, result.nextMs);
  let current = ticket;
  for (const { to, reason } of result.tell) {
    const audience = await audienceOf(tx, to, ticket.crew);
    if (audience === null) continue;
    const change = { what: 'escalated', reason, changed: {}, note: audience };
    current = await systemChange(tx, current, change, nowMs);
  }
  return current === ticket ? 'chain-waits' : 'escalated';
};

const promise = async (tx: LedgerNouns, clock: Clock, ticket: Ticket, nowMs: number): Promise<Rung> => {
  const wasWarned = clock.payload.includes('"warned":true');
  const { line, nextMs, warned } = arrivalOf(ticket, wasWarned, nowMs);
  if (nextMs !== null)
    await tx.clocks.set({ ...clock, dueAtMs: nextMs, payload: JSON.stringify({ warned }) });
  if (line === null) return 'promise-waits';
  await systemChange(tx, ticket, { ...line, changed: {} }, nowMs);
  return line.what;
};

/**
 * Runs one clock that is due, inside a transaction: taken, its effect written and, where it goes on, set again, all or nothing.
 * It needs no lease: nothing of it happens outside of the ledger.
 */
export const runClock = async (
  tx: LedgerNouns,
  chains: Escalation,
  clock: Clock,
  nowMs: number,
  absence: Absence | null,
): Promise<Rung> => {
  if (!(await tx.clocks.take(clock))) return 'clock-gone';
  const ticket = await tx.tickets.get(clock.ticket);
  if (!ticket) return 'clock-gone';
  if (clock.kind === 'arrival') return promise(tx, clock, ticket, nowMs);
  return waitsForAcknowledgement(ticket) ? climb(tx, chains, clock, ticket, nowMs, absence) : 'clock-gone';
};

/** A page could not be brought to its audience: the chain of its ticket goes on to the next one now. */
export const goPast = async (tx: LedgerNouns, notice: Notice, nowMs: number): Promise<void> => {
  if (notice.ticket === null) return;
  const clock = await tx.clocks.get(clockKey('escalation', notice.ticket));
  if (clock === null) return;
  const payload = JSON.stringify(undelivered(readRound(clock.payload, clock.dueAtMs), notice.audience));
  await tx.clocks.set({ ...clock, payload, dueAtMs: Math.min(clock.dueAtMs, nowMs) });
};
