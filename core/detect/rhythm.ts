import { median } from './robust.ts';

/**
 * How a series moves through the day, on working days and at weekends: what the hour adds to its level.
 * Learnt from the means of whole hours, day by day; the median over days counts, so that one bad day does not
 * become normal, and what few days say is drawn towards the overall level (empirical Bayes).
 *
 * Hours are those of UTC: a daily profile is the same in every zone, only the weekend's edges are off by the
 * zone's offset (in China they fall into the night and the early morning).
 */
export interface Rhythm {
  /** Means of the hours heard, by day (Unix days), oldest first. Empty once the profile is settled. */
  days: Day[];
  /** The hour that is being heard (hours since 1970), with its readings so far. */
  hour: number;
  sum: number;
  n: number;
  /** Hours closed since learning began, and the readings in them; the lowest and highest mean among them. */
  hours: number;
  readings: number;
  low: number;
  high: number;
  /** What each hour adds to the level: 24 of working days, 24 of weekends. Empty: nothing is known yet. */
  offset: number[];
  /** On how many days each of these hours was heard. */
  known: number[];
  /** Standard deviation from day to day of one hour's mean: weather, and work that is never the same. */
  dayScale: number;
  /** Days that the profile rests upon, on average over its hours. */
  depth: number;
  isSettled: boolean;
}

export interface Day {
  readonly day: number;
  readonly mean: (number | null)[];
}

export const HOUR_MS = 3_600_000;
const HOURS = 24;
const MAX_DAYS = 15;
/** The profile is drawn when a day is known, then so often: in the first days, and later. */
const HOURS_BETWEEN = 6;
const HOURS_BETWEEN_LATER = 24;
const FIRST_HOURS = 72;

/** A rhythm of so much up and down, as a part of the level, is nothing unusual. */
const AMPLITUDE = 0.2;
/** However quiet the hours that were heard, so much may still come. */
const LEAST_AMPLITUDE = 0.05;
/** A working day may begin so suddenly: this part of the level, within two hours. */
const STEP = 0.1;
const STEP_HOURS = 2;
/** What a rhythm may add in all before a first whole day is known. */
const UNSEEN = 0.18;
/**
 * What is held back at an hour that was seen on one day only, and at one that was never seen on days of its
 * kind: a part of the rhythm as far as it is known.
 */
const SEEN_ONCE = 0.4;
const NEVER_SEEN = 0.8;

export const newRhythm = (): Rhythm => ({
  days: [],
  hour: 0,
  sum: 0,
  n: 0,
  hours: 0,
  readings: 0,
  low: 0,
  high: 0,
  offset: [],
  known: [],
  dayScale: 0,
  depth: 0,
  isSettled: false,
});

export const hourOf = (tsMs: number): number => Math.floor(tsMs / HOUR_MS);

const isWeekend = (day: number): boolean => {
  const weekday = (day + 4) % 7;
  return weekday === 0 || weekday === 6;
};

/** Which of the 48 hours of the profile this is; `hour` since 1970. */
export const slotOf = (hour: number): number =>
  (isWeekend(Math.floor(hour / HOURS)) ? HOURS : 0) + (hour % HOURS);

/** What this hour adds to the level. */
export const offsetAt = (rhythm: Rhythm, slot: number): number => rhythm.offset[slot] ?? 0;

/** The most that any hour adds upwards (`sign` 1), or downwards (-1). */
export const extremeOffset = (rhythm: Rhythm, sign: 1 | -1): number =>
  rhythm.offset.reduce((most, offset) => (offset * sign > most * sign ? offset : most), 0);

const knownAt = (rhythm: Rhythm, slot: number): number => rhythm.known[slot] ?? 0;

/** Whether this hour, on days of this kind, was heard on two days: until then it is learnt, not suspected. */
export const isFamiliar = (rhythm: Rhythm, tsMs: number): boolean =>
  rhythm.isSettled || knownAt(rhythm, slotOf(hourOf(tsMs))) >= 2;

/** The newest hour's mean, as far as it was heard. */
const newest = ({ days, sum, n }: Rhythm): number | null => {
  if (n > 0) return sum / n;
  return days.at(-1)?.mean.findLast((value) => value !== null) ?? null;
};

/** Where reserve is asked for; `learntMs`: the newest reading that was learnt. */
export interface Instant {
  readonly tsMs: number;
  readonly center: number;
  readonly scale: number;
  readonly learntMs: number;
}

/**
 * In the first day: how far a daily wave may have gone from the overall level by now. Where it was when it was
 * last learnt, and what it can have moved since; the flatter the hours so far, the smaller the wave can be.
 */
const waveReserve = (rhythm: Rhythm, at: Instant): number => {
  const { tsMs, center, scale, learntMs } = at;
  const { low, high, hours, readings } = rhythm;
  const size = Math.abs(center);
  const last = Math.abs((newest(rhythm) ?? center) - center);
  const seen = hours > 0 ? Math.max(high - center, center - low) : 0;
  // The extremes of hours that differ by chance alone lie two of their errors out.
  const range = Math.max(last, seen) - (2 * scale) / Math.sqrt(Math.max(1, readings) / Math.max(1, hours));
  // The flattest part of a wave of amplitude 1 that lasts so long moves by this.
  const flattest = 1 - Math.cos((Math.PI * Math.min(HOURS, hours + 1)) / HOURS);
  const wave = Math.max(LEAST_AMPLITUDE * size, Math.min(AMPLITUDE * size, range / flattest));
  const passed = Math.min(HOURS / 2, (tsMs - learntMs) / HOUR_MS + 0.5);
  const step = STEP * size * Math.min(1, passed / STEP_HOURS);
  return Math.max(step, last + 2 * wave * Math.sin((Math.PI * passed) / HOURS));
};

/** While no whole day is known: what a level may differ by for no other reason than the hour. Then nothing. */
export const unseenRange = ({ hours, isSettled }: Rhythm, center: number): number =>
  hours < HOURS && !isSettled ? UNSEEN * Math.abs(center) : 0;

/**
 * What is held back at this instant for the part of the rhythm that was not seen yet, in the metric's unit:
 * nothing once the hour was heard on two days.
 */
export const reserveAt = (rhythm: Rhythm, at: Instant): number => {
  const slot = slotOf(hourOf(at.tsMs));
  const known = knownAt(rhythm, slot);
  if (known >= 2) return 0;
  if (rhythm.hours < HOURS && !rhythm.isSettled) return waveReserve(rhythm, at);
  const range = extremeOffset(rhythm, 1) - extremeOffset(rhythm, -1);
  return (known === 1 ? SEEN_ONCE : NEVER_SEEN) * range;
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Values of each hour of the day, over the days that `belongs` picks. */
const byHour = (rhythm: Rhythm, belongs: (day: number) => boolean): readonly number[][] => {
  const hours: number[][] = Array.from({ length: HOURS }, () => []);
  for (const { day, mean } of rhythm.days)
    if (belongs(day))
      mean.forEach((value, hour) => {
        if (value !== null) (hours[hour] as number[]).push(value);
      });
  return hours;
};

interface Profile {
  readonly level: number;
  readonly offset: readonly number[];
  readonly variance: number;
  readonly depth: number;
}

/** Of one day alone: what an hour differs from the one before it, as if all of that were chance. */
const roughness = (middles: readonly number[]): number => {
  const steps: number[] = [];
  for (let i = 1; i < middles.length; i++)
    steps.push(Math.abs((middles[i] as number) - (middles[i - 1] as number)));
  return steps.length > 0 ? (1.4826 * median(steps)) ** 2 / 2 : 0;
};

const profileOf = (hours: readonly (readonly number[])[]): Profile => {
  const middle = hours.map((values) => (values.length > 0 ? median(values) : null));
  const present = middle.filter((value) => value !== null);
  const level = mean(present);
  const off: number[] = [];
  hours.forEach((values, hour) => {
    const n = values.length;
    if (n < 2) return;
    // The middle of two lies near both: what is left of their distance is widened back.
    for (const value of values) off.push(Math.abs(value - (middle[hour] as number)) * Math.sqrt(n / (n - 1)));
  });
  const variance = off.length >= 8 ? (1.4826 * median(off)) ** 2 : roughness(present);
  const depth = mean(hours.filter((values) => values.length > 0).map((values) => values.length));
  const rhythm = Math.max(0, mean(present.map((value) => (value - level) ** 2)) - variance / depth);
  const offset = hours.map((values, hour) => {
    const at = middle[hour] ?? null;
    if (at === null) return 0;
    const chance = variance / values.length;
    return rhythm > 0 ? (rhythm / (rhythm + chance)) * (at - level) : 0;
  });
  return { level, offset, variance, depth };
};

/** What weekends add to the profile of working days, drawn towards nothing. */
const weekendOf = (work: Profile, hours: readonly (readonly number[])[]): readonly number[] => {
  const extra = hours.map((values, hour) =>
    values.length > 0 ? median(values) - work.level - (work.offset[hour] as number) : null,
  );
  const present = extra.filter((value) => value !== null);
  const depth = mean(hours.filter((values) => values.length > 0).map((values) => values.length));
  const size = Math.max(0, mean(present.map((value) => value * value)) - work.variance / Math.max(1, depth));
  return extra.map((value, hour) => {
    const chance = work.variance / Math.max(1, (hours[hour] as readonly number[]).length);
    return (
      (work.offset[hour] as number) + (value === null || size === 0 ? 0 : (size / (size + chance)) * value)
    );
  });
};

const WORKING_DAYS = 3;

const draw = (rhythm: Rhythm): void => {
  const weekend = byHour(rhythm, isWeekend);
  const work = byHour(rhythm, (day) => !isWeekend(day));
  const known = [...work, ...weekend].map(({ length }) => length);
  rhythm.known = known;
  const workingDays = rhythm.days.filter(({ day }) => !isWeekend(day)).length;
  const hasBoth = workingDays >= WORKING_DAYS && workingDays < rhythm.days.length;
  const profile = profileOf(hasBoth ? work : byHour(rhythm, () => true));
  const offset = [...profile.offset, ...(hasBoth ? weekendOf(profile, weekend) : profile.offset)];
  rhythm.offset = offset.map((value) => Number(value.toPrecision(4)));
  rhythm.dayScale = Math.sqrt(profile.variance);
  rhythm.depth = profile.depth;
};

const closeHour = (rhythm: Rhythm): void => {
  const { hour, sum, n } = rhythm;
  const day = Math.floor(hour / HOURS);
  if (rhythm.days.at(-1)?.day !== day) {
    rhythm.days.push({ day, mean: new Array<number | null>(HOURS).fill(null) });
    if (rhythm.days.length > MAX_DAYS) rhythm.days.shift();
  }
  const mean = Number((sum / n).toPrecision(4));
  (rhythm.days.at(-1) as Day).mean[hour % HOURS] = mean;
  rhythm.low = rhythm.hours === 0 ? mean : Math.min(rhythm.low, mean);
  rhythm.high = rhythm.hours === 0 ? mean : Math.max(rhythm.high, mean);
  rhythm.hours += 1;
  rhythm.readings += n;
};

/**
 * Takes a reading that is to be learnt, as it would be in the main state of the machine's cycle. Returns
 * whether the profile was drawn anew.
 */
export const noteRhythm = (rhythm: Rhythm, tsMs: number, value: number): boolean => {
  if (rhythm.isSettled) return false;
  const hour = hourOf(tsMs);
  let isNew = false;
  if (rhythm.n > 0 && hour !== rhythm.hour) {
    closeHour(rhythm);
    const between = rhythm.hours < FIRST_HOURS ? HOURS_BETWEEN : HOURS_BETWEEN_LATER;
    isNew = rhythm.hours >= HOURS && rhythm.hours % between === 0;
    if (isNew) draw(rhythm);
  }
  if (hour !== rhythm.hour || rhythm.n === 0) {
    rhythm.hour = hour;
    rhythm.sum = 0;
    rhythm.n = 0;
  }
  rhythm.sum += value;
  rhythm.n += 1;
  return isNew;
};

/** Nothing is learnt any more: the profile stays, the days that it came from are let go. */
export const settleRhythm = (rhythm: Rhythm): void => {
  rhythm.days = [];
  rhythm.isSettled = true;
};

/** What few days say of the weather, the next ones will exceed. */
const FEW_DAYS = 3;

/**
 * How far whole hours move from day to day beyond what single readings of this `scale` explain: weather, and work
 * that is never the same.
 */
export const slowScale = ({ dayScale, depth, readings, hours }: Rhythm, scale: number): number => {
  const perHour = readings / Math.max(1, hours);
  if (perHour <= 1 || depth === 0) return 0;
  const slow = Math.max(0, (dayScale ** 2 - scale ** 2 / perHour) / (1 - 1 / perHour));
  return Math.sqrt(slow) * (1 + FEW_DAYS / depth);
};

/** Variance of what a profile of few days says of the next one, beyond what is seen in those days. */
export const unknownVariance = (rhythm: Rhythm): number =>
  rhythm.depth > 0 ? (2 * rhythm.dayScale ** 2) / rhythm.depth : 0;

/**
 * The highest sum that days like these give more than once, each judged by the others: how far nature alone
 * carries it. `count` turns a deviation (in the metric's unit) into what a reading adds to the sum;
 * `noise` of single readings, of which an hour's mean keeps a part, is taken off first.
 */
export const replay = (rhythm: Rhythm, noise: number, count: (off: number) => number): number => {
  if (rhythm.days.length < 2 || rhythm.offset.length === 0) return 0;
  const perHour = rhythm.readings / Math.max(1, rhythm.hours);
  const levels: number[] = [];
  for (const { day, mean } of rhythm.days)
    mean.forEach((value, hour) => {
      if (value !== null) levels.push(value - offsetAt(rhythm, (isWeekend(day) ? HOURS : 0) + hour));
    });
  const level = median(levels);
  const widen = rhythm.depth > 1 ? rhythm.depth / (rhythm.depth - 1) : 2;
  const tops = rhythm.days.map(({ day, mean }) => {
    let top = 0;
    for (const sign of [1, -1]) {
      let sum = 0;
      mean.forEach((value, hour) => {
        if (value === null) return;
        const off = value - offsetAt(rhythm, (isWeekend(day) ? HOURS : 0) + hour) - level;
        const lasting = Math.sqrt(Math.max(0, (widen * off) ** 2 - (widen * noise) ** 2 / perHour));
        sum = Math.max(0, sum + perHour * count(Math.sign(off) * sign * lasting));
        top = Math.max(top, sum);
      });
    }
    return top;
  });
  // What came on one day only is not nature.
  return tops.sort((a, b) => b - a)[1] ?? 0;
};
