import type { Tier } from '../machine.ts';
import type { Metric } from './part/metric.ts';
import type { Values } from './part/part.ts';

/** What current clamps, the supply meter and the controller's own timers give. */
const CLAMPED: readonly Metric[] = [
  'hoistCurrentA',
  'hoistInrushA',
  'traverseCurrentA',
  'turntableCurrentA',
  'supplyVoltageV',
  'supplyImbalancePct',
  'cycleTimeS',
  'turntableTimeS',
  'doorCloseS',
  'cycleCount',
  'occupancy',
  'inMotion',
];

/** What is left of the values in this tier; null where nothing is. */
export const asSeenBy = (tier: Tier, values: Values): Readonly<Record<string, number>> | null => {
  if (tier === 3) return values as Readonly<Record<string, number>>;
  if (tier === 1) return null;
  const seen: Values = {};
  let isEmpty = true;
  for (const metric of CLAMPED) {
    const value = values[metric];
    if (value === undefined) continue;
    seen[metric] = value;
    isEmpty = false;
  }
  return isEmpty ? null : (seen as Readonly<Record<string, number>>);
};
