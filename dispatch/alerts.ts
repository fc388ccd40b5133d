import type { Alert } from '../core/alert/alert.ts';
import { decideAlert, decideRecovery, isRelapse } from '../core/dispatch/decide.ts';
import type { Catalogue } from '../core/fault/catalogue.ts';
import { type StepRequest, step } from '../core/ticket/step.ts';
import type { Ticket } from '../core/ticket/ticket.ts';
import type { LedgerNouns } from '../store/ledger.ts';

/** What the desk did with a change, by name; counted in its stats. */
export type Outcome =
  | 'watched'
  | 'already-member'
  | 'cleared-before-ticket'
  | 'opened'
  | 'joined'
  | 'raised-severity'
  | 'relapsed'
  | 'closed'
  | 'unchanged';

/** One step by the system itself. Throws on an illegal one: the desk only asks for what is legal. */
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

/** Closes the ticket when every alert of it has ended and the work is done. */
export const closeOnRecovery = async (tx: LedgerNouns, ticket: Ticket, nowMs: number): Promise<boolean> => {
  const alerts: Alert[] = [];
  for (const id of ticket.alerts) {
    const alert = await tx.alerts.get(id);
    if (alert) alerts.push(alert);
  }
  const request = decideRecovery(ticket, alerts, nowMs);
  if (!request) return false;
  await systemStep(tx, ticket, request, nowMs);
  return true;
};

/** Follows one change of an alert, inside the transaction that also moves the desk's cursor. */
export const followAlert = async (
  tx: LedgerNouns,
  catalogue: Catalogue,
  alertId: string,
  nowMs: number,
): Promise<Outcome> => {
  const alert = await tx.alerts.get(alertId);
  if (!alert) return 'unchanged';
  const equipment = await tx.equipment.get(alert.equipment);
  const current = await tx.tickets.openFor(alert.equipment, alert.unit, alert.component);
  const decision = decideAlert(catalogue, alert, current, equipment?.site ?? '', nowMs);
  switch (decision.decision) {
    case 'watched':
    case 'cleared-before-ticket':
      return decision.decision;
    case 'already-member':
      if (alert.state === 'cleared' && current) {
        return (await closeOnRecovery(tx, current, nowMs)) ? 'closed' : 'unchanged';
      }
      return 'already-member';
    case 'opened': {
      const { opened, ticket } = await tx.tickets.open(decision.ticket, decision.entry);
      if (!opened) throw new Error(`ticket ${ticket.id}: appeared inside the desk's own transaction`);
      await noteTicketed(tx, alert, ticket, nowMs);
      return 'opened';
    }
    case 'joined':
    case 'raised-severity': {
      await tx.tickets.step(decision.ticket, decision.entry);
      if (decision.decision === 'joined') await noteTicketed(tx, alert, decision.ticket, nowMs);
      if (current && isRelapse(current, alert)) {
        await systemStep(
          tx,
          decision.ticket,
          { action: 'reopen', atMs: nowMs, reason: 'alert-after-repair' },
          nowMs,
        );
        return 'relapsed';
      }
      return decision.decision;
    }
  }
};

const noteTicketed = (tx: LedgerNouns, alert: Alert, ticket: Ticket, nowMs: number): Promise<void> =>
  tx.alerts.note(
    {
      alert: alert.id,
      atMs: nowMs,
      type: 'ticketed',
      reason: 'ticket-opened-or-joined',
      actor: 'system',
      note: ticket.id,
    },
    ticket.id,
  );
