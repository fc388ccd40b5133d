import { METRIC_NAME } from './limits.ts';

/**
 * Series that the service works out itself, beside the measured one: `hoistCurrentA.low`. No metric of a machine has a
 * dot, so the two never mix.
 *
 * `low`, `high`: where normal readings lie at that hour, in the metric's unit. `score`: 0 normal, 0.5 an alert, to 1.
 * `lifeHours`, with its 80 % interval: hours until a drift meets its limit, while there is one.
 */
export const DERIVED_PARTS = [
  'low',
  'high',
  'score',
  'lifeHours',
  'lifeHoursEarliest',
  'lifeHoursLatest',
] as const;

export type DerivedPart = (typeof DERIVED_PARTS)[number];

const METRIC = METRIC_NAME.source.slice(1, -1);
const PART = `\\.(?:${DERIVED_PARTS.join('|')})`;

export const DERIVED_NAME = new RegExp(`^${METRIC}${PART}$`);
/** What a machine measures, or what is worked out beside it. */
export const SERIES_NAME = new RegExp(`^${METRIC}(?:${PART})?$`);

export const derivedName = (metric: string, part: DerivedPart): string => `${metric}.${part}`;

export const isDerived = (metric: string): boolean => metric.includes('.');

/** A reading holds measured or derived values, never both. */
export const holdsDerived = ({ values }: { readonly values: Readonly<Record<string, number>> }): boolean => {
  for (const metric in values) return isDerived(metric);
  return false;
};
