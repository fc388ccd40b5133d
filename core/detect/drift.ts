import type { Crossing, Evidence, Severity } from '../alert/alert.ts';
import type { Signal } from '../fault/catalogue.ts';
import { type Active, clear, parametersOf, raise, type Scene, update } from './announce.ts';
import type { Excursion, Side } from './excursion.ts';
import { hasRatio, isComplete, type Normal } from './normal.ts';
import { type Trend, trendOf } from './robust.ts';
import {
  alarmAt,
  evidenceOf,
  excursionOf,
  isSudden,
  LEVEL,
  levelOf,
  TREND_POINTS as POINTS,
  RECENT,
  type SeriesState,
  signOf,
} from './series.ts';

const DETECTOR = { name: 'drift', version: 1 } as const;
const DAY_MS = 86_400_000;
/** A crossing nearer than this is service as good as lost. */
const SOON_MS = DAY_MS;
/** One chance in two hundred of seeing such a trend in noise; the excursion has to be there as well. */
const SIGNIFICANT = 2.6;
/** A trend seen for an hour says nothing about next week. */
const REACH = 10;
const READINGS_BETWEEN_UPDATES = 8;

const limitOf = (signal: Signal, normal: Normal): number | null => {
  const { drift } = signal;
  if (!drift) return null;
  if ('at' in drift) return drift.at;
  return hasRatio(normal) ? normal.center + (drift.ratio - 1) * normal.center : null;
};

const tail = (excursion: Excursion, points: number): Trend | null =>
  trendOf(excursion.ts.slice(-points), excursion.value.slice(-points));

/** When the line meets the limit: best guess, and the 80 % interval of slope and level together. */
export const crossingOf = (trend: Trend, limit: number, side: Side, nowMs: number): Crossing | null => {
  const sign = signOf(side);
  const gap = (limit - trend.level) * sign;
  const [slope, slow, fast] =
    sign > 0
      ? [trend.slope, trend.slopeLow, trend.slopeHigh]
      : [-trend.slope, -trend.slopeHigh, -trend.slopeLow];
  if (gap <= 0) return { limit, atMs: nowMs, earliestMs: nowMs, latestMs: nowMs };
  if (slope <= 0) return null;
  const error = 1.2816 * trend.levelError;
  const in80 = (distance: number, pace: number): number => nowMs + Math.max(0, distance) / pace;
  return {
    limit,
    atMs: Math.round(nowMs + gap / slope),
    earliestMs: Math.round(in80(gap - error, fast)),
    latestMs: slow > 0 ? Math.round(in80(gap + error, slow)) : null,
  };
};

const severityOf = (crossing: Crossing, nowMs: number, now: Severity | null): Exclude<Severity, 'watch'> => {
  const left = crossing.atMs - nowMs;
  return left <= (now === 'S2' ? 1.5 * SOON_MS : SOON_MS) ? 'S2' : 'S3';
};

const evidence = (
  metric: string,
  series: SeriesState,
  excursion: Excursion,
  seen: number,
  crossing: Crossing | null,
): Evidence => ({ ...evidenceOf(series, DETECTOR, metric, excursion, seen), crossing });

interface Course {
  readonly excursion: Excursion;
  readonly side: Side;
  readonly limit: number;
  readonly nowMs: number;
  /** A crossing farther away than this sends nobody. */
  readonly horizonMs: number;
}

/** Whether the newest half of the points no longer moves towards the limit. */
const hasStopped = (excursion: Excursion, side: Side): boolean => {
  const newest = tail(excursion, POINTS / 2);
  if (!newest || excursion.ts.length < POINTS / 2) return false;
  const towards = side === 'high' ? newest.slopeLow : -newest.slopeHigh;
  return newest.kendallZ * signOf(side) < 0.5 && towards <= 0;
};

/**
 * Whether this is more of a movement that was reported and stopped: a plateau is not told again and again.
 * Only another scale beyond the level at which it stopped is news; and so is all once the level was back.
 */
const isOldNews = (series: SeriesState, { excursion, side }: Course): boolean => {
  const stopped = series.driftStopped ?? null;
  if (stopped === null) return false;
  const { center, scale } = series.normal;
  const level = levelOf(series, RECENT);
  if (excursion.n === 0 && (level - center) * signOf(side) <= 0.5 * scale) series.driftStopped = null;
  return (level - stopped) * signOf(side) < scale;
};

const look = (scene: Scene, signal: Signal, series: SeriesState, course: Course): void => {
  const { excursion, side, limit, nowMs, horizonMs } = course;
  if (isOldNews(series, course)) return;
  if (excursion.n < LEVEL || excursion.sum <= alarmAt(series)) return;
  if (!isSudden(series, excursion, nowMs)) return;
  if ((levelOf(series) - series.normal.center) * signOf(side) <= series.normal.scale) return;
  const trend = tail(excursion, POINTS);
  if (!trend || trend.kendallZ * signOf(side) < SIGNIFICANT) return;
  const seenForMs = nowMs - (excursion.ts.slice(-POINTS)[0] as number);
  if (Math.abs(trend.slope) * seenForMs < series.normal.scale) return;
  if (hasStopped(excursion, side)) return;
  const crossing = crossingOf(trend, limit, side, nowMs);
  if (!crossing || crossing.atMs - nowMs > Math.min(horizonMs, REACH * seenForMs)) return;
  series.driftStopped = null;
  series.drift = raise(
    scene,
    {
      rule: `drift:${signal.metric}`,
      component: signal.item,
      severity: severityOf(crossing, nowMs, null),
    },
    {
      reason: 'drifting-to-limit',
      atMs: nowMs,
      evidence: evidence(signal.metric, series, excursion, trend.level, crossing),
    },
  );
};

type Ending = 'drift-stopped' | 'level-normal' | 'rule-removed';

const stop = (
  scene: Scene,
  metric: string,
  series: SeriesState,
  active: Active,
  ending: Ending,
  course: Pick<Course, 'excursion' | 'nowMs'>,
): void => {
  const level = levelOf(series, RECENT);
  const proof = evidence(metric, series, course.excursion, level, null);
  clear(scene, active, { reason: ending, atMs: course.nowMs, evidence: proof });
  series.drift = null;
  series.driftStopped = level;
};

/** Back at normal without a repair. While normal was still being learnt, that was nature, not damage. */
const isBack = (series: SeriesState, active: Active, { excursion, side }: Course): boolean => {
  const { center, scale } = series.normal;
  const off = (levelOf(series, RECENT) - center) * signOf(side);
  const isNear = excursion.n === 0 || off <= 0.5 * Math.min(scale, Math.abs(active.seen - center));
  if (isNear && !isComplete(series.normal)) series.peak = Math.max(series.peak, excursion.top);
  return isNear;
};

const keep = (scene: Scene, signal: Signal, series: SeriesState, active: Active, course: Course): void => {
  const { excursion, side, limit, nowMs, horizonMs } = course;
  active.n += 1;
  if (isBack(series, active, course)) {
    stop(scene, signal.metric, series, active, 'level-normal', course);
    return;
  }
  if (active.n < READINGS_BETWEEN_UPDATES || (excursion.n - 1) % excursion.every !== 0) return;
  const trend = tail(excursion, POINTS);
  const crossing = trend && crossingOf(trend, limit, side, nowMs);
  const isBeyond = (levelOf(series) - limit) * signOf(side) >= 0;
  const isFar = !crossing || crossing.atMs - nowMs > 2 * horizonMs;
  if (!isBeyond && (isFar || hasStopped(excursion, side))) {
    const isNear = (levelOf(series) - series.normal.center) * signOf(side) <= 0.5 * series.normal.scale;
    stop(scene, signal.metric, series, active, isNear ? 'level-normal' : 'drift-stopped', course);
    return;
  }
  if (!trend || !crossing) return;
  const severity = severityOf(crossing, nowMs, active.severity);
  const toGo = Math.max(Math.abs(limit - active.seen), series.normal.scale);
  const hasMoved = Math.abs(trend.level - active.seen) >= 0.25 * toGo;
  if (severity === active.severity && !hasMoved) return;
  update(scene, active, severity, {
    reason: 'drifting-to-limit',
    atMs: nowMs,
    evidence: evidence(signal.metric, series, excursion, trend.level, crossing),
  });
};

/** The side of a drift whose rule is gone is not known any more; the excursion that goes on tells it. */
const removeRule = (scene: Scene, metric: string, series: SeriesState, active: Active): void => {
  const excursion = series.high.n >= series.low.n ? series.high : series.low;
  stop(scene, metric, series, active, 'rule-removed', { excursion, nowMs: series.ts.at(-1) as number });
};

/** There is no limit to drift to any more, or nobody wants to know. */
export const endDrift = (scene: Scene, metric: string, series: SeriesState): void => {
  if (series.drift) removeRule(scene, metric, series, series.drift);
};

/**
 * The series has left its normal and keeps moving towards a limit that it will meet within the horizon.
 * `S2` when that is within a day, else `S3`. Ends when the movement does, the level is back at normal, or
 * the catalogue names no limit to drift to any more.
 */
export const judgeDrift = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  series: SeriesState,
): void => {
  if (!signal?.drift) {
    endDrift(scene, metric, series);
    return;
  }
  const limit = limitOf(signal, series.normal);
  if (limit === null) return;
  const { side } = signal.drift;
  const nowMs = series.ts.at(-1) as number;
  const { horizonMs } = parametersOf(scene, metric).drift;
  const course: Course = { excursion: excursionOf(series, side), side, limit, nowMs, horizonMs };
  if (series.drift) keep(scene, signal, series, series.drift, course);
  else look(scene, signal, series, course);
};
