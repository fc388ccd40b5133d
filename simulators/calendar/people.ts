import { exponential } from '../random/draw.ts';
import type { Random } from '../random/stream.ts';
import type { LocalClock, LocalTime } from './local.ts';

/** How a place is used: arrivals per bay and hour, by hour of the day, and how long cars stay. */
export interface Habits {
  readonly weekday: readonly number[];
  readonly weekend: readonly number[];
  /** Part of a day off's people that come at Spring Festival. */
  readonly festival: number;
  readonly stayMedianMs: number;
  /** Standard deviation of the logarithm of the stay. */
  readonly staySpread: number;
}

const hours = (from: number, values: readonly number[]): readonly number[] =>
  Array.from({ length: 24 }, (_, hour) => values[hour - from] ?? 0);

/** Rush at noon and after work, busier at the weekend. */
const MALL: Habits = {
  weekday: hours(8, [0.2, 0.5, 0.9, 1.2, 1.3, 1.1, 0.9, 0.9, 1, 1.3, 1.6, 1.4, 0.9, 0.4, 0.1]),
  weekend: hours(8, [0.3, 0.8, 1.4, 1.6, 1.6, 1.5, 1.5, 1.5, 1.6, 1.6, 1.6, 1.4, 1, 0.5, 0.2]),
  festival: 0.6,
  stayMedianMs: 32 * 60_000,
  staySpread: 0.45,
};

/** The morning's out-patients, a second wave after lunch, half as many at the weekend. */
const HOSPITAL: Habits = {
  weekday: hours(6, [0.4, 1.4, 2, 1.8, 1.5, 1, 0.7, 1.2, 1.5, 1.2, 0.9, 0.6, 0.5, 0.4, 0.3, 0.2]),
  weekend: hours(6, [0.3, 0.8, 1.2, 1.1, 0.9, 0.6, 0.5, 0.7, 0.8, 0.7, 0.5, 0.4, 0.3, 0.3, 0.2, 0.1]),
  festival: 0.5,
  stayMedianMs: 36 * 60_000,
  staySpread: 0.4,
};

/** Two peaks: in at eight, out at six; hardly anybody at the weekend. */
const OFFICE: Habits = {
  weekday: hours(6, [0.05, 0.3, 0.45, 0.2, 0.08, 0.06, 0.1, 0.15, 0.06, 0.04, 0.03, 0.02]),
  weekend: hours(8, [0.03, 0.05, 0.05, 0.03, 0.03, 0.04, 0.03]),
  festival: 0.2,
  stayMedianMs: 9 * 3_600_000,
  staySpread: 0.18,
};

/** Two peaks: home from five on, away from seven on; at the weekend they come and go all day. */
const RESIDENTIAL: Habits = {
  weekday: hours(11, [0.04, 0.06, 0.04, 0.03, 0.04, 0.08, 0.2, 0.28, 0.24, 0.14, 0.08, 0.05, 0.03]),
  weekend: hours(9, [0.05, 0.08, 0.1, 0.1, 0.08, 0.08, 0.1, 0.12, 0.14, 0.14, 0.1, 0.08, 0.06, 0.04]),
  festival: 0.8,
  stayMedianMs: 12.5 * 3_600_000,
  staySpread: 0.15,
};

export const HABITS = {
  mall: MALL,
  hospital: HOSPITAL,
  office: OFFICE,
  residential: RESIDENTIAL,
} as const;
export type HabitsName = keyof typeof HABITS;

/** When something is used, without how long cars stay. */
export type Hours = Pick<Habits, 'weekday' | 'weekend' | 'festival'>;

/** Arrivals per bay and hour at this time. */
export const arrivalRate = (habits: Hours, time: LocalTime): number => {
  const perHour = (time.dayOff ? habits.weekend : habits.weekday)[Math.floor(time.hour)] ?? 0;
  return time.festival ? habits.festival * perHour : perHour;
};

/**
 * When the next car comes to a garage of `bays` bays: a Poisson process whose rate follows the clock, drawn by
 * thinning (candidates at the highest rate, each kept with the probability that its hour deserves).
 */
export const nextArrivalMs = (
  habits: Hours,
  clock: LocalClock,
  bays: number,
  afterMs: number,
  random: Random,
): number => {
  const peak = Math.max(...habits.weekday, ...habits.weekend);
  const meanMs = 3_600_000 / (peak * bays);
  let atMs = afterMs;
  for (;;) {
    atMs += exponential(random, meanMs);
    if (random() * peak < arrivalRate(habits, clock(atMs))) return Math.ceil(atMs);
  }
};
