import { useMemo } from 'preact/hooks';
import { derivedName } from '../../core/telemetry/derived.ts';
import { bandOf, type NormalBand } from '../plot/normal.ts';
import type { View } from '../plot/view.ts';
import type { SeriesInfoView } from './shapes.ts';
import { useSeries } from './useSeries.ts';

/** It changes by the hour: few points say it all. */
const POINTS = 200;

/** Where normal readings of a series lie, for what is in view; empty until it is learnt and loaded. */
export const useNormalBand = (
  equipment: string,
  { unit, metric }: Pick<SeriesInfoView, 'unit' | 'metric'>,
  view: View,
  nowMs: number,
): NormalBand => {
  const low = useSeries(equipment, unit, derivedName(metric, 'low'), view, nowMs, POINTS);
  const high = useSeries(equipment, unit, derivedName(metric, 'high'), view, nowMs, POINTS);
  return useMemo(() => bandOf(low, high, nowMs), [low, high, nowMs]);
};
