import type { Crossing, Evidence, Severity } from '../alert/alert.ts';
import type { Signal } from '../fault/catalogue.ts';
import type { Parameters } from '../rules/parameters.ts';
import { type Active, clear, raise, type Scene, update } from './announce.ts';
import { type Excursion, hasNewPoint, restart, type Side } from './excursion.ts';
import { heldBack } from './expected.ts';
import { type Life, lifeOf } from './life.ts';
import { hasRatio, isComplete, type Normal, RHYTHM_MS, spanMs } from './normal.ts';
import { extremeOffset, slowScale, unseenRange } from './rhythm.ts';
import {
  alarmAt,
  evidenceOf,
  excursionOf,
  LEVEL,
  levelOf,
  levelSince,
  RECENT,
  type SeriesState,
  signOf,
} from './series.ts';

const DETECTOR = { name: 'drift', version: 2 } as const;
const DAY_MS = 86_400_000;
/** A crossing nearer than this is service as good as lost. */
const SOON_MS = DAY_MS;
/** One chance in two hundred of seeing such a trend in noise; the excursion has to be there as well. */
const SIGNIFICANT = 2.6;
/** To begin, the newest half must at least hint at it; to go on, it must move more than noise does. */
const HINT = 0.5;
const MOVING = 1.6;
/** A level that moved no farther than weather does is no wear, however steadily it went there. */
const WEATHER = 4;
/** A trend seen for an hour says nothing about next week; while no two days are known, nor about tonight. */
const REACH = 10;
const SHORT_REACH = 3;
/** Points of the course that tell where it goes. */
const POINTS = 32;
const READINGS_BETWEEN_UPDATES = 8;
/** A movement is over when it rested as long as it had lasted, within these bounds. */
const LEAST_REST_MS = DAY_MS / 2;
const MOST_REST_MS = 7 * DAY_MS;
const REST_READINGS = 48;
const PLATEAU_MS = 7 * DAY_MS;

const limitOf = (signal: Signal, normal: Normal): number | null => {
  const { drift } = signal;
  if (!drift) return null;
  if ('at' in drift) return drift.at;
  return hasRatio(normal) ? normal.center + (drift.ratio - 1) * normal.center : null;
};

const severityOf = (crossing: Crossing, nowMs: number, now: Severity | null): Exclude<Severity, 'watch'> => {
  const left = crossing.atMs - nowMs;
  return left <= (now === 'S2' ? 1.5 * SOON_MS : SOON_MS) ? 'S2' : 'S3';
};

interface Course {
  readonly excursion: Excursion;
  readonly side: Side;
  readonly limit: number;
  /** The level that meets the limit in its worst hour. */
  readonly goal: number;
  readonly horizonMs: number;
  readonly nowMs: number;
}

const pointsOf = ({ excursion, goal, side, nowMs }: Course, points: number): Life | null =>
  lifeOf(excursion.ts.slice(-points), excursion.value.slice(-points), goal, side, nowMs);

/**
 * Where the course goes. Of a course that began before the wear did, the newest half is steeper than the whole:
 * the interval begins with whichever is earlier.
 */
const lifeAlong = (course: Course): Life | null => {
  const life = pointsOf(course, POINTS);
  if (!life?.crossing) return life;
  const half = course.excursion.ts.length < POINTS / 2 ? null : pointsOf(course, POINTS / 2);
  const { earliestMs } = life.crossing;
  const isSteeper = half?.crossing && half.surety > HINT;
  return {
    ...life,
    crossing: {
      ...life.crossing,
      limit: course.limit,
      earliestMs: isSteeper ? Math.min(earliestMs, half.crossing.earliestMs) : earliestMs,
    },
  };
};

const evidence = (
  metric: string,
  series: SeriesState,
  { excursion, nowMs }: Pick<Course, 'excursion' | 'nowMs'>,
  level: number,
  crossing: Crossing | null,
): Evidence => {
  const told = evidenceOf(series, DETECTOR, metric, excursion, level);
  return { ...told, window: { ...told.window, toMs: nowMs }, crossing };
};

/** Whether the newest half of the points no longer moves towards the limit, as surely as is asked. */
const rests = (course: Course, surety: number): boolean => {
  if (course.excursion.ts.length < POINTS / 2) return false;
  const newest = pointsOf(course, POINTS / 2);
  return newest !== null && newest.surety < surety;
};

/**
 * Whether this is more of a movement that was reported and stopped: a plateau is not told again and again.
 * Only another scale beyond the level at which it stopped is news; and so is all once the level was back.
 */
const isOldNews = (series: SeriesState, { excursion, side }: Course): boolean => {
  const stopped = series.driftStopped;
  if (stopped === null) return false;
  const { center, scale } = series.normal;
  const level = levelOf(series, RECENT);
  if (excursion.n === 0 && (level - center) * signOf(side) <= 0.5 * scale) series.driftStopped = null;
  return (level - stopped) * signOf(side) < scale;
};

/** A plateau of weeks would hide what begins after it: its course is let go, and followed anew. */
const forgetPlateau = (series: SeriesState, course: Course): void => {
  const { excursion, nowMs } = course;
  const spanMs = nowMs - (excursion.ts[0] ?? nowMs);
  if (series.driftStopped !== null && spanMs > PLATEAU_MS && rests(course, MOVING)) restart(excursion);
};

/** How far ahead the trend may be believed. */
const reachMs = (series: SeriesState, course: Course): number => {
  const seenForMs = course.nowMs - (course.excursion.ts.slice(-POINTS)[0] as number);
  const reach = spanMs(series.normal) < 2 * RHYTHM_MS ? SHORT_REACH : REACH;
  return Math.min(course.horizonMs, reach * seenForMs);
};

const look = (scene: Scene, signal: Signal, series: SeriesState, course: Course): void => {
  const { excursion, side, nowMs } = course;
  if (excursion.n < LEVEL || excursion.sum <= alarmAt(series)) return;
  // The course has to say something new; a shift that stays is not looked at again with every reading.
  if (!hasNewPoint(excursion)) return;
  forgetPlateau(series, course);
  if (isOldNews(series, course)) return;
  const { center, scale } = series.normal;
  const off = (levelOf(series) - center) * signOf(side);
  const held = Math.max(heldBack(series, nowMs) + scale, unseenRange(series.rhythm, center));
  if (off <= Math.max(held, WEATHER * slowScale(series.rhythm, scale))) return;
  const life = lifeAlong(course);
  if (!life?.crossing || life.surety < SIGNIFICANT || rests(course, HINT)) return;
  const seenForMs = nowMs - (excursion.ts.slice(-POINTS)[0] as number);
  if (Math.abs(life.pace) * seenForMs < scale) return;
  if (life.crossing.atMs - nowMs > reachMs(series, course)) return;
  series.driftStopped = null;
  series.movement = { startMs: excursion.sinceMs, farthest: life.level, advancedMs: nowMs, n: 0 };
  series.drift = raise(
    scene,
    {
      rule: `drift:${signal.metric}`,
      component: signal.item,
      severity: severityOf(life.crossing, nowMs, null),
    },
    {
      reason: 'drifting-to-limit',
      atMs: nowMs,
      evidence: evidence(signal.metric, series, course, life.level, life.crossing),
    },
  );
  series.drift.seen = life.level;
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
  const proof = evidence(metric, series, course, level, null);
  clear(scene, active, { reason: ending, atMs: course.nowMs, evidence: proof });
  series.drift = null;
  series.movement = null;
  series.driftStopped = level;
  restart(series.high);
  restart(series.low);
};

/** Back at normal without a repair. While normal was still being learnt, that was nature, not damage. */
const isBack = (series: SeriesState, active: Active, { excursion, side }: Course): boolean => {
  const { center, scale } = series.normal;
  const level = levelSince(series, active);
  if (level === null) return false;
  const off = (level - center) * signOf(side);
  const isNear = excursion.n === 0 || off <= 0.5 * Math.min(scale, Math.abs(active.seen - center));
  if (isNear && !isComplete(series.normal)) series.peak = Math.max(series.peak, excursion.top);
  return isNear;
};

/** Whether the movement has rested long enough to be over; a pause on the way to the limit is none. */
const isOver = (series: SeriesState, course: Course, life: Life | null): boolean => {
  const { movement } = series;
  if (!movement) return true;
  const { side, nowMs, horizonMs } = course;
  const { crossing } = life ?? { crossing: null };
  const isComing = crossing !== null && crossing.atMs - nowMs <= 2 * horizonMs && !rests(course, MOVING);
  const level = levelOf(series, RECENT);
  const isFarther = (level - movement.farthest) * signOf(side) >= 0.5 * series.normal.scale;
  if (isFarther) movement.farthest = level;
  if (isComing || isFarther) {
    movement.advancedMs = nowMs;
    movement.n = 0;
    return false;
  }
  const lasted = movement.advancedMs - movement.startMs;
  const restMs = Math.max(LEAST_REST_MS, Math.min(MOST_REST_MS, lasted));
  return movement.n >= REST_READINGS && nowMs - movement.advancedMs >= restMs;
};

const keep = (scene: Scene, signal: Signal, series: SeriesState, active: Active, course: Course): void => {
  const { excursion, side, goal, nowMs } = course;
  active.n += 1;
  if (series.movement) series.movement.n += 1;
  if (isBack(series, active, course)) {
    stop(scene, signal.metric, series, active, 'level-normal', course);
    return;
  }
  if (active.n < READINGS_BETWEEN_UPDATES || !hasNewPoint(excursion)) return;
  const life = lifeAlong(course);
  const isBeyond = (levelOf(series) - goal) * signOf(side) >= 0;
  if (isOver(series, course, life) && !isBeyond) {
    stop(scene, signal.metric, series, active, 'drift-stopped', course);
    return;
  }
  if (!life?.crossing) return;
  const severity = severityOf(life.crossing, nowMs, active.severity);
  const toGo = Math.max(Math.abs(goal - active.seen), series.normal.scale);
  const hasMoved = Math.abs(life.level - active.seen) >= 0.25 * toGo;
  if (severity === active.severity && !hasMoved) return;
  update(scene, active, severity, {
    reason: 'drifting-to-limit',
    atMs: nowMs,
    evidence: evidence(signal.metric, series, course, life.level, life.crossing),
  });
  active.seen = life.level;
};

/** The rule is gone: the excursion that goes on tells on which side it was. */
export const endDrift = (scene: Scene, metric: string, series: SeriesState): void => {
  if (!series.drift) return;
  const excursion = series.high.n >= series.low.n ? series.high : series.low;
  const nowMs = series.ts.at(-1) as number;
  stop(scene, metric, series, series.drift, 'rule-removed', { excursion, nowMs });
};

/**
 * The series has left its normal and keeps moving towards a limit that it will meet within the horizon.
 * `S2` when that is within a day, else `S3`. One alert from the first sign until the movement has rested as
 * long as it lasted, the level is back at normal, or the catalogue names no limit to drift to any more.
 */
export const judgeDrift = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  series: SeriesState,
  { horizonMs }: Parameters['drift'],
): void => {
  if (!signal?.drift) {
    endDrift(scene, metric, series);
    return;
  }
  const limit = limitOf(signal, series.normal);
  if (limit === null) return;
  const { side } = signal.drift;
  const nowMs = series.ts.at(-1) as number;
  const goal = 'at' in signal.drift ? limit - extremeOffset(series.rhythm, signOf(side)) : limit;
  const course: Course = { excursion: excursionOf(series, side), side, limit, goal, horizonMs, nowMs };
  if (series.drift) keep(scene, signal, series, series.drift, course);
  else look(scene, signal, series, course);
};
