import { type Active, clear, parametersOf, raise, type Scene } from './announce.ts';
import type { Part } from './part.ts';
import { proofOf } from './proof.ts';
import type { SeriesState } from './series.ts';
import { NO_DATA } from './silence.ts';
import type { EquipmentState } from './state.ts';
import { sensorItem } from './stuck.ts';

/** In which readings of its unit a metric was. */
export interface Seen {
  /** The newest of them, by the unit's count of readings, and its time. */
  at: number;
  tsMs: number;
  firstMs: number;
  n: number;
  /** Most readings in a row without it, so far. */
  longest: number;
  active: Active | null;
}

const HOUR_MS = 3_600_000;
/** The unit is looked through so often. */
const EVERY = 16;
/** A metric that was once absent from more readings than this has times at which it is not measured. */
const ALWAYS_THERE = 10;
const ENOUGH = 200;
const KNOWN_MS = 24 * HOUR_MS;
const MISSING = 50;

const evidenceOf = (metric: string, seen: Seen, toMs: number) =>
  proofOf(NO_DATA, { metric, fromMs: seen.tsMs, toMs });

/** The metric was in this reading. */
export const noteSeen = (
  scene: Scene,
  part: Part | undefined,
  metric: string,
  series: SeriesState,
  tsMs: number,
): void => {
  const readings = part?.readings ?? 0;
  series.seen ??= { at: readings, tsMs, firstMs: tsMs, n: 0, longest: 0, active: null };
  const { seen } = series;
  if (seen.active)
    clear(scene, seen.active, {
      reason: 'heard-again',
      atMs: tsMs,
      evidence: evidenceOf(metric, seen, tsMs),
    });
  else seen.longest = Math.max(seen.longest, readings - seen.at);
  seen.active = null;
  seen.at = readings + 1;
  seen.tsMs = tsMs;
  seen.n += 1;
};

const isMissing = (seen: Seen, part: Part, tsMs: number): boolean =>
  part.readings - seen.at >= MISSING &&
  seen.n >= ENOUGH &&
  seen.longest <= ALWAYS_THERE &&
  seen.tsMs - seen.firstMs >= KNOWN_MS &&
  tsMs - seen.tsMs >= HOUR_MS;

/** A machine that has switched itself off says less; that is not a wire that came off. */
const isDown = (scene: Scene, state: EquipmentState): boolean => {
  for (const { active, unit } of state.faults.values())
    if (active && active.severity !== 'S3' && (unit === scene.unit || unit === '')) return true;
  return false;
};

/**
 * A metric that was in nearly every reading of its unit, and is in none for fifty and an hour: `S3` of the sensors
 * where the catalogue judges it, else `watch`.
 */
export const judgeMissing = (scene: Scene, state: EquipmentState, tsMs: number): void => {
  const part = state.parts.get(scene.unit);
  if (!part || part.readings % EVERY !== 0) return;
  const down = isDown(scene, state);
  for (const [metric, { seen }] of state.units.get(scene.unit) ?? []) {
    if (!seen || seen.active) continue;
    if (down) seen.at = part.readings;
    if (!isMissing(seen, part, tsMs) || !parametersOf(scene, metric).noData.on) continue;
    const signal = scene.catalogue.signals.get(metric);
    const severity = signal?.limits || signal?.shift || signal?.drift ? 'S3' : 'watch';
    seen.active = raise(
      scene,
      { rule: `no-data:${metric}`, component: sensorItem(scene, signal?.item ?? 'sensors'), severity },
      { reason: 'part-silent', atMs: tsMs, evidence: evidenceOf(metric, seen, tsMs) },
    );
  }
};

export const endMissing = (scene: Scene, metric: string, { seen }: SeriesState): void => {
  if (!seen?.active) return;
  const evidence = evidenceOf(metric, seen, seen.tsMs);
  clear(scene, seen.active, { reason: 'rule-removed', atMs: seen.tsMs, evidence });
  seen.active = null;
};
