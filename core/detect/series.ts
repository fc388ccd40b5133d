import type { Evidence } from '../alert/alert.ts';
import type { Active } from './announce.ts';
import type { Counter } from './counter.ts';
import { type Cycle, newCycle } from './cycle.ts';
import type { Day } from './day.ts';
import {
  type Excursion,
  LEAST_ALARM,
  leastAlarm,
  newExcursion,
  newSum,
  type Side,
  type Sum,
  type Tuning,
} from './excursion.ts';
import type { Seen } from './missing.ts';
import { bandOf, isComplete, knowsRhythm, type Normal, newNormal, RHYTHM_MS } from './normal.ts';
import type { Rate } from './rate.ts';
import { hourOf, isFamiliar, newRhythm, offsetAt, type Rhythm, slotOf } from './rhythm.ts';
import { location } from './robust.ts';
import type { Run } from './run.ts';
import { newSpread, type Spread } from './spread.ts';

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

/** How far a drift has come, and since when it has not come farther. */
export interface Movement {
  readonly startMs: number;
  farthest: number;
  advancedMs: number;
  /** Readings since then. */
  n: number;
}

/** Everything the detectors remember of one series: under 8 KiB as JSON, however long it runs. */
export interface SeriesState {
  normal: Normal;
  rhythm: Rhythm;
  cycle: Cycle;
  high: Excursion;
  low: Excursion;
  /** As `high` and `low`, for shifts that are worth an alarm. */
  up: Sum;
  down: Sum;
  /** The highest sums of excursions that were only nature: rhythm, weather, a heavy load. */
  peak: number;
  levelPeak: number;
  /** The highest ones since the profile was last drawn. */
  top: number;
  levelTop: number;
  n: number;
  /** The newest readings as they came, oldest first, and what they said of the machine's state. */
  ts: number[];
  value: number[];
  told: number[];
  /** The newest levels: readings without what hour and state add. */
  level: number[];
  limitHigh: LimitState | null;
  limitLow: LimitState | null;
  shift: Active | null;
  drift: Active | null;
  movement: Movement | null;
  /** Level at which the last drift stopped while still off; null when there is none. */
  driftStopped: number | null;
  spread: Spread;
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

export const newSeries = (): SeriesState => ({
  normal: newNormal(),
  rhythm: newRhythm(),
  cycle: newCycle(),
  high: newExcursion(),
  low: newExcursion(),
  up: newSum(),
  down: newSum(),
  peak: 0,
  levelPeak: 0,
  top: 0,
  levelTop: 0,
  n: 0,
  ts: [],
  value: [],
  told: [],
  level: [],
  limitHigh: null,
  limitLow: null,
  shift: null,
  drift: null,
  movement: null,
  driftStopped: null,
  spread: newSpread(),
  repair: null,
});

export const excursionOf = (series: SeriesState, side: Side): Excursion =>
  side === 'high' ? series.high : series.low;

export const sumOf = (series: SeriesState, side: Side): Sum => (side === 'high' ? series.up : series.down);

export const signOf = (side: Side): 1 | -1 => (side === 'high' ? 1 : -1);

const BEYOND_NATURE = 2.5;

/**
 * The sum that counts as leaving normal. A series that its own slow noise, or weather, has carried high before
 * must go well beyond that: it calibrates itself, whatever its rate.
 */
export const alarmAt = (series: SeriesState): number =>
  Math.max(LEAST_ALARM, BEYOND_NATURE * Math.max(series.peak, series.top));

export const levelAlarmAt = (series: SeriesState, tuning: Tuning): number =>
  Math.max(leastAlarm(tuning), BEYOND_NATURE * Math.max(series.levelPeak, series.levelTop));

export const levelOf = (series: SeriesState, readings = LEVEL): number =>
  location(series.level.slice(-readings), series.normal.scale);

/** The level since an alert was raised, by the newest of its readings; null: too few of them. */
export const levelSince = (series: SeriesState, { n }: Active): number | null =>
  n < LEVEL ? null : levelOf(series, Math.min(RECENT, n));

/** Whether the reading that leaves the recent ones may be learnt. */
export const mayLearn = (series: SeriesState, tsMs: number): boolean => {
  if (series.repair || isComplete(series.normal)) return false;
  if (series.limitHigh?.active || series.limitLow?.active || series.spread.active) return false;
  const sends = [series.shift, series.drift].some((alert) => alert !== null && alert.severity !== 'watch');
  if (sends) return false;
  // The first weekend is another level, and no fault.
  if (!knowsRhythm(series.normal) || !isFamiliar(series.rhythm, tsMs)) return true;
  if (series.shift || series.drift) return false;
  const alarm = alarmAt(series);
  const suspect = (excursion: Excursion): boolean =>
    excursion.sum > alarm && tsMs - excursion.sinceMs < RHYTHM_MS;
  return !suspect(series.high) && !suspect(series.low);
};

/** What the hour adds to the level at this instant. */
export const rhythmAt = (series: SeriesState, tsMs: number): number =>
  offsetAt(series.rhythm, slotOf(hourOf(tsMs)));

/** As evidence tells it. */
export const short = (value: number): number => Number(value.toPrecision(9));

/**
 * Readings that led here: the excursion's course (means, with what their hour adds), then the newest ones as
 * they came; at most 64.
 */
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
    value.push(short((excursion.value[i] as number) + rhythmAt(series, ts)));
  });
  return { tsMs: [...tsMs, ...series.ts], value: [...value, ...series.value.map(short)] };
};

/** `seen`: a level; the evidence tells it, and the band, as they are at this hour. */
export const evidenceOf = (
  series: SeriesState,
  detector: Evidence['detector'],
  metric: string,
  excursion: (Sum & Partial<Excursion>) | null,
  seen: number,
): Evidence => {
  const course = excursion?.ts ? (excursion as Excursion) : null;
  const sample = sampleOf(series, course);
  const toMs = series.ts.at(-1) ?? 0;
  const fromMs = excursion && excursion.n > 0 ? excursion.sinceMs : (sample.tsMs[0] ?? toMs);
  const hour = rhythmAt(series, toMs);
  const band = bandOf(series.normal);
  return {
    detector,
    metric,
    code: null,
    window: { fromMs, toMs },
    expected: band && { low: short(band.low + hour), high: short(band.high + hour) },
    seen: short(seen + hour),
    crossing: null,
    sample,
    detail: null,
  };
};
