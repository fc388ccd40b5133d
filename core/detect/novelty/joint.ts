import { followLevel, type Level, learnLevel, levelBand, levelOff, newLevel, settleLevel } from './level.ts';

/**
 * The state of a machine by all its metrics together: an alert begins where they are off normal far enough, and
 * ends where they are back. Its normal is that of the warm-up; without one, of everything but the alerts.
 */
export interface Joint {
  readonly levels: Level[];
  /** Rows taken as normal; 0: normal is learnt all along. */
  readonly warmup: number;
  rows: number;
  /** The row after which normal is learnt, and the one at which it is drawn next. */
  learntFrom: number;
  nextSettle: number;
  /** Since when each metric has been off; null where it is not. */
  readonly offSinceMs: (number | null)[];
  alertSinceMs: number | null;
  alertRows: number;
}

/** One metric more, of which nothing is known yet. */
export const watchColumn = ({ levels, offSinceMs }: Joint): void => {
  levels.push(newLevel());
  offSinceMs.push(null);
};

/** A metric that is off: what is expected of its level, and what is seen. */
export interface Off {
  readonly column: number;
  readonly expected: { readonly low: number; readonly high: number };
  readonly seen: number;
  readonly sigmas: number;
  readonly sinceMs: number;
}

/** A metric this far off its normal says nothing yet; all beyond it adds up, squared. */
export const COLUMN_SIGMAS = 1.5;
const BEGINS = 4;
const ENDS = 0.7 * BEGINS;
/** Without a warm-up: rows before normal is drawn at first; then after a tenth more. */
const FIRST_SETTLE = 200;
const SETTLE_FACTOR = 1.1;
/** Without a warm-up, a state that has lasted so many rows is the new normal. */
const ACCEPTED_ROWS = 1_000;

export const newJoint = (columns: number, warmup: number): Joint => ({
  levels: Array.from({ length: columns }, newLevel),
  warmup,
  rows: 0,
  learntFrom: 0,
  nextSettle: warmup > 0 ? warmup : FIRST_SETTLE,
  offSinceMs: new Array(columns).fill(null),
  alertSinceMs: null,
  alertRows: 0,
});

const learns = ({ warmup, rows, alertSinceMs }: Joint): boolean =>
  warmup > 0 ? rows <= warmup : alertSinceMs === null;

const settle = (joint: Joint): void => {
  if (joint.rows < joint.nextSettle || !learns(joint)) return;
  for (const level of joint.levels) settleLevel(level);
  const learnt = joint.rows - joint.learntFrom;
  joint.nextSettle =
    joint.warmup > 0 ? Number.MAX_SAFE_INTEGER : joint.learntFrom + Math.ceil(learnt * SETTLE_FACTOR);
};

/** How far the metrics together are off: beyond what one of them may be by itself. */
const distanceOf = (joint: Joint, tsMs: number): number => {
  let sum = 0;
  joint.levels.forEach((level, i) => {
    const excess = Math.abs(levelOff(level)) - COLUMN_SIGMAS;
    if (excess <= 0) joint.offSinceMs[i] = null;
    else {
      joint.offSinceMs[i] ??= tsMs;
      sum += excess * excess;
    }
  });
  return Math.sqrt(sum);
};

/** What is normal is learnt anew from here on: a state that has lasted is how the machine is now. */
export const learnAnew = (joint: Joint): void => {
  joint.levels.forEach((level, i) => {
    joint.levels[i] = { ...newLevel(), n: level.n, average: level.average };
  });
  joint.learntFrom = joint.rows;
  joint.nextSettle = joint.rows + FIRST_SETTLE;
  joint.offSinceMs.fill(null);
  joint.alertSinceMs = null;
  joint.alertRows = 0;
};

/** One row of values through the levels; whether there is an alert after it. Changes `joint`. */
export const isOff = (joint: Joint, tsMs: number, values: readonly (number | null)[]): boolean => {
  joint.rows += 1;
  const learn = learns(joint);
  joint.levels.forEach((level, i) => {
    const value = values[i] ?? null;
    if (value === null) return;
    followLevel(level, value);
    if (learn) learnLevel(level, value);
  });
  settle(joint);
  if (joint.rows <= joint.warmup) return false;
  const distance = distanceOf(joint, tsMs);
  if (joint.alertSinceMs === null) {
    if (distance > BEGINS) joint.alertSinceMs = tsMs;
  } else if (distance < ENDS) joint.alertSinceMs = null;
  joint.alertRows = joint.alertSinceMs === null ? 0 : joint.alertRows + 1;
  if (joint.warmup === 0 && joint.alertRows > ACCEPTED_ROWS) learnAnew(joint);
  return joint.alertSinceMs !== null;
};

/** The metrics that are off now, the farthest first. */
export const whatIsOff = (joint: Joint): readonly Off[] =>
  joint.levels
    .flatMap((level, column) => {
      const sinceMs = joint.offSinceMs[column] ?? null;
      const expected = levelBand(level, COLUMN_SIGMAS);
      if (sinceMs === null || expected === null) return [];
      return [{ column, expected, seen: level.average, sigmas: Math.abs(levelOff(level)), sinceMs }];
    })
    .sort((a, b) => b.sigmas - a.sigmas);
