import type { Band } from '../../alert/alert.ts';
import { type Column, newColumn, savedColumn, surpriseOf } from './column.ts';
import { type Habit, newHabit, quieten, scoreOf } from './habit.ts';
import { COLUMN_SIGMAS, isOff, type Joint, newJoint, watchColumn, whatIsOff } from './joint.ts';
import { levelBand } from './level.ts';

/**
 * The joint streaming detector: what one machine, or one unit of it, is remembered by. JSON values once it went
 * through `savedNovelty`; its size does not grow with time.
 */
export interface Novelty {
  readonly columns: Column[];
  readonly habit: Habit;
  readonly joint: Joint;
  /** The last event that was new enough for an alert by itself, for as long as that lasts. */
  event: Event | null;
}

interface Event {
  readonly column: number;
  readonly seen: number;
  readonly sinceMs: number;
  /** The last row for which it is an alert. */
  readonly untilRow: number;
}

/** One reading of every metric; null where there is none. */
export interface Row {
  readonly tsMs: number;
  readonly values: readonly (number | null)[];
}

/** One metric's part in an alert. */
export interface Finding {
  /** `level`: its level is off normal; `new`: it did something that it never did before. */
  readonly kind: 'level' | 'new';
  readonly column: number;
  /** Where its level would be normal; null while that is not known. */
  readonly expected: Band | null;
  readonly seen: number;
  readonly sinceMs: number;
}

export interface Verdict {
  readonly state: Novelty;
  /** In [0, 1): how new this row is; 0.5 is what is worth looking at, and high once for one event. */
  readonly score: number;
  /** Whether the machine is off its normal now: from the onset to the end. */
  readonly alert: boolean;
  /** While there is an alert: who makes it, the farthest off first. */
  readonly findings: readonly Finding[];
}

/** No machine measures beyond this, and squares of it are still numbers. */
const GREATEST = 1e100;
/** A score that is an alert by itself: one in some ten thousand rows of series that people call normal. */
const ALERT_SCORE = 0.6;
const ALERT_ROWS = 20;

/** `warmup`: rows at the beginning that are taken as normal and are not judged; 0: normal is learnt all along. */
export const newNovelty = (columns: number, warmup: number): Novelty => ({
  columns: Array.from({ length: columns }, newColumn),
  habit: newHabit(),
  joint: newJoint(columns, warmup),
  event: null,
});

/** One metric more; rows have one value more from here on. */
export const addColumn = ({ columns, joint }: Novelty): void => {
  columns.push(newColumn());
  watchColumn(joint);
};

const isFar = (value: number | null): boolean => value !== null && !(Math.abs(value) <= GREATEST);

/** The row without values that cannot be: they are as good as missing. */
const possible = (row: Row): Row =>
  row.values.some(isFar) ? { ...row, values: row.values.map((value) => (isFar(value) ? null : value)) } : row;

/** How surprising the row is in all metrics together, and the one that surprises most. */
const surpriseOfAll = ({ columns }: Novelty, { tsMs, values }: Row) => {
  let squares = 0;
  let most = 0;
  let column = 0;
  let widens = false;
  for (let i = 0; i < columns.length; i++) {
    const value = values[i] ?? null;
    if (value === null) continue;
    const { total, ...surprise } = surpriseOf(columns[i] as Column, tsMs, value);
    widens ||= surprise.widens;
    squares += total * total;
    if (total <= most) continue;
    most = total;
    column = i;
  }
  return { surprise: Math.sqrt(squares), column, widens };
};

const noteEvent = (state: Novelty, { tsMs, values }: Row, score: number, column: number): void => {
  const { rows } = state.joint;
  if (score >= ALERT_SCORE)
    state.event = { column, seen: values[column] ?? 0, sinceMs: tsMs, untilRow: rows + ALERT_ROWS };
  else if (state.event !== null && rows > state.event.untilRow) state.event = null;
};

const findingsOf = ({ joint, event }: Novelty): readonly Finding[] => {
  const off = whatIsOff(joint).map(({ sigmas: _, ...one }): Finding => ({ kind: 'level', ...one }));
  const level = event && joint.levels[event.column];
  if (!event || !level) return off;
  const { column, seen, sinceMs } = event;
  const others = off.filter((one) => one.column !== column);
  const own: Finding = { kind: 'new', column, expected: levelBand(level, COLUMN_SIGMAS), seen, sinceMs };
  // While the levels make an alert by themselves, they tell more.
  if (joint.alertSinceMs === null) return [own, ...others];
  return others.length < off.length ? off : [...off, own];
};

/**
 * Judges a row by those before it only, then learns from it. Takes the state over and gives it back changed: no
 * clock, no chance, nothing known of how long the series is or how high it goes.
 */
export const observe = (state: Novelty, given: Row): Verdict => {
  const { joint, habit } = state;
  const row = possible(given);
  const { surprise, column, widens } = surpriseOfAll(state, row);
  const size = scoreOf(habit, surprise);
  if (widens) quieten(habit);
  const off = isOff(joint, row.tsMs, row.values);
  const score = joint.rows <= joint.warmup ? 0 : size;
  noteEvent(state, row, score, column);
  const alert = off || state.event !== null;
  return { state, score, alert, findings: alert ? findingsOf(state) : [] };
};

/** As JSON values: read back, it goes on exactly as it would have. */
export const savedNovelty = (state: Novelty): Novelty => ({
  ...state,
  columns: state.columns.map(savedColumn),
});
