import { type StepRequest, step } from '../core/ticket/step.ts';
import type { Ticket } from '../core/ticket/ticket.ts';
import type { LedgerNouns } from '../store/ledger.ts';

/** One action by the system itself. Throws on an illegal one: the desk only asks for what is legal. */
export const systemStep = async (
  tx: LedgerNouns,
  ticket: Ticket,
  request: Pick<StepRequest, 'action' | 'atMs' | 'reason' | 'crew' | 'etaAtMs' | 'note'>,
  nowMs: number,
): Promise<Ticket> => {
  const result = step(ticket, { ...request, heardAtMs: nowMs, actor: 'system', actorCrew: null });
  if (!result.ok) throw new Error(`ticket ${ticket.id}: ${result.detail}`);
  const written = await tx.tickets.step(result.ticket, result.entry);
  if (!written) throw new Error(`ticket ${ticket.id}: changed inside its own transaction`);
  return result.ticket;
};

/** What the clock, not a person's action, does to a ticket: its next version with a line of its own. */
export const systemChange = async (
  tx: LedgerNouns,
  ticket: Ticket,
  change: {
    readonly what: string;
    readonly reason: string;
    readonly changed: Partial<Ticket>;
    readonly note?: string;
  },
  nowMs: number,
): Promise<Ticket> => {
  const next: Ticket = { ...ticket, ...change.changed, version: ticket.version + 1, updatedAtMs: nowMs };
  await tx.tickets.step(next, {
    ticket: ticket.id,
    version: next.version,
    atMs: nowMs,
    heardAtMs: nowMs,
    what: change.what,
    actor: 'system',
    from: ticket.state,
    to: next.state,
    crew: ticket.crew,
    reason: change.reason,
    note: change.note ?? null,
  });
  return next;
};
