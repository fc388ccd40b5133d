import type { Evidence } from '../alert/alert.ts';
import type { Active } from './announce.ts';
import type { Counter } from './counter.ts';
import type { Day } from './day.ts';
import { type Excursion, LEAST_ALARM, newExcursion, type Side } from './excursion.ts';
import type { Seen } from './missing.ts';
import {
  bandOf,
  hasRatio,
  isComplete,
  knowsRhythm,
  type Normal,
  newNormal,
  RHYTHM_MS,
  spanMs,
} from './normal.ts';
import type { Rate } from './rate.ts';
import { location, trendOf } from './robust.ts';
import type { Run } from './run.ts';

/** After a repair: the readings that show whether it helped. */
export interface Repair {
  readonly sinceMs: number;
  value: number[];
}

export interface LimitState {
  /** First reading beyond the limit, by level of the rule; null while inside. */
  since: (number | null)[];
  /** Readings beyond it since then. */
  n: number[];
  /** Lasted as long as the rule asks; until the value is back inside `clear`. */
  held: boolean[];
  active: Active | null;
}

/** Everything the detectors remember of one series: under 8 KiB as JSON, however long it runs. */
export interface SeriesState {
  normal: Normal;
  high: Excursion;
  low: Excursion;
  /** The highest sum of an excursion that was only nature: rhythm, weather, a heavy load. */
  peak: number;
  n: number;
  /** The newest readings, oldest first. */
  ts: number[];
  value: number[];
  limitHigh: LimitState | null;
  limitLow: LimitState | null;
  shift: Active | null;
  drift: Active | null;
  /** Level at which the last drift stopped while still off; null or absent when there is none. */
  driftStopped?: number | null;
  repair: Repair | null;
  /** Absent until the first reading, and in checkpoints from before these were kept. */
  run?: Run;
  rate?: Rate;
  counter?: Counter;
  day?: Day;
  seen?: Seen;
}

/** Newest readings kept; a reading is learnt when it leaves them, so that a new fault is not learnt at once. */
export const RECENT = 16;
/** Readings whose median is called the present level. */
export const LEVEL = 8;

/** Points of an excursion that its course is told by. */
export const TREND_POINTS = 32;
const MORNING_PER_MS = 0.04 / 3_600_000;

export const newSeries = (): SeriesState => ({
  normal: newNormal(),
  high: newExcursion(),
  low: newExcursion(),
  peak: 0,
  n: 0,
  ts: [],
  value: [],
  limitHigh: null,
  limitLow: null,
  shift: null,
  drift: null,
  repair: null,
});

export const excursionOf = (series: SeriesState, side: Side): Excursion =>
  side === 'high' ? series.high : series.low;

export const signOf = (side: Side): 1 | -1 => (side === 'high' ? 1 : -1);

/**
 * The sum that counts as leaving normal. A series whose own rhythm, or slow noise, has carried the sum
 * high before must go well beyond that: it calibrates itself, whatever its rate.
 */
export const alarmAt = (series: SeriesState): number => Math.max(LEAST_ALARM, 2.5 * series.peak);

/** No trend in what was learnt, and no earlier excursion: the readings so far show no rhythm of their own. */
const wasQuiet = (series: SeriesState): boolean => {
  if (series.peak >= 2 * LEAST_ALARM) return false;
  const { sample } = series.normal;
  const thin = sample.filter((_, i) => i % Math.ceil(sample.length / 48) === 0);
  const trend = trendOf([...thin.keys()], thin);
  return trend === null || Math.abs(trend.kendallZ) < 3.5;
};

/**
 * Faster than mornings come: a daily rhythm of 15 % of the level moves by 4 % an hour at most. By the course
 * of the excursion, or by how far it has come since it began. Says nothing of a level around zero.
 */
const isSteep = (series: SeriesState, excursion: Excursion, tsMs: number): boolean => {
  if (!hasRatio(series.normal)) return true;
  const { center } = series.normal;
  const steep = MORNING_PER_MS * Math.abs(center);
  const pace = (levelOf(series) - center) / Math.max(1, tsMs - excursion.sinceMs);
  if (Math.abs(pace) >= steep) return true;
  const slope = trendOf(excursion.ts.slice(-TREND_POINTS), excursion.value.slice(-TREND_POINTS))?.slope ?? 0;
  return Math.abs(slope) >= steep;
};

/**
 * While no two whole days are known, a slow rise may be the morning. A sudden one after a quiet history is
 * not: some 25 readings, or a hundredth of all the time that was ever seen. Where 25 readings take hours,
 * they must be steep as well.
 */
export const isSudden = (series: SeriesState, excursion: Excursion, tsMs: number): boolean => {
  const span = spanMs(series.normal);
  if (span >= 2 * RHYTHM_MS) return true;
  const part = Math.max(1 / 100, Math.min(0.4, 25 / series.normal.n));
  // The cheap question first: an excursion may go on for days.
  return tsMs - excursion.sinceMs <= part * span && isSteep(series, excursion, tsMs) && wasQuiet(series);
};

export const levelOf = (series: SeriesState, readings = LEVEL): number =>
  location(series.value.slice(-readings), series.normal.scale);

/** Whether the reading that leaves the recent ones may be learnt. */
export const mayLearn = (series: SeriesState, tsMs: number): boolean => {
  if (series.shift || series.drift || series.repair || isComplete(series.normal)) return false;
  if (series.limitHigh?.active || series.limitLow?.active) return false;
  if (!knowsRhythm(series.normal)) return true;
  const alarm = alarmAt(series);
  const suspect = (excursion: Excursion): boolean =>
    excursion.sum > alarm && tsMs - excursion.sinceMs < RHYTHM_MS;
  return !suspect(series.high) && !suspect(series.low);
};

const short = (value: number): number => Number(value.toPrecision(9));

/** Readings that led here: the excursion's trail, then the newest ones; at most 64. */
export const sampleOf = (
  series: SeriesState,
  excursion: Excursion | null,
): NonNullable<Evidence['sample']> => {
  const firstRecent = series.ts[0] ?? 0;
  const tsMs: number[] = [];
  const value: number[] = [];
  excursion?.ts.forEach((ts, i) => {
    if (ts >= firstRecent) return;
    tsMs.push(ts);
    value.push(short(excursion.value[i] as number));
  });
  return { tsMs: [...tsMs, ...series.ts], value: [...value, ...series.value.map(short)] };
};

export const evidenceOf = (
  series: SeriesState,
  detector: Evidence['detector'],
  metric: string,
  excursion: Excursion | null,
  seen: number,
): Evidence => {
  const sample = sampleOf(series, excursion);
  const toMs = series.ts.at(-1) ?? 0;
  const fromMs = excursion && excursion.n > 0 ? excursion.sinceMs : (sample.tsMs[0] ?? toMs);
  return {
    detector,
    metric,
    code: null,
    window: { fromMs, toMs },
    expected: bandOf(series.normal),
    seen,
    crossing: null,
    sample,
    detail: null,
  };
};
