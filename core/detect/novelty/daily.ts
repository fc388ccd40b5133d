/**
 * What the half hour of the day adds to a level, on working days and at weekends (UTC), and whether knowing that
 * has helped. A figure for the joint score only: core/detect/rhythm.ts is the careful one that alerts rest upon.
 */
export interface Daily {
  n: number;
  firstMs: number;
  /** Mean of each slot, and in how many readings it was met. */
  mean: number[];
  met: number[];
  /** Running level without any rhythm. */
  level: number;
  /** Mean errors so far of expecting the slot's mean, and the plain level; judged since the second day. */
  errorDaily: number;
  errorLevel: number;
  judged: number;
  /** What is left of the newest readings, averaged. */
  rest: number;
}

const DAY_MS = 86_400_000;
const SLOTS = 48;
const SLOT_MS = DAY_MS / SLOTS;
/** Readings: of a slot, of the level, of the comparison, of the average of what is left. */
const SLOT_READINGS = 60;
const LEVEL_READINGS = 2_000;
const JUDGED_READINGS = 1_000;
const REST_READINGS = 8;
/** The other kind of day says so much of this one; and so many readings' worth says the level. */
const OTHER_DAYS = 0.3;
const LEVEL_WEIGHT = 2;
const ENOUGH_JUDGED = 100;
/** Expecting by the slot must err so much less before it is said to help. */
const HELPS = 0.9;

export const newDaily = (): Daily => ({
  n: 0,
  firstMs: 0,
  mean: new Array(2 * SLOTS).fill(0),
  met: new Array(2 * SLOTS).fill(0),
  level: 0,
  errorDaily: 0,
  errorLevel: 0,
  judged: 0,
  rest: 0,
});

const slotOf = (tsMs: number): number => {
  const day = Math.floor(tsMs / DAY_MS);
  const slot = Math.min(SLOTS - 1, Math.floor((tsMs - day * DAY_MS) / SLOT_MS));
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday === 0 || weekday === 6 ? slot + SLOTS : slot;
};

const expectedAt = ({ mean, met, level }: Daily, slot: number): number => {
  const other = slot < SLOTS ? slot + SLOTS : slot - SLOTS;
  const own = met[slot] as number;
  const others = OTHER_DAYS * (met[other] as number);
  const total = own * (mean[slot] as number) + others * (mean[other] as number) + LEVEL_WEIGHT * level;
  return own + others === 0 ? level : total / (own + others + LEVEL_WEIGHT);
};

/** The slot's expectation where it has erred less than the plain level so far. */
const judged = (daily: Daily, value: number, expected: number): number => {
  daily.judged += 1;
  const share = 1 / Math.min(daily.judged, JUDGED_READINGS);
  daily.errorDaily += share * (Math.abs(value - expected) - daily.errorDaily);
  daily.errorLevel += share * (Math.abs(value - daily.level) - daily.errorLevel);
  return daily.errorDaily > daily.errorLevel ? daily.level : expected;
};

/** Whether the time of day tells much of this series. */
export const hasRhythm = ({ judged, errorDaily, errorLevel }: Daily): boolean =>
  judged > ENOUGH_JUDGED && errorDaily < HELPS * errorLevel;

/** What is left of the newest readings when the rhythm is taken out, averaged; then learns. Changes `daily`. */
export const restOf = (daily: Daily, tsMs: number, value: number): number => {
  if (daily.n === 0) {
    daily.firstMs = tsMs;
    daily.level = value;
  }
  daily.n += 1;
  const slot = slotOf(tsMs);
  const knows = tsMs - daily.firstMs > DAY_MS;
  const expected = knows ? judged(daily, value, expectedAt(daily, slot)) : daily.level;
  daily.level += (value - daily.level) / Math.min(daily.n, LEVEL_READINGS);
  const met = (daily.met[slot] as number) + 1;
  daily.met[slot] = met;
  const mean = daily.mean[slot] as number;
  daily.mean[slot] = mean + (value - mean) / Math.min(met, SLOT_READINGS);
  daily.rest += Math.max(1 / daily.n, 1 / REST_READINGS) * (value - expected - daily.rest);
  return daily.rest;
};
