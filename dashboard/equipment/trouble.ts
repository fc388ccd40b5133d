import { alertTone, type Tone } from '../format/condition.ts';
import { byUnit } from '../format/value.ts';
import type { AlertView, SeriesInfoView, TicketView } from './shapes.ts';

const RANK: Readonly<Record<string, number>> = { down: 0, due: 1, watch: 2 };

/** Units of a machine and how bad each is, in their natural order. */
export const unitsOf = (
  series: readonly SeriesInfoView[],
  alerts: readonly AlertView[],
  tickets: readonly TicketView[],
): readonly { readonly unit: string; readonly tone: Tone }[] => {
  const active = alerts.filter((alert) => alert.state === 'active');
  const names = new Set([
    ...series.map((one) => one.unit),
    ...active.map((alert) => alert.unit),
    ...tickets.map((ticket) => ticket.unit),
  ]);
  return [...names].sort(byUnit).map((unit) => {
    const worst = active
      .filter((alert) => alert.unit === unit)
      .map(alertTone)
      .sort((a, b) => RANK[a]! - RANK[b]!)[0];
    return { unit, tone: worst ?? 'normal' };
  });
};

/** The unit that a page begins with: the one with the worst trouble, else with an open ticket, else the first. */
export const firstUnit = (
  units: readonly { readonly unit: string; readonly tone: Tone }[],
  openTickets: readonly TicketView[],
): string => {
  const worst = units
    .filter(({ tone }) => tone !== 'normal')
    .toSorted((a, b) => (RANK[a.tone] ?? 9) - (RANK[b.tone] ?? 9))[0];
  return worst?.unit ?? openTickets[0]?.unit ?? units.find(({ unit }) => unit !== '')?.unit ?? '';
};

/** Plots of a unit: those with trouble first, counters and states apart. */
export const orderSeries = (
  series: readonly SeriesInfoView[],
  alerts: readonly AlertView[],
  quiet: (metric: string) => boolean,
): { readonly plots: readonly SeriesInfoView[]; readonly aside: readonly SeriesInfoView[] } => {
  const rank = (one: SeriesInfoView): number => {
    const tones = alerts
      .filter(
        (alert) =>
          alert.state === 'active' && alert.unit === one.unit && alert.evidence.metric === one.metric,
      )
      .map((alert) => RANK[alertTone(alert)]!);
    return Math.min(9, ...tones);
  };
  const isAside = (one: SeriesInfoView): boolean => rank(one) === 9 && quiet(one.metric);
  return {
    plots: series
      .filter((one) => !isAside(one))
      .toSorted(
        (a, b) =>
          rank(a) - rank(b) || a.component.localeCompare(b.component) || a.metric.localeCompare(b.metric),
      ),
    aside: series.filter(isAside).toSorted((a, b) => a.metric.localeCompare(b.metric)),
  };
};
