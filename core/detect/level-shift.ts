import type { Severity } from '../alert/alert.ts';
import type { Signal } from '../fault/catalogue.ts';
import { clear, raise, type Scene, update } from './announce.ts';
import { end, type Side } from './excursion.ts';
import { hasRatio, isComplete, knowsRhythm } from './normal.ts';
import {
  alarmAt,
  evidenceOf,
  excursionOf,
  isSudden,
  LEVEL,
  levelOf,
  RECENT,
  type SeriesState,
  signOf,
} from './series.ts';

const DETECTOR = { name: 'level-shift', version: 1 } as const;
/** A shift of fewer scales than this is nothing that a person should look at. */
const WORTH_WATCHING = 2;
const READINGS_BETWEEN_UPDATES = 16;

/** How far beyond normal the catalogue's alarm stands on this side, or null where it names none. */
const alarmLevel = (signal: Signal | undefined, series: SeriesState, side: Side): number | null => {
  const shift = signal?.shift;
  if (!shift || !hasRatio(series.normal)) return null;
  if (shift.side !== 'both' && shift.side !== side) return null;
  const { center } = series.normal;
  // A rule for both sides gives the upper ratio; the lower is its mirror (1.25 and 0.75).
  const ratio = shift.side === 'both' && side === 'low' ? 2 - shift.ratio : shift.ratio;
  return center + (ratio - 1) * center;
};

const severityOf = (
  signal: Signal | undefined,
  series: SeriesState,
  side: Side,
  level: number,
  now: Severity | null,
): Severity | null => {
  const sign = signOf(side);
  const { center, scale } = series.normal;
  const alarm = alarmLevel(signal, series, side);
  // An alarm that stands is lowered only when the level has come back half of the way.
  const needed = alarm === null ? null : now === 'S3' ? center + 0.5 * (alarm - center) : alarm;
  if (needed !== null && (level - needed) * sign >= 0) return 'S3';
  if (now !== null) return 'watch';
  return knowsRhythm(series.normal) && (level - center) * sign >= WORTH_WATCHING * scale ? 'watch' : null;
};

const isBack = (series: SeriesState, side: Side, seen: number): boolean => {
  const { center, scale } = series.normal;
  const off = (levelOf(series, RECENT) - center) * signOf(side);
  return off <= Math.min(scale, 0.5 * Math.abs(seen - center));
};

const judgeSide = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  component: string,
  series: SeriesState,
  side: Side,
): void => {
  const excursion = excursionOf(series, side);
  const atMs = series.ts.at(-1) as number;
  const level = levelOf(series);
  const evidence = () => evidenceOf(series, DETECTOR, metric, excursion, level);
  const active = series.shift;
  if (!active) {
    if (excursion.n < LEVEL || excursion.sum <= alarmAt(series)) return;
    if (!isSudden(series, excursion, atMs)) return;
    const severity = severityOf(signal, series, side, level, null);
    if (severity === null) return;
    const rule = `shift:${metric}:${side}`;
    series.shift = raise(
      scene,
      { rule, component, severity },
      { reason: 'level-shifted', atMs, evidence: evidence() },
    );
    return;
  }
  if (!active.rule.endsWith(side)) return;
  active.n += 1;
  if (isBack(series, side, active.seen)) {
    clear(scene, active, { reason: 'level-normal', atMs, evidence: evidence() });
    // It went by itself: nature, not damage. From now on more is needed.
    const isNature = active.severity === 'watch' || !isComplete(series.normal);
    if (isNature) series.peak = Math.max(series.peak, excursion.top);
    series.shift = null;
    end(excursion);
    return;
  }
  const severity = severityOf(signal, series, side, level, active.severity) as Severity;
  const moved = Math.abs(level - active.seen) >= 0.5 * Math.abs(active.seen - series.normal.center);
  const due = moved && active.n >= READINGS_BETWEEN_UPDATES;
  const changed = severity !== active.severity && active.n >= (severity === 'S3' ? LEVEL / 2 : RECENT);
  if (due || changed)
    update(scene, active, severity, { reason: 'level-shifted', atMs, evidence: evidence() });
};

/** The signal's level is not to be judged any more. */
export const endShift = (scene: Scene, metric: string, series: SeriesState): void => {
  if (!series.shift) return;
  const evidence = evidenceOf(series, DETECTOR, metric, null, levelOf(series));
  clear(scene, series.shift, { reason: 'rule-removed', atMs: series.ts.at(-1) as number, evidence });
  series.shift = null;
};

/**
 * The level has left the series' own normal: `S3` where it is persistently beyond the catalogue's alarm
 * ratio, `watch` where only the statistics say so. One alert per series and side.
 */
export const judgeShift = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  component: string,
  series: SeriesState,
): void => {
  judgeSide(scene, signal, metric, component, series, 'high');
  judgeSide(scene, signal, metric, component, series, 'low');
};
