import { chooseCrew } from '../core/dispatch/choose.ts';
import { askAgainMs } from '../core/dispatch/promise.ts';
import { classOf } from '../core/fault/catalogue.ts';
import type { LedgerNouns } from '../store/ledger.ts';
import { everyRow } from '../store/rows.ts';
import { systemChange, systemStep } from './step.ts';

export type Assignment = 'dispatched' | 'no-crew' | 'gone';

/** Lines of the clocks: they come between, and say nothing of who can be asked. */
const BETWEEN: ReadonlySet<string> = new Set(['escalated', 'promise-at-risk', 'promise-broken']);

/** Says once per reason in the timeline that nobody can be asked; when all were asked the round starts over. */
export const sayNobody = async (
  tx: LedgerNouns,
  ticketId: string,
  reason: string,
  nowMs: number,
): Promise<void> => {
  const ticket = await tx.tickets.get(ticketId);
  if (ticket?.state !== 'open') return;
  const startsOver = reason === 'all-asked';
  const last = (await tx.tickets.timeline(ticket.id)).findLast(({ what }) => !BETWEEN.has(what));
  if (!startsOver && last?.what === 'no-crew' && last.reason === reason) return;
  const changed = startsOver ? { asked: [], holdUntilMs: nowMs + askAgainMs(ticket.severity) } : {};
  await systemChange(tx, ticket, { what: 'no-crew', reason, changed }, nowMs);
};

/** Asks the nearest qualified crew on shift, inside one transaction with all that it looked at. */
export const assignTicket = async (tx: LedgerNouns, ticketId: string, nowMs: number): Promise<Assignment> => {
  const ticket = await tx.tickets.get(ticketId);
  if (ticket?.state !== 'open') return 'gone';
  const equipment = await tx.equipment.get(ticket.equipment);
  const site = await tx.sites.get(equipment?.site ?? ticket.site);
  const job = {
    equipmentClass: classOf(equipment?.model ?? ''),
    position: site?.position ?? null,
    asked: ticket.asked,
  };
  const choice = chooseCrew(
    job,
    await everyRow((page) => tx.crews.list(page)),
    await tx.tickets.load(),
    nowMs,
  );
  const [best] = choice.candidates;
  if (!best) return 'no-crew';
  const located = best.travelMs !== null;
  await systemStep(
    tx,
    ticket,
    {
      action: 'assign',
      atMs: nowMs,
      crew: best.crew,
      etaAtMs: best.travelMs === null ? null : nowMs + best.travelMs,
      reason: located ? 'nearest-qualified' : 'qualified-site-not-located',
    },
    nowMs,
  );
  return 'dispatched';
};
