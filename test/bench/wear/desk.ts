import { alertAfter } from '../../../core/alert/after.ts';
import type { Alert, AlertEvent } from '../../../core/alert/alert.ts';
import { decideAlert, decideRecovery } from '../../../core/dispatch/decide.ts';
import type { Catalogue } from '../../../core/fault/catalogue.ts';
import type { Ticket } from '../../../core/ticket/ticket.ts';

/** A ticket that a crew was sent for: one that an attendant cleared in time is none. */
export interface Visit {
  readonly unit: string;
  readonly component: string;
  readonly cause: string;
  readonly atMs: number;
}

/** The desk's own decisions over one machine's alerts, without a ledger. */
export interface Desk {
  /** Visits that these events cause now. */
  hear(events: readonly AlertEvent[], nowMs: number): readonly Visit[];
  /** Visits whose time to be cleared on site has run out. */
  pass(nowMs: number): readonly Visit[];
  /** A crew was there: the ticket is closed by hand. */
  visited(visit: Visit): void;
}

const keyOf = ({ unit, component }: { readonly unit: string; readonly component: string }): string =>
  `${unit}|${component}`;
const visitOf = ({ unit, component, cause }: Ticket, atMs: number): Visit => ({
  unit,
  component,
  cause,
  atMs,
});

export const createDesk = (catalogue: Catalogue): Desk => {
  const alerts = new Map<string, Alert>();
  const open = new Map<string, Ticket>();
  const closed = new Map<string, Ticket>();
  const isSent = new Set<string>();

  const settle = (ticket: Ticket, nowMs: number): readonly Visit[] => {
    const waits = ticket.holdUntilMs !== null && ticket.holdUntilMs > nowMs;
    if (waits || isSent.has(ticket.id)) return [];
    isSent.add(ticket.id);
    return [visitOf(ticket, nowMs)];
  };

  const recover = (key: string, ticket: Ticket, nowMs: number): void => {
    const members = [...alerts.values()].filter((alert) => alert.ticket === ticket.id);
    if (members.some(({ state }) => state === 'active')) return;
    if (decideRecovery(ticket, members, nowMs)) open.delete(key);
  };

  const follow = (event: AlertEvent, nowMs: number): readonly Visit[] => {
    const alert = alertAfter(alerts.get(event.alert), event);
    alerts.set(alert.id, alert);
    const key = keyOf(alert);
    const current = open.get(key) ?? null;
    const former = current === null && alert.ticket !== null ? (closed.get(alert.ticket) ?? null) : null;
    const decided = decideAlert(catalogue, { alert, current, former, site: 'site' }, nowMs);
    if ('ticket' in decided) {
      open.set(key, decided.ticket);
      alerts.set(alert.id, { ...alert, ticket: decided.ticket.id });
      return settle(decided.ticket, nowMs);
    }
    if (decided.decision === 'member-cleared' && current) recover(key, current, nowMs);
    return [];
  };

  return {
    hear: (events, nowMs) => events.flatMap((event) => follow(event, nowMs)),
    pass: (nowMs) =>
      [...open.values()]
        .filter(({ holdUntilMs }) => holdUntilMs !== null)
        .flatMap((ticket) => settle(ticket, nowMs)),
    visited: (visit) => {
      const key = keyOf(visit);
      const ticket = open.get(key);
      if (!ticket) return;
      open.delete(key);
      closed.set(ticket.id, { ...ticket, state: 'closed', closedAtMs: visit.atMs });
    },
  };
};
