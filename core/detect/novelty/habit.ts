import { addTo, newTail, quantileOf, type Tail } from './tail.ts';

/**
 * Makes of a surprise a score that means the same in every series, and is high once for one event: how much more
 * surprising a reading is than nine of ten before it, and what soon follows an event counts half unless it is far
 * worse.
 */
export interface Habit {
  n: number;
  readonly past: Tail;
  /** The reading of the last event, and its size; null before the first. */
  event: { readonly at: number; readonly size: number } | null;
}

/** Readings of past before anything is said. */
const ENOUGH = 100;
const USUAL = 0.9;
/** Surprises of a series in which nothing happens are as good as none. */
const LEAST_USUAL = 1;
/** So many times the usual is an event, and its score 0.5. */
const EVENT = 2.3;
const EVENT_READINGS = 100;
/** What follows an event is one of its own where it is so many times its size. */
const FAR_WORSE = 1.35;

export const newHabit = (): Habit => ({ n: 0, past: newTail(9, 512), event: null });

/** How many times the usual a surprise is, with what an event hides counted half; then it is learnt. */
const sizeOf = (habit: Habit, surprise: number): number => {
  const usual = Math.max(LEAST_USUAL, quantileOf(habit.past, USUAL));
  const size = habit.past.n >= ENOUGH ? surprise / usual : 0;
  addTo(habit.past, surprise);
  const at = habit.n;
  habit.n += 1;
  const { event } = habit;
  if (event !== null && at - event.at < EVENT_READINGS && size < FAR_WORSE * event.size) return size / 2;
  if (size > EVENT) habit.event = { at, size };
  return size;
};

/** What is usual is about to rise: for as long as an event lasts, nothing counts in full. */
export const quieten = (habit: Habit): void => {
  habit.event = { at: habit.n, size: Number.MAX_SAFE_INTEGER };
};

/** Score in [0, 1) of a surprise: 0.5 at an event. Changes `habit`. */
export const scoreOf = (habit: Habit, surprise: number): number => {
  const size = sizeOf(habit, surprise);
  return size / (size + EVENT);
};
