import { alertTone, ticketTone } from '../format/condition.ts';
import { limitText } from '../format/value.ts';
import { type Marks, NO_MARKS } from '../plot/marks.ts';
import { NO_BAND } from '../plot/normal.ts';
import { say, t } from '../words/words.ts';
import type { AlertView, RemainingLifeView, TicketView } from './shapes.ts';

export interface MarkSources {
  readonly alerts: readonly AlertView[];
  readonly tickets: readonly TicketView[];
  readonly life: readonly RemainingLifeView[];
  readonly nowMs: number;
  readonly openTicket: (id: string) => void;
  readonly openAlert: (id: string) => void;
}

export interface SeriesName {
  readonly unit: string;
  readonly metric: string;
  readonly component: string;
  readonly unitOfMeasure: string;
}

/** More flags than this tell nothing; the newest are kept. */
const MAX_FLAGS = 60;

const crossingOf = (
  series: SeriesName,
  alerts: readonly AlertView[],
  life: readonly RemainingLifeView[],
): Marks['crossing'] => {
  const drift = alerts.find(
    (alert) => alert.state === 'active' && alert.evidence.crossing && alert.evidence.seen !== null,
  );
  const crossing = drift?.evidence.crossing;
  if (!drift || !crossing) return null;
  // The remaining life is renewed more often than the evidence.
  const fresh = life.find((one) => one.unit === series.unit && one.metric === series.metric) ?? crossing;
  const fromMs = Date.parse(drift.evidence.window.to);
  return {
    fromMs,
    fromValue: drift.evidence.seen!,
    limit: crossing.limit,
    atMs: Date.parse(fresh.at),
    earliestMs: Date.parse(fresh.earliestAt),
    latestMs: fresh.latestAt === null ? null : Date.parse(fresh.latestAt),
    state: alertTone(drift),
    limitLabel: limitText(crossing.limit, series.unitOfMeasure),
  };
};

/** Everything known that belongs into the plot of one series. */
export const marksOf = (series: SeriesName, sources: MarkSources): Marks => {
  const ofUnit = sources.alerts.filter((alert) => alert.unit === series.unit);
  const own = ofUnit.filter((alert) => alert.evidence.metric === series.metric);
  const faults = ofUnit.filter(
    (alert) => alert.evidence.code !== null && alert.component === series.component,
  );
  const tickets = sources.tickets.filter(
    (ticket) => ticket.unit === series.unit && ticket.component === series.component,
  );
  if (own.length + faults.length + tickets.length === 0) return NO_MARKS;
  const endOf = (alert: AlertView): number =>
    alert.clearedAt === null ? sources.nowMs : Date.parse(alert.clearedAt);
  const flags = [
    ...own.map((alert) => ({
      id: `alert-${alert.id}`,
      atMs: Date.parse(alert.raisedAt),
      kind: 'alert' as const,
      state: alertTone(alert),
      label: `${t('plot.flag.alert')}: ${say(alert.summary)}`,
      open: () => sources.openAlert(alert.id),
    })),
    ...faults.map((alert) => ({
      id: `fault-${alert.id}`,
      atMs: Date.parse(alert.raisedAt),
      kind: 'fault' as const,
      state: alertTone(alert),
      label: `${t('plot.flag.fault')}: ${say(alert.summary)}`,
      open: () => sources.openAlert(alert.id),
    })),
    ...tickets.flatMap((ticket) => [
      {
        id: `ticket-${ticket.id}`,
        atMs: Date.parse(ticket.openedAt),
        kind: 'ticket' as const,
        state: ticketTone(ticket),
        label: `${t('plot.flag.ticket')}: ${say(ticket.summary)}`,
        open: () => sources.openTicket(ticket.id),
      },
      ...(ticket.resolvedAt === null
        ? []
        : [
            {
              id: `repair-${ticket.id}`,
              atMs: Date.parse(ticket.resolvedAt),
              kind: 'repair' as const,
              state: 'normal' as const,
              label: `${t('plot.flag.repair')}${ticket.crewName ? `: ${ticket.crewName}` : ''}`,
              open: () => sources.openTicket(ticket.id),
            },
          ]),
    ]),
  ];
  return {
    expected: own
      .filter((alert) => alert.evidence.expected !== null)
      .map((alert) => ({
        fromMs: Date.parse(alert.evidence.window.from),
        toMs: endOf(alert),
        low: alert.evidence.expected!.low,
        high: alert.evidence.expected!.high,
      })),
    normal: NO_BAND,
    anomalies: own.map((alert) => ({
      fromMs: Date.parse(alert.raisedAt),
      toMs: endOf(alert),
      state: alertTone(alert),
    })),
    crossing: crossingOf(series, own, sources.life),
    flags: flags.toSorted((a, b) => a.atMs - b.atMs).slice(-MAX_FLAGS),
  };
};
