import { type Alert, SEVERITY_RANK } from '../../core/alert/alert.ts';
import { alertWords, bringWords, reportWords } from '../../core/alert/words.ts';
import type { Crew } from '../../core/crew/crew.ts';
import type { Equipment, Site } from '../../core/equipment/equipment.ts';
import type { Catalogue } from '../../core/fault/catalogue.ts';
import type { Ticket, TicketEntry } from '../../core/ticket/ticket.ts';
import type { TicketDetailView, TicketEntryView, TicketView } from '../contract/schemas.ts';
import { evidenceView } from './evidence.ts';
import { iso, isoOrNull } from './time.ts';

/** What a ticket names, gathered by the caller; null where it is gone. */
export interface Named {
  readonly equipment: Equipment | null;
  readonly site: Site | null;
  readonly crew: Crew | null;
  /** Some or all of its alerts; the leading one speaks for the ticket. */
  readonly alerts: readonly Alert[];
}

/** The alert that speaks for a ticket: active before cleared, the most severe, then the newest. */
export const leadingAlert = (alerts: readonly Alert[]): Alert | null => {
  const order = (a: Alert, b: Alert): number =>
    Number(a.state !== 'active') - Number(b.state !== 'active') ||
    SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
    b.updatedAtMs - a.updatedAtMs;
  return [...alerts].sort(order)[0] ?? null;
};

const times = (ticket: Ticket) => ({
  openedAt: iso(ticket.openedAtMs),
  updatedAt: iso(ticket.updatedAtMs),
  acknowledgeBy: isoOrNull(ticket.acknowledgeByMs),
  heldUntil: isoOrNull(ticket.holdUntilMs),
  acknowledgedAt: isoOrNull(ticket.acknowledgedAtMs),
  departedAt: isoOrNull(ticket.departedAtMs),
  arrivedAt: isoOrNull(ticket.arrivedAtMs),
  etaAt: isoOrNull(ticket.etaAtMs),
  dueAt: iso(ticket.dueAtMs),
  resolvedAt: isoOrNull(ticket.resolvedAtMs),
  closedAt: isoOrNull(ticket.closedAtMs),
});

export const ticketView = (catalogue: Catalogue, ticket: Ticket, named: Named): TicketView => {
  const leading = leadingAlert(named.alerts);
  const { id, equipment, unit, site, component, cause, severity, state, source, version, crew } = ticket;
  return {
    ...{ id, equipment, unit, site, component, cause, severity, state, source, version, crew },
    ...times(ticket),
    equipmentName: named.equipment?.name ?? equipment,
    siteName: named.site?.name ?? site,
    position: named.site?.position ? { ...named.site.position } : null,
    componentName: catalogue.items.get(component)?.name ?? { en: component, zh: component },
    alerts: [...ticket.alerts],
    crewName: named.crew?.name ?? null,
    closeReason: ticket.closeReason,
    reporter: ticket.reporter,
    words: ticket.words,
    summary: leading ? alertWords(catalogue, leading) : reportWords(catalogue, ticket),
    bring: bringWords(catalogue, cause, component),
    evidence: leading && evidenceView(leading.evidence),
  };
};

const entryView = (entry: TicketEntry): TicketEntryView => ({
  version: entry.version,
  at: iso(entry.atMs),
  heardAt: iso(entry.heardAtMs),
  what: entry.what,
  actor: entry.actor,
  from: entry.from,
  to: entry.to,
  crew: entry.crew,
  reason: entry.reason,
  note: entry.note,
});

export const ticketDetailView = (
  catalogue: Catalogue,
  ticket: Ticket,
  named: Named,
  timeline: readonly TicketEntry[],
): TicketDetailView => ({ ...ticketView(catalogue, ticket, named), timeline: timeline.map(entryView) });
