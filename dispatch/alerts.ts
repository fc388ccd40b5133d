import type { Alert } from '../core/alert/alert.ts';
import { type Decision, decideAlert, decideRecovery, IN_FLIGHT_MS } from '../core/dispatch/decide.ts';
import type { Catalogue } from '../core/fault/catalogue.ts';
import type { Ticket } from '../core/ticket/ticket.ts';
import type { LedgerNouns } from '../store/ledger.ts';
import { systemStep } from './step.ts';

/** What the desk did with a change, by name; counted in its stats. */
export type Outcome = Decision['decision'] | 'closed' | 'unchanged';

/** Enough to judge how its alerts ended; the newest ones tell. */
const ENDED = 100;

/** Closes the ticket when every alert of it has ended and the work is done. */
export const closeOnRecovery = async (tx: LedgerNouns, ticket: Ticket, nowMs: number): Promise<boolean> => {
  const active = await tx.alerts.list({ ticket: ticket.id, state: 'active', limit: 1 });
  if (active.rows.length > 0) return false;
  const ended = await tx.alerts.list({ ticket: ticket.id, state: 'cleared', limit: ENDED });
  const request = decideRecovery(ticket, ended.rows, nowMs);
  if (!request) return false;
  await systemStep(tx, ticket, request, nowMs);
  return true;
};

/** The newest ticket of the alert's item that was mended at about the time when the alert was raised, and is closed. */
const repairedBefore = async (tx: LedgerNouns, alert: Alert): Promise<Ticket | null> => {
  const repairs = await tx.tickets.repairs(alert.equipment, alert.raisedHeardAtMs - IN_FLIGHT_MS);
  return (
    repairs.findLast(
      ({ unit, component, closeReason }) =>
        unit === alert.unit && component === alert.component && closeReason === 'recovery-seen',
    ) ?? null
  );
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
  const current = await tx.tickets.openFor(alert.equipment, alert.unit, alert.component);
  const former = current === null && alert.ticket !== null ? await tx.tickets.get(alert.ticket) : null;
  const repaired = current === null && alert.ticket === null ? await repairedBefore(tx, alert) : null;
  const site = (await tx.equipment.get(alert.equipment))?.site ?? '';
  const decided = decideAlert(catalogue, { alert, current, former, repaired, site }, nowMs);
  switch (decided.decision) {
    case 'opened': {
      const { opened, ticket } = await tx.tickets.open(decided.ticket, decided.entry);
      if (!opened) return 'already-member';
      await noteTicketed(tx, alert, ticket, nowMs);
      return 'opened';
    }
    case 'joined':
    case 'raised-severity':
    case 'relapsed': {
      await tx.tickets.step(decided.ticket, decided.entry);
      if (alert.ticket !== decided.ticket.id) await noteTicketed(tx, alert, decided.ticket, nowMs);
      if (decided.decision === 'relapsed') {
        const reason = alert.reason === 'repair-did-not-help' ? 'repair-did-not-help' : 'alert-after-repair';
        await systemStep(tx, decided.ticket, { action: 'reopen', atMs: nowMs, reason }, nowMs);
      }
      return decided.decision;
    }
    case 'joined-quietly':
      if (current) await noteTicketed(tx, alert, current, nowMs);
      return 'joined-quietly';
    case 'member-cleared':
      return current && (await closeOnRecovery(tx, current, nowMs)) ? 'closed' : 'member-cleared';
    default:
      return decided.decision;
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
