import type { Alert, AlertEntry } from '../../../core/alert/alert.ts';
import type { Equipment } from '../../../core/equipment/equipment.ts';
import type { Notice } from '../../../core/notice/notice.ts';
import type { Reading } from '../../../core/telemetry/reading.ts';
import type { Ticket, TicketEntry } from '../../../core/ticket/ticket.ts';
import { type AuditVerdict, verifyAudit } from '../../../store/ledger/verify-audit.ts';
import type { Ledger, Quarantined } from '../../../store/ledger.ts';
import type { Delivery } from '../../../store/notices.ts';
import { everyRow } from '../../../store/rows.ts';
import type { Run } from '../simulate.ts';
import { AUDIENCES } from '../world/furnish.ts';

/** All that the stores hold when a run has ended. */
export interface Found {
  readonly readings: readonly Reading[];
  readonly alerts: readonly (Alert & { readonly timeline: readonly AlertEntry[] })[];
  readonly tickets: readonly (Ticket & { readonly timeline: readonly TicketEntry[] })[];
  readonly equipment: readonly Equipment[];
  readonly quarantined: readonly Quarantined[];
  readonly audit: AuditVerdict;
  readonly deliveries: readonly Delivery[];
  readonly notices: readonly Notice[];
  /** Changes that the desk passed over. */
  readonly skipped: number;
}

const alertsOf = async (ledger: Ledger): Promise<Found['alerts']> => {
  const alerts = await everyRow((page) => ledger.alerts.list(page));
  return Promise.all(
    alerts.map(async (alert) => ({ ...alert, timeline: await ledger.alerts.timeline(alert.id) })),
  );
};

/** Alerts as one ledger holds them, in order of their ids: to be compared with another's. */
export const foundAlerts = async (ledger: Ledger): Promise<Found['alerts']> =>
  [...(await alertsOf(ledger))].sort((a, b) => (a.id < b.id ? -1 : 1));

const readingsOf = async ({ disks, town }: Run): Promise<readonly Reading[]> => {
  const telemetry = disks.telemetry.open();
  const readings: Reading[] = [];
  for (const equipment of town.machines.keys()) {
    let cursor: string | undefined;
    do {
      const page = await telemetry.readings({
        equipment,
        fromMs: 0,
        toMs: Number.MAX_SAFE_INTEGER,
        limit: 5_000,
        ...(cursor === undefined ? {} : { cursor }),
      });
      readings.push(...page.rows);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }
  return readings;
};

export const findAll = async (run: Run): Promise<Found> => {
  const ledger = await run.disks.ledger.open({ clock: () => 0 });
  const tickets = await everyRow((page) => ledger.tickets.list(page));
  const audits = await everyRow((page) => ledger.audit.list(page));
  return {
    readings: await readingsOf(run),
    alerts: await foundAlerts(ledger),
    tickets: await Promise.all(
      tickets
        .toSorted((a, b) => a.openedAtMs - b.openedAtMs)
        .map(async (ticket) => ({ ...ticket, timeline: await ledger.tickets.timeline(ticket.id) })),
    ),
    equipment: await everyRow((page) => ledger.equipment.list(page)),
    quarantined: await everyRow((page) => ledger.readers.quarantined(page)),
    audit: await verifyAudit(ledger),
    deliveries: await everyRow((page) => ledger.outbox.list(page)),
    notices: await everyRow((page) =>
      ledger.notices.list({ ...page, audiences: AUDIENCES, reader: 'check' }),
    ),
    skipped: audits.filter(({ action }) => action === 'desk.skipped').length,
  };
};
