import { DAY_MS, specialDays } from './holidays.ts';

const HOUR_MS = 3_600_000;

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
 * Local time in an IANA zone. The offset is looked up once per day of history, because Intl is slow; on the days on
 * which a zone changes its clocks once per hour (two half-hour zones are off for that half hour, twice a year).
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
  let offset = 0;
  let [fromMs, toMs] = [0, 0];
  const lookUp = (tsMs: number): void => {
    fromMs = Math.floor(tsMs / DAY_MS) * DAY_MS;
    toMs = fromMs + DAY_MS;
    offset = offsetMs(format, fromMs);
    if (offset === offsetMs(format, toMs)) return;
    fromMs = Math.floor(tsMs / HOUR_MS) * HOUR_MS;
    toMs = fromMs + HOUR_MS;
    offset = offsetMs(format, tsMs);
  };
  return (tsMs) => {
    if (tsMs < fromMs || tsMs >= toMs) lookUp(tsMs);
    const wallMs = tsMs + offset;
    const day = Math.floor(wallMs / DAY_MS);
    // 1 January 1970 was a Thursday.
    const weekday = (((day + 3) % 7) + 7) % 7;
    const known = special.get(day);
    return {
      hour: (wallMs - day * DAY_MS) / HOUR_MS,
      day,
      dayOff: known?.off ?? weekday >= 5,
      festival: known?.festival ?? false,
      year: ((day + 0.5) / 365.2425) % 1,
    };
  };
};
