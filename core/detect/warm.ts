import type { AlertReason, Evidence } from '../alert/alert.ts';
import { type Active, raise, type Scene } from './announce.ts';
import type { SeriesState } from './series.ts';
import { type EquipmentState, MAX_SERIES, noteHold, type unitOf } from './state.ts';

/** What an alert that stands at the end of a history says, to be told when the machine is judged live. */
export interface WarmAlert {
  /** As the series remember it. */
  readonly id: string;
  readonly reason: AlertReason;
  readonly atMs: number;
  readonly evidence: Evidence;
}

/** What a unit's history taught: JSON values, for the log. */
export interface Warmth {
  readonly saved: ReturnType<typeof unitOf>;
  readonly alerts: readonly WarmAlert[];
}

interface Holder {
  readonly active: Active | null;
  readonly put: (active: Active | null) => void;
}

/** Every place where a series remembers an alert that it holds up. */
const holdersOf = (series: SeriesState): readonly Holder[] => {
  const field = <T extends object>(of: T | null | undefined, key: keyof T): Holder[] =>
    of ? [{ active: of[key] as Active | null, put: (active) => Object.assign(of, { [key]: active }) }] : [];
  return [
    ...field(series, 'shift'),
    ...field(series, 'drift'),
    ...field(series.limitHigh, 'active'),
    ...field(series.limitLow, 'active'),
    ...field(series.spread, 'active'),
    ...field(series.run, 'active'),
    ...field(series.rate, 'active'),
    ...field(series.counter, 'active'),
    ...field(series.day, 'active'),
  ];
};

/** Tells anew what stood at the end of the history: under the key of the record that brings it. */
const announce = (scene: Scene, series: SeriesState, alerts: readonly WarmAlert[]): void => {
  for (const { active, put } of holdersOf(series)) {
    if (!active) continue;
    const telling = alerts.find(({ id }) => id === active.id);
    if (!telling) {
      put(null);
      continue;
    }
    const { seen, n } = active;
    put({ ...raise(scene, active, telling), seen, n });
  }
};

/**
 * Takes over what a history taught of a unit (the scene's). A series that has lived through more by now, or holds up an
 * alert of its own, stays as it is.
 */
export const takeWarmth = (scene: Scene, state: EquipmentState, { saved, alerts }: Warmth): void => {
  const metrics = state.units.get(scene.unit) ?? new Map<string, SeriesState>();
  state.units.set(scene.unit, metrics);
  for (const [metric, warm] of saved.series) {
    const own = metrics.get(metric);
    if (own && (own.n >= warm.n || holdersOf(own).some(({ active }) => active))) continue;
    if (!own && state.seriesCount >= MAX_SERIES) continue;
    if (!own) state.seriesCount += 1;
    // Since when a metric is missing is judged by what is heard now.
    const { seen: _, ...series } = structuredClone(warm);
    metrics.set(metric, series);
    announce(scene, series, alerts);
    noteHold(state, scene.unit, metric, series);
  }
};
