import type { Alert, AlertReason } from '../alert/alert.ts';
import { type Catalogue, faultOf } from '../fault/catalogue.ts';
import { hastened, worse } from '../ticket/hasten.ts';
import { newTicket } from '../ticket/open.ts';
import type { StepRequest } from '../ticket/step.ts';
import type { Ticket, TicketEntry } from '../ticket/ticket.ts';
import { ATTENDANT_MS } from './promise.ts';

/** What the desk makes of an alert, by name, so that it can be shown and tested. */
export type Decision =
  | {
      readonly decision:
        | 'watched'
        | 'already-member'
        | 'member-cleared'
        | 'cleared-before-ticket'
        | 'past-and-over'
        | 'seen-before-repair'
        | 'joined-quietly';
    }
  | {
      readonly decision: 'opened' | 'joined' | 'raised-severity' | 'relapsed';
      readonly ticket: Ticket;
      readonly entry: TicketEntry;
    };

/** A fault that was over for longer than this when the desk first saw it belongs to the past that is being told. */
const PAST_MS = 60 * 60_000;
/** What was measured before the repair may raise an alert this long after it: readings wait for older ones. */
export const IN_FLIGHT_MS = 30_000;
/** A ticket lists so many alerts; further ones of its item belong to it without a line each. */
const MAX_MEMBERS = 100;
/** An alert that ended so says nothing about the machine being well. */
const NOT_RECOVERY: ReadonlySet<AlertReason> = new Set([
  'drift-stopped',
  'rule-removed',
  'gave-way-to-worse',
  'active-again-after-repair',
]);
const SEEN_RECOVERY: ReadonlySet<AlertReason> = new Set(['recovered-after-repair', 'quiet-after-repair']);

/** The newest alert of each rule: how an older one ended says nothing about now. */
const newestOfRules = (alerts: readonly Alert[]): readonly Alert[] => {
  const newest = new Map<string, Alert>();
  for (const alert of alerts) {
    const known = newest.get(alert.rule);
    if (!known || alert.raisedHeardAtMs > known.raisedHeardAtMs) newest.set(alert.rule, alert);
  }
  return [...newest.values()];
};

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

/** The controller's own word. A code that comes too often is a measurement: one more visit of the attendant won't do. */
const isFault = ({ evidence }: Pick<Alert, 'evidence'>): boolean =>
  evidence.code !== null && evidence.detector.name !== 'code-rate';

const isAttendantFirst = (catalogue: Catalogue, alert: Alert): boolean =>
  isFault(alert) && faultOf(catalogue, alert.evidence.code ?? '').response === 'attendant';

const opened = (
  catalogue: Catalogue,
  alert: Alert,
  severity: Ticket['severity'],
  site: string,
  nowMs: number,
  again: string,
): Ticket => {
  return newTicket(
    {
      // Derived, not drawn: the same alert can never open two tickets.
      id: `T${alert.id}${again}`,
      equipment: alert.equipment,
      unit: alert.unit,
      site,
      component: alert.component,
      cause: causeOf(alert),
      severity,
      source: isFault(alert) ? 'fault' : 'telemetry',
      alerts: [alert.id],
      holdUntilMs: isAttendantFirst(catalogue, alert) ? nowMs + ATTENDANT_MS : null,
    },
    nowMs,
  );
};

/** The desk's view of one alert: the ticket that is open on its item, and the ticket that it had before. */
export interface Meeting {
  readonly alert: Alert;
  readonly current: Ticket | null;
  readonly former: Ticket | null;
  /** The newest ticket of its item that was closed on seen recovery; null where the alert has, or had, one of its own. */
  readonly repaired?: Ticket | null;
  readonly site: string;
}

/**
 * The repair was said, and its recovery seen, before the desk came to this alert, which was raised on what was measured
 * before. The engine watches the item now: where the repair did not help it says so, and that counts.
 */
const isSeenBeforeRepair = ({ alert, repaired }: Meeting): boolean =>
  alert.evidence.metric !== null &&
  alert.reason !== 'repair-did-not-help' &&
  alert.updatedAtMs === alert.raisedAtMs &&
  typeof repaired?.resolvedAtMs === 'number' &&
  alert.raisedHeardAtMs <= repaired.resolvedAtMs + IN_FLIGHT_MS;

const withoutTicket = (catalogue: Catalogue, meeting: Meeting, nowMs: number): Decision => {
  const { alert, former, site } = meeting;
  if (alert.severity === 'watch') return { decision: 'watched' };
  if (alert.state === 'cleared') {
    // A fault stopped somebody, and nobody has looked; a measurement that is well again needs no visit.
    if (alert.ticket !== null || !isFault(alert)) return { decision: 'cleared-before-ticket' };
    if (nowMs - (alert.clearedAtMs ?? nowMs) > PAST_MS) return { decision: 'past-and-over' };
  }
  if (isSeenBeforeRepair(meeting)) return { decision: 'seen-before-repair' };
  // Its ticket was closed by hand: only a worse state opens another one.
  if (former && worse(former.severity, alert.severity) === former.severity)
    return { decision: 'already-member' };
  const again = former ? `-${alert.severity}` : '';
  const ticket = opened(catalogue, alert, alert.severity, site, nowMs, again);
  return { decision: 'opened', ticket, entry: line(ticket, 'opened', nowMs, alert, causeOf(alert), null) };
};

/** The repair did not hold: the engine says so, it got worse, or something new was heard after the work was done. */
const isRelapse = (ticket: Ticket, alert: Alert, isMember: boolean, isWorse: boolean): boolean => {
  if (ticket.state !== 'resolved' || ticket.resolvedAtMs === null) return false;
  if (alert.reason === 'repair-did-not-help' || (isMember && isWorse)) return true;
  const allowanceMs = isFault(alert) ? 0 : IN_FLIGHT_MS;
  return !isMember && alert.raisedHeardAtMs > ticket.resolvedAtMs + allowanceMs;
};

const withAlert = (
  catalogue: Catalogue,
  ticket: Ticket,
  alert: Alert,
  isMember: boolean,
  nowMs: number,
): Ticket => {
  const severity = worse(ticket.severity, alert.severity);
  const isWorse = severity !== ticket.severity;
  const crewIsNeeded = !isAttendantFirst(catalogue, alert) && (isWorse || !isMember);
  return {
    ...ticket,
    ...hastened(ticket, severity, nowMs),
    alerts: isMember ? ticket.alerts : [...ticket.alerts, alert.id],
    // Neither the attendant's time nor a pause between rounds holds up what became worse.
    holdUntilMs: ticket.state === 'open' && crewIsNeeded ? null : ticket.holdUntilMs,
    version: ticket.version + 1,
    updatedAtMs: nowMs,
  };
};

/** An alert meets the ticket that is open on its (equipment, unit, component), if any. */
export const decideAlert = (catalogue: Catalogue, meeting: Meeting, nowMs: number): Decision => {
  const { alert, current } = meeting;
  if (current === null) return withoutTicket(catalogue, meeting, nowMs);
  const isMember = alert.ticket === current.id;
  if (alert.state === 'cleared') return { decision: isMember ? 'member-cleared' : 'cleared-before-ticket' };
  if (alert.severity === 'watch') return { decision: 'watched' };
  const isWorse = worse(current.severity, alert.severity) !== current.severity;
  const relapsed = isRelapse(current, alert, isMember, isWorse);
  if (isMember && !isWorse && !relapsed) return { decision: 'already-member' };
  if (!isMember && !isWorse && !relapsed && current.alerts.length >= MAX_MEMBERS)
    return { decision: 'joined-quietly' };
  const ticket = withAlert(catalogue, current, alert, isMember, nowMs);
  const what = isMember ? (isWorse ? 'severity-raised' : 'repair-did-not-help') : 'alert-joined';
  const decision = relapsed ? 'relapsed' : isMember ? 'raised-severity' : 'joined';
  return { decision, ticket, entry: line(ticket, what, nowMs, alert, causeOf(alert)) };
};

/** Nobody has set out yet, and all that was wrong was that nothing was heard: it is heard again. */
const isBackByItself = (ticket: Ticket, ended: readonly Alert[]): boolean =>
  ticket.source === 'telemetry' &&
  (ticket.state === 'open' || ticket.state === 'dispatched') &&
  ended.every(({ rule, reason }) => rule.startsWith('no-data:') && reason === 'heard-again');

/**
 * What it means for the ticket that all its alerts have ended: closed on seen recovery, closed because the
 * attendant cleared it, or null: it stays as it is. `ended` are its alerts, none of them active.
 */
export const decideRecovery = (
  ticket: Ticket,
  ended: readonly Alert[],
  nowMs: number,
): Pick<StepRequest, 'action' | 'reason' | 'atMs'> | null => {
  if (ended.length === 0) return null;
  if (ticket.state === 'resolved') {
    const newest = newestOfRules(ended);
    const isSeen =
      newest.some((alert) => SEEN_RECOVERY.has(alert.reason)) ||
      newest.every((alert) => !NOT_RECOVERY.has(alert.reason));
    return isSeen ? { action: 'close', reason: 'recovery-seen', atMs: nowMs } : null;
  }
  if (isBackByItself(ticket, ended)) return { action: 'close', reason: 'heard-again', atMs: nowMs };
  if (ticket.state === 'open' && ticket.holdUntilMs !== null && ticket.asked.length === 0) {
    const lastClearedMs = Math.max(...ended.map((alert) => alert.clearedAtMs ?? nowMs));
    return { action: 'close', reason: 'cleared-on-site', atMs: Math.min(lastClearedMs, nowMs) };
  }
  return null;
};
