import { useMemo, useState } from 'preact/hooks';
import type { AlertView, EquipmentView, TicketView } from '../../api/contract/schemas.ts';
import { catalogue } from '../client/catalogue.ts';
import { now } from '../clock/now.ts';
import { marksOf } from '../equipment/marks.ts';
import { useSeries } from '../equipment/useSeries.ts';
import { MINUTE_MS } from '../format/time.ts';
import { fleet, zoneOf } from '../live/fleet.ts';
import { Plot } from '../plot/Plot.tsx';
import { spanOf, type View } from '../plot/view.ts';
import { go } from '../router.ts';
import { language, say } from '../words/words.ts';

type Evidence = NonNullable<TicketView['evidence']>;

/** Less tells nothing about what was before. */
const SHORTEST_MS = 3 * MINUTE_MS;

/** From before the trouble began to now, and on to the limit where that is near. */
export const evidenceView = (evidence: Evidence, openedMs: number, nowMs: number): View => {
  const [fromMs, toMs] = [Date.parse(evidence.window.from), Date.parse(evidence.window.to)];
  const end = Math.max(toMs, Math.min(nowMs, openedMs + 4 * (openedMs - fromMs) + SHORTEST_MS));
  const span = Math.max(SHORTEST_MS, end - fromMs);
  const crossingMs = evidence.crossing ? Date.parse(evidence.crossing.latestAt ?? evidence.crossing.at) : 0;
  const ahead = crossingMs > end && crossingMs - end <= span ? (crossingMs - end) * 1.08 : span * 0.06;
  return { fromMs: Math.round(end - span * 1.3), toMs: Math.round(end + ahead) };
};

/** The evidence's own readings: what there is to show while the service can't be reached. */
const sampleOf = (evidence: Evidence) =>
  evidence.sample === null
    ? null
    : {
        ts: evidence.sample.ts,
        min: evidence.sample.value,
        max: evidence.sample.value,
        mean: evidence.sample.value,
      };

interface AlertPlotProps {
  readonly alert: AlertView;
  readonly tickets: readonly TicketView[];
  readonly site: string;
  readonly fromMs: number;
  readonly syncKey: string;
}

const openTicket = (id: string): void => go(`/tickets/${encodeURIComponent(id)}`);
const openAlert = (id: string): void => go(`/alerts/${encodeURIComponent(id)}`);

/** What was found, drawn: the same plot as on the machine's page. */
export const AlertPlot = ({ alert, tickets, site, fromMs, syncKey }: AlertPlotProps) => {
  const { evidence, equipment, unit, component } = alert;
  const metric = evidence.metric ?? '';
  const signal = catalogue.value?.signals.find((one) => one.metric === metric);
  // It moves by pixels, not by every tick of the clock.
  const stepMs = Math.max(1_000, spanOf(evidenceView(evidence, fromMs, fromMs)) / 400);
  const nowMs = Math.floor(now.value / stepMs) * stepMs;
  const start = useMemo(() => evidenceView(evidence, fromMs, nowMs), [evidence, fromMs, nowMs]);
  const [held, setHeld] = useState<View | null>(null);
  const view = held ?? start;
  const loaded = useSeries(equipment, unit, metric, view, nowMs);
  const sample = useMemo(() => sampleOf(evidence), [evidence]);
  const series = loaded && loaded.ts.length > 0 ? loaded : (sample ?? loaded);
  const machine: EquipmentView | undefined = fleet.value.get(equipment);
  const spoken = language.value;
  // Labels follow the language.
  const marks = useMemo(() => {
    const made = marksOf(
      { unit, metric, component, unitOfMeasure: signal?.unit ?? '' },
      { alerts: [alert], tickets, life: machine?.remainingLife ?? [], nowMs, openTicket, openAlert },
    );
    // One flag for one beginning: the ticket's, where there is one.
    return tickets.length === 0
      ? made
      : { ...made, flags: made.flags.filter((flag) => flag.kind !== 'alert') };
  }, [alert, tickets, machine, signal, nowMs, spoken]);
  return (
    <Plot
      metric={metric}
      name={signal ? say(signal.name) : metric}
      unit={unit}
      unitOfMeasure={signal?.unit ?? ''}
      series={series}
      view={view}
      marks={marks}
      nowMs={nowMs}
      zone={zoneOf(site)}
      syncKey={syncKey}
      stale={machine !== undefined && machine.online !== 'online'}
      tall
      onView={setHeld}
      onReset={() => setHeld(null)}
    />
  );
};

/** Why a ticket was opened, drawn. */
export const EvidencePlot = ({
  ticket,
}: {
  readonly ticket: TicketView & { readonly evidence: Evidence };
}) => {
  const { evidence, equipment, unit, component, severity, summary } = ticket;
  const endedAt = ticket.resolvedAt ?? ticket.closedAt;
  const alert = useMemo(
    (): AlertView => ({
      ...{ equipment, unit, component, severity, summary, evidence },
      id: ticket.alerts[0] ?? ticket.id,
      rule: ticket.cause,
      state: endedAt === null ? 'active' : 'cleared',
      raisedAt: ticket.openedAt,
      updatedAt: ticket.updatedAt,
      clearedAt: endedAt,
      acknowledgedAt: null,
      acknowledgedBy: null,
      ticket: ticket.id,
    }),
    [ticket],
  );
  const tickets = useMemo(() => [ticket], [ticket]);
  return (
    <AlertPlot
      alert={alert}
      tickets={tickets}
      site={ticket.site}
      fromMs={Date.parse(ticket.openedAt)}
      syncKey={`ticket-${ticket.id}`}
    />
  );
};
