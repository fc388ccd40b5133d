import type { Alert } from '../../core/alert/alert.ts';
import { type Catalogue, type Signal, signalItem, type Words } from '../../core/fault/catalogue.ts';
import type { LatestValue } from '../../core/telemetry/reading.ts';
import type { LatestView } from '../contract/schemas.ts';
import { iso } from './time.ts';

/** How a metric is called on screen; an unknown one by its own name. */
export const metricWords = (
  catalogue: Catalogue,
  metric: string,
): { readonly label: Words; readonly unitOfMeasure: string; readonly component: string } => {
  const signal = catalogue.signals.get(metric);
  return {
    label: signal?.name ?? { en: metric, zh: metric },
    unitOfMeasure: signal?.unit ?? '',
    component: signalItem(catalogue, metric),
  };
};

/** The age is by device time: a stale value sent again is still stale. */
export const latestView = (catalogue: Catalogue, value: LatestValue, nowMs: number): LatestView => ({
  unit: value.unit,
  metric: value.metric,
  ...metricWords(catalogue, value.metric),
  value: value.value,
  at: iso(value.tsMs),
  ageMs: Math.max(0, nowMs - value.tsMs),
});

const TELLING = 3;

/** What is watched most closely comes first; what is only counted or a state tells nothing by its level. */
const rank = (signal: Signal | undefined): number => {
  if (signal === undefined || signal.counter || signal.state) return 9;
  if (signal.drift) return 1;
  if (signal.shift) return 2;
  return signal.limits ? 3 : 4;
};

/**
 * Up to three values of different metrics that tell how a machine is: those that an active alert is
 * about, then those with a rule; of each metric the unit that was heard last.
 */
export const telling = (
  catalogue: Catalogue,
  latest: readonly LatestValue[],
  active: readonly Alert[],
): readonly LatestValue[] => {
  const alerted = new Set(active.map((alert) => `${alert.unit}\n${alert.evidence.metric}`));
  const order = (value: LatestValue): number =>
    alerted.has(`${value.unit}\n${value.metric}`) ? 0 : rank(catalogue.signals.get(value.metric));
  const sorted = latest
    .map((value) => ({ value, order: order(value) }))
    .sort(
      (a, b) =>
        a.order - b.order || b.value.tsMs - a.value.tsMs || a.value.metric.localeCompare(b.value.metric),
    );
  const chosen = new Map<string, LatestValue>();
  for (const { value } of sorted) {
    if (chosen.size === TELLING) break;
    if (!chosen.has(value.metric)) chosen.set(value.metric, value);
  }
  return [...chosen.values()];
};
