import { quantile, sorted } from './robust.ts';

/**
 * How long something usually keeps silent between two words: of the newest words, and the longest silence of each
 * of the last days. Under 1 KiB, however long it goes on.
 */
export interface Gaps {
  /** The newest ones, oldest first. */
  recent: number[];
  /** The longest silence of each day on which one ended, by day since 1970, oldest first. */
  days: (readonly [day: number, longestMs: number])[];
  n: number;
  /** What follows from them, worked out now and then. */
  typicalMs: number;
  isRegular: boolean;
  naturalMs: number;
}

const RECENT = 32;
const DAYS = 28;
const ENOUGH = 16;
const DAY_MS = 86_400_000;
const WORKED_OUT_EVERY = 8;
/** One that reports by the clock: hardly an interval is so much longer or shorter than the usual. */
const REGULAR = 1.4;
/** Until its nights are known. */
const FIRST_DAYS_MS = 12 * 3_600_000;
export const MAX_SILENCE_MS = 8 * DAY_MS;

export const newGaps = (): Gaps => ({
  recent: [],
  days: [],
  n: 0,
  typicalMs: 0,
  isRegular: false,
  naturalMs: 0,
});

/**
 * A silence that ended by itself on three days is natural: every night, every Sunday. One or two were something
 * else, perhaps what we are here for. Where few days are known, the longest but one, or the only one.
 */
export const naturalMs = ({ days }: Pick<Gaps, 'days'>): number => {
  const longest = sorted(days.map(([, ms]) => ms)).reverse();
  return longest[longest.length >= 7 ? 2 : longest.length >= 3 ? 1 : 0] ?? 0;
};

export const longestOf = (days: Gaps['days']): number => days.reduce((most, [, ms]) => Math.max(most, ms), 0);

/** The list of days with this silence in it. */
export const withDay = (days: Gaps['days'], endedMs: number, gapMs: number): Gaps['days'] => {
  const day = Math.floor(endedMs / DAY_MS);
  const known = days.findIndex(([at]) => at === day);
  if (known < 0) return [...days, [day, gapMs] as const].slice(-DAYS);
  if ((days[known] as Gaps['days'][number])[1] >= gapMs) return days;
  return days.with(known, [day, gapMs]);
};

const workOut = (gaps: Gaps): void => {
  const recent = sorted(gaps.recent);
  gaps.typicalMs = quantile(recent, 0.5);
  gaps.isRegular =
    quantile(recent, 0.95) <= REGULAR * gaps.typicalMs && quantile(recent, 0.05) * REGULAR >= gaps.typicalMs;
  gaps.naturalMs = naturalMs(gaps);
};

/** A silence of `gapMs` has ended at this time. True where what is known of it may have changed. */
export const learnGap = (gaps: Gaps, endedMs: number, gapMs: number): boolean => {
  if (gapMs <= 0) return false;
  const days = gaps.days.length;
  gaps.recent.push(gapMs);
  if (gaps.recent.length > RECENT) gaps.recent.shift();
  gaps.days = withDay(gaps.days, endedMs, gapMs);
  gaps.n += 1;
  const isDue = gaps.n % WORKED_OUT_EVERY === 0 || gapMs > gaps.naturalMs;
  if (isDue) workOut(gaps);
  return isDue || gaps.days.length !== days;
};

/** Longer than this is out of the ordinary; null while too little is known. */
export const overdueAfterMs = (
  gaps: Gaps,
  { intervals, leastMs }: { readonly intervals: number; readonly leastMs: number },
): number | null => {
  if (gaps.n < ENOUGH) return null;
  const usual = Math.max(leastMs, intervals * gaps.typicalMs, 1.5 * gaps.naturalMs);
  const isNew = !gaps.isRegular && gaps.days.length < 3;
  return Math.min(MAX_SILENCE_MS, isNew ? Math.max(usual, FIRST_DAYS_MS) : usual);
};

/**
 * The same for what is known to be there: a machine whose connection lives, a unit of one that reports. One that
 * speaks at odd times, only when it is used, has to be known for a week, and for longer.
 */
export const unusedAfterMs = (
  gaps: Gaps,
  parameters: { readonly intervals: number; readonly leastMs: number },
): number | null => {
  const usual = overdueAfterMs(gaps, parameters);
  if (usual === null || gaps.isRegular) return usual;
  return gaps.days.length < 7 ? null : Math.max(usual, 3 * gaps.naturalMs);
};
