import { DAY_MS, specialDays } from './holidays.ts';

/** The time on the wall of a place. */
export interface LocalTime {
  /** 0 ≤ hour < 24, with its fraction. */
  readonly hour: number;
  /** Whole days since 1 January 1970, local. */
  readonly day: number;
  /** Saturday, Sunday or a public holiday, and not a weekend day that is worked for one. */
  readonly dayOff: boolean;
  /** Spring Festival. */
  readonly festival: boolean;
  /** 0 at the start of January, 1 at the end of December. */
  readonly year: number;
}

export type LocalClock = (tsMs: number) => LocalTime;

/** Minutes that a zone is ahead of UTC at this instant. */
const offsetMs = (format: Intl.DateTimeFormat, tsMs: number): number => {
  const parts = new Map(format.formatToParts(tsMs).map((part) => [part.type, Number(part.value)]));
  const field = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const wall = Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  );
  return wall - Math.floor(tsMs / 1000) * 1000;
};

/**
 * Local time in an IANA zone. The offset is looked up once per hour of history, because Intl is slow and zones
 * change on whole hours at most (two half-hour zones are off for that half hour, twice a year).
 */
export const localClock = (timeZone: string): LocalClock => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const special = specialDays(timeZone);
  let hourOfOffset = Number.NaN;
  let offset = 0;
  return (tsMs) => {
    const utcHour = Math.floor(tsMs / 3_600_000);
    if (utcHour !== hourOfOffset) {
      hourOfOffset = utcHour;
      offset = offsetMs(format, tsMs);
    }
    const wallMs = tsMs + offset;
    const day = Math.floor(wallMs / DAY_MS);
    // 1 January 1970 was a Thursday.
    const weekday = (((day + 3) % 7) + 7) % 7;
    const known = special.get(day);
    return {
      hour: (wallMs - day * DAY_MS) / 3_600_000,
      day,
      dayOff: known?.off ?? weekday >= 5,
      festival: known?.festival ?? false,
      year: ((day + 0.5) / 365.2425) % 1,
    };
  };
};
