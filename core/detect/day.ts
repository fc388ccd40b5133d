import type { Active } from './announce.ts';
import { median } from './robust.ts';

/**
 * The level of a series over a day, whatever the hour: the middle of the medians of its last four quarters of a day
 * of work. Some forty numbers.
 */
export interface Day {
  /** When the present quarter began, and its readings: every `every`-th, at most 16. */
  sinceMs: number;
  value: number[];
  every: number;
  n: number;
  /** Medians of the last four quarters, oldest first. */
  quarters: number[];
  lastMs: number;
  perDay: number;
  /** Quarters in a row, after which it differed from its peers (or, while that is told, did not). */
  differs: number;
  active: Active | null;
}

const QUARTER_MS = 6 * 3_600_000;
const DAY_MS = 4 * QUARTER_MS;
/** A quarter goes on until it has so many readings. */
const LEAST = 5;
const KEPT = 16;
const QUARTERS = 4;

export const newDay = (tsMs: number): Day => ({
  sinceMs: tsMs,
  value: [],
  every: 1,
  n: 0,
  quarters: [],
  lastMs: tsMs,
  perDay: 0,
  differs: 0,
  active: null,
});

const begin = (day: Day, tsMs: number): void => {
  Object.assign(day, { sinceMs: tsMs, value: [], every: 1, n: 0 });
};

/** A new part: its first day is still to come. */
export const restartDay = (day: Day, tsMs: number): void => {
  begin(day, tsMs);
  day.quarters = [];
  day.differs = 0;
};

/** Takes a reading; true where it completed a quarter. */
export const takeOfDay = (day: Day, tsMs: number, value: number): boolean => {
  const hasEnded = tsMs - day.sinceMs >= QUARTER_MS && day.n >= LEAST;
  if (hasEnded) {
    const passedMs = tsMs - day.sinceMs;
    const perDay = (day.n * DAY_MS) / passedMs;
    day.perDay = day.perDay === 0 ? perDay : day.perDay + (perDay - day.perDay) / QUARTERS;
    // A long rest in between: the quarters before it were another time's.
    if (passedMs > 2 * DAY_MS) day.quarters = [];
    day.quarters.push(median(day.value));
    if (day.quarters.length > QUARTERS) day.quarters.shift();
    begin(day, tsMs);
  }
  day.lastMs = Math.max(day.lastMs, tsMs);
  if (day.n % day.every === 0) {
    if (day.value.length === KEPT) {
      day.value = day.value.filter((_, i) => i % 2 === 0);
      day.every *= 2;
    }
    if (day.n % day.every === 0) day.value.push(value);
  }
  day.n += 1;
  return hasEnded;
};

/** Null before two quarters. */
export const levelOfDay = (day: Day): number | null =>
  day.quarters.length < 2 ? null : median(day.quarters);
