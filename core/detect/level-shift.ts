import type { Severity } from '../alert/alert.ts';
import type { Signal } from '../fault/catalogue.ts';
import type { Parameters } from '../rules/parameters.ts';
import { type Active, clear, raise, type Scene, update } from './announce.ts';
import { endSum, leastAlarm, SENSITIVE, type Side, type Tuning } from './excursion.ts';
import { heldBack } from './expected.ts';
import { hasRatio, isComplete, knowsRhythm } from './normal.ts';
import { unseenRange } from './rhythm.ts';
import {
  evidenceOf,
  excursionOf,
  LEVEL,
  levelAlarmAt,
  levelOf,
  levelSince,
  RECENT,
  type SeriesState,
  signOf,
  sumOf,
} from './series.ts';

const DETECTOR = { name: 'level-shift', version: 2 } as const;
const READINGS_BETWEEN_UPDATES = 16;
/** Wilder deviations than this beyond the slack count no more. */
const BOUND = 2.5;
/** Readings at the new level that a shift needs at least. */
const LEAST_READINGS = LEVEL / 2;

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

/**
 * How sums of this series are tuned: to a shift of `sigmas` scales, or to the catalogue's alarm where that is
 * nearer. Page's rule: half of the shift to be found is taken off each deviation.
 */
export const shiftTuning = (
  signal: Signal | undefined,
  series: SeriesState,
  { sigmas }: Parameters['level'],
): Tuning => {
  const { center, scale } = series.normal;
  let slack = sigmas / 2;
  for (const side of ['high', 'low'] as const) {
    const alarm = alarmLevel(signal, series, side);
    if (alarm !== null) slack = Math.min(slack, Math.abs(alarm - center) / scale / 2);
  }
  slack = Math.max(SENSITIVE.slack, slack);
  return { slack, bound: slack + BOUND };
};

const severityOf = (
  signal: Signal | undefined,
  series: SeriesState,
  side: Side,
  level: number,
  sigmas: number,
  now: Severity | null,
): Severity | null => {
  const sign = signOf(side);
  const { center, scale } = series.normal;
  const alarm = alarmLevel(signal, series, side);
  const held = heldBack(series, series.ts.at(-1) as number);
  const unseen = center + sign * unseenRange(series.rhythm, center);
  // An alarm that stands is lowered only when the level has come back half of the way.
  const needed = alarm === null ? null : now === 'S3' ? center + 0.5 * (alarm - center) : alarm + sign * held;
  if (now === 'S3' && needed !== null && (level - needed) * sign >= 0) return 'S3';
  if (needed !== null && Math.min((level - needed) * sign, (level - unseen) * sign) >= 0) return 'S3';
  if (now !== null) return 'watch';
  // Nobody is sent: there is time to see whether it stays. A drift that was told says so already.
  if (series.drift || sumOf(series, side).n < RECENT) return null;
  const isFar = (level - center) * sign >= sigmas * scale + held;
  return knowsRhythm(series.normal) && isFar ? 'watch' : null;
};

const isBack = (series: SeriesState, side: Side, active: Active): boolean => {
  const { center, scale } = series.normal;
  const level = levelSince(series, active);
  const near = Math.min(scale, 0.5 * Math.abs(active.seen - center));
  return level !== null && (level - center) * signOf(side) <= near;
};

interface Case {
  readonly scene: Scene;
  readonly signal: Signal | undefined;
  readonly metric: string;
  readonly component: string;
  readonly series: SeriesState;
  readonly sigmas: number;
}

const tell = ({ series, metric }: Case, side: Side, level: number) => {
  const excursion = excursionOf(series, side);
  return {
    atMs: series.ts.at(-1) as number,
    // An alert keeps the level as it would be at an average hour; people are told it as it is at this one.
    evidence: evidenceOf(series, DETECTOR, metric, excursion.n > 0 ? excursion : sumOf(series, side), level),
  };
};

const look = (one: Case, side: Side, tuning: Tuning): void => {
  const { scene, signal, metric, component, series, sigmas } = one;
  const sum = sumOf(series, side);
  if (sum.n < LEAST_READINGS || sum.sum <= leastAlarm(tuning) || sum.sum <= levelAlarmAt(series, tuning))
    return;
  const level = levelOf(series);
  const severity = severityOf(signal, series, side, level, sigmas, null);
  if (severity === null) return;
  series.shift = raise(
    scene,
    { rule: `shift:${metric}:${side}`, component, severity },
    { reason: 'level-shifted', ...tell(one, side, level) },
  );
  series.shift.seen = level;
};

const keep = (one: Case, side: Side): void => {
  const { scene, signal, series, sigmas } = one;
  const { shift: active } = series;
  if (!active?.rule.endsWith(`:${side}`)) return;
  active.n += 1;
  const level = levelOf(series);
  const excursion = excursionOf(series, side);
  const sum = sumOf(series, side);
  if (isBack(series, side, active)) {
    clear(scene, active, { reason: 'level-normal', ...tell(one, side, level) });
    // It went by itself: nature, not damage. From now on more is needed.
    if (active.severity === 'watch' || !isComplete(series.normal)) {
      series.levelPeak = Math.max(series.levelPeak, sum.top);
      series.peak = Math.max(series.peak, excursion.top);
    }
    series.shift = null;
    endSum(sum);
    return;
  }
  const severity = severityOf(signal, series, side, level, sigmas, active.severity) as Severity;
  const moved = Math.abs(level - active.seen) >= 0.5 * Math.abs(active.seen - series.normal.center);
  const due = moved && active.n >= READINGS_BETWEEN_UPDATES;
  const changed = severity !== active.severity && active.n >= (severity === 'S3' ? LEVEL / 2 : RECENT);
  if (!due && !changed) return;
  update(scene, active, severity, { reason: 'level-shifted', ...tell(one, side, level) });
  active.seen = level;
};

/** The signal's level is not to be judged any more. */
export const endShift = (scene: Scene, metric: string, series: SeriesState): void => {
  if (!series.shift) return;
  const evidence = evidenceOf(series, DETECTOR, metric, null, levelOf(series));
  clear(scene, series.shift, { reason: 'rule-removed', atMs: series.ts.at(-1) as number, evidence });
  series.shift = null;
};

/**
 * The level has left what is expected at this hour, in this state of the machine: `S3` where it is persistently
 * beyond the catalogue's alarm ratio, `watch` where it is beyond `sigmas` of its own scale. One alert per series.
 */
export const judgeShift = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  component: string,
  series: SeriesState,
  { sigmas }: Parameters['level'],
  tuning: Tuning,
): void => {
  const one: Case = { scene, signal, metric, component, series, sigmas };
  for (const side of ['high', 'low'] as const) {
    if (series.shift) keep(one, side);
    else look(one, side, tuning);
  }
};
