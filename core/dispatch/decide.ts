import { type Alert, SEVERITY_RANK, type Severity } from '../alert/alert.ts';
import { type Catalogue, faultOf } from '../fault/catalogue.ts';
import type { StepRequest } from '../ticket/step.ts';
import type { Ticket, TicketEntry } from '../ticket/ticket.ts';
import { ATTENDANT_MS, PROMISES } from './promise.ts';

/** What the desk makes of an alert, by name, so that it can be shown and tested. */
export type Decision =
  | { readonly decision: 'watched' | 'already-member' | 'cleared-before-ticket' }
  | { readonly decision: 'opened'; readonly ticket: Ticket; readonly entry: TicketEntry }
  | { readonly decision: 'joined' | 'raised-severity'; readonly ticket: Ticket; readonly entry: TicketEntry };

const line = (
  ticket: Ticket,
  what: string,
  nowMs: number,
  alert: Alert,
  reason: string,
  from: Ticket['state'] | null = ticket.state,
): TicketEntry => ({
  ticket: ticket.id,
  version: ticket.version,
  atMs: Math.min(alert.updatedAtMs, nowMs),
  heardAtMs: nowMs,
  what,
  actor: 'system',
  from,
  to: ticket.state,
  crew: ticket.crew,
  reason,
  note: alert.id,
});

/** A cause is finer than the component: the fault code, or the rule that fired. */
export const causeOf = (alert: Pick<Alert, 'rule' | 'evidence'>): string => alert.evidence.code ?? alert.rule;

const opened = (
  catalogue: Catalogue,
  alert: Alert,
  severity: Ticket['severity'],
  site: string,
  nowMs: number,
): Ticket => {
  const { code } = alert.evidence;
  const attendantFirst = code !== null && faultOf(catalogue, code).response === 'attendant';
  return {
    // Derived, not drawn: the same alert can never open two tickets.
    id: `T${alert.id}`,
    equipment: alert.equipment,
    unit: alert.unit,
    site,
    component: alert.component,
    cause: causeOf(alert),
    severity,
    state: 'open',
    source: code === null ? 'telemetry' : 'fault',
    openedAtMs: nowMs,
    updatedAtMs: nowMs,
    version: 1,
    alerts: [alert.id],
    crew: null,
    asked: [],
    acknowledgeByMs: null,
    holdUntilMs: attendantFirst ? nowMs + ATTENDANT_MS : null,
    acknowledgedAtMs: null,
    departedAtMs: null,
    arrivedAtMs: null,
    etaAtMs: null,
    dueAtMs: nowMs + PROMISES[severity].arriveMs,
    resolvedAtMs: null,
    closedAtMs: null,
    closeReason: null,
    reporter: null,
    words: null,
  };
};

const worse = (a: Ticket['severity'], b: Severity): Ticket['severity'] =>
  b !== 'watch' && SEVERITY_RANK[b] < SEVERITY_RANK[a] ? b : a;

/**
 * An alert meets the ticket that is open on its (equipment, unit, component), if any.
 * An alert that was already cleared when the desk first saw it opens a ticket all the same when it was a
 * fault: somebody was stopped, and nobody has looked. A cleared measurement needs no visit.
 */
export const decideAlert = (
  catalogue: Catalogue,
  alert: Alert,
  current: Ticket | null,
  site: string,
  nowMs: number,
): Decision => {
  if (alert.severity === 'watch') return { decision: 'watched' };
  if (current === null) {
    if (alert.ticket !== null) return { decision: 'already-member' };
    if (alert.state === 'cleared' && alert.evidence.code === null)
      return { decision: 'cleared-before-ticket' };
    const ticket = opened(catalogue, alert, alert.severity, site, nowMs);
    return { decision: 'opened', ticket, entry: line(ticket, 'opened', nowMs, alert, causeOf(alert), null) };
  }
  const severity = worse(current.severity, alert.severity);
  const isMember = current.alerts.includes(alert.id);
  if (isMember && severity === current.severity) return { decision: 'already-member' };
  if (!isMember && alert.state === 'cleared') return { decision: 'cleared-before-ticket' };
  const attendantGone =
    current.holdUntilMs !== null &&
    !isMember &&
    alert.evidence.code !== null &&
    faultOf(catalogue, alert.evidence.code).response === 'crew';
  const ticket: Ticket = {
    ...current,
    severity,
    alerts: isMember ? current.alerts : [...current.alerts, alert.id],
    dueAtMs: Math.min(current.dueAtMs, nowMs + PROMISES[severity].arriveMs),
    holdUntilMs: attendantGone ? null : current.holdUntilMs,
    version: current.version + 1,
    updatedAtMs: nowMs,
  };
  const decision = isMember ? 'raised-severity' : 'joined';
  const what = isMember ? 'severity-raised' : 'alert-joined';
  return { decision, ticket, entry: line(ticket, what, nowMs, alert, causeOf(alert)) };
};

/** What an ended alert, or a resolved ticket, means for the ticket. A request to step, or null: stays as it is. */
export const decideRecovery = (
  ticket: Ticket,
  alerts: readonly Alert[],
  nowMs: number,
): Pick<StepRequest, 'action' | 'reason' | 'atMs'> | null => {
  const members = alerts.filter((alert) => ticket.alerts.includes(alert.id));
  if (members.length === 0 || members.some((alert) => alert.state === 'active')) return null;
  const lastClearedMs = Math.max(...members.map((alert) => alert.clearedAtMs ?? nowMs));
  const atMs = Math.min(lastClearedMs, nowMs);
  if (ticket.state === 'resolved') return { action: 'close', reason: 'recovery-seen', atMs: nowMs };
  // The attendant cleared it before a crew was asked.
  if (ticket.state === 'open' && ticket.holdUntilMs !== null && ticket.asked.length === 0) {
    return { action: 'close', reason: 'cleared-on-site', atMs };
  }
  return null;
};

/** A new alert on a ticket that was called resolved: the repair did not hold. */
export const isRelapse = (ticket: Ticket, alert: Alert): boolean =>
  ticket.state === 'resolved' &&
  alert.state === 'active' &&
  ticket.resolvedAtMs !== null &&
  alert.raisedAtMs > ticket.resolvedAtMs;
