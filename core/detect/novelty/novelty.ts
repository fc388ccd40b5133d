import { type Column, newColumn, savedColumn, surpriseOf } from './column.ts';
import { type Habit, newHabit, scoreOf } from './habit.ts';
import { isOff, type Joint, newJoint, type Off, whatIsOff } from './joint.ts';

/**
 * The joint streaming detector: what one machine, or one unit of it, is remembered by. JSON values once it went
 * through `savedNovelty`; its size does not grow with time.
 */
export interface Novelty {
  readonly columns: readonly Column[];
  readonly habit: Habit;
  readonly joint: Joint;
}

/** One reading of every metric; null where there is none. */
export interface Row {
  readonly tsMs: number;
  readonly values: readonly (number | null)[];
}

export interface Verdict {
  readonly state: Novelty;
  /** In [0, 1): how new this row is; 0.5 is what is worth looking at, and high once for one event. */
  readonly score: number;
  /** Whether the machine is off its normal now: from the onset to the end. */
  readonly alert: boolean;
  /** While there is an alert: the metrics that are off, the farthest first. */
  readonly findings: readonly Off[];
}

/** `warmup`: rows at the beginning that are taken as normal and are not judged; 0: normal is learnt all along. */
export const newNovelty = (columns: number, warmup: number): Novelty => ({
  columns: Array.from({ length: columns }, newColumn),
  habit: newHabit(),
  joint: newJoint(columns, warmup),
});

const surpriseOfAll = ({ columns }: Novelty, { tsMs, values }: Row): number => {
  let squares = 0;
  columns.forEach((column, i) => {
    const value = values[i] ?? null;
    if (value !== null) squares += surpriseOf(column, tsMs, value).total ** 2;
  });
  return Math.sqrt(squares);
};

/**
 * Judges a row by those before it only, then learns from it. Takes the state over and gives it back changed: no
 * clock, no chance, nothing known of how long the series is or how high it goes.
 */
export const observe = (state: Novelty, row: Row): Verdict => {
  const score = scoreOf(state.habit, surpriseOfAll(state, row));
  const alert = isOff(state.joint, row.tsMs, row.values);
  const isWarming = state.joint.rows <= state.joint.warmup;
  return {
    state,
    score: isWarming ? 0 : score,
    alert,
    findings: alert ? whatIsOff(state.joint) : [],
  };
};

/** As JSON values: read back, it goes on exactly as it would have. */
export const savedNovelty = (state: Novelty): Novelty => ({
  ...state,
  columns: state.columns.map(savedColumn),
});
