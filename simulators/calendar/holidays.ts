import years from './holidays.json' with { type: 'json' };

/** What a day is by the calendar of its country, where that differs from its weekday. */
export interface SpecialDay {
  /** Nobody works; false: a weekend day that is worked instead. */
  readonly off: boolean;
  /** Spring Festival: people are with their families, cities are empty. */
  readonly festival: boolean;
}

export const DAY_MS = 86_400_000;

const dayOf = (year: number, monthDay: string): number =>
  Date.parse(`${year}-${monthDay}T00:00:00Z`) / DAY_MS;

const calendarOf = (zone: string): ReadonlyMap<number, SpecialDay> => {
  const days = new Map<number, SpecialDay>();
  for (const { year, off, work } of years.filter((entry) => entry.zone === zone)) {
    for (const span of off) {
      const festival = 'festival' in span && span.festival === true;
      for (let day = dayOf(year, span.from); day <= dayOf(year, span.to); day++)
        days.set(day, { off: true, festival });
    }
    for (const monthDay of work) days.set(dayOf(year, monthDay), { off: false, festival: false });
  }
  return days;
};

const calendars = new Map<string, ReadonlyMap<number, SpecialDay>>();

/**
 * The special days of a zone by their number (days since 1970, local): public holidays and the weekend days that
 * are worked for them. Zones without data in holidays.json have none.
 */
export const specialDays = (zone: string): ReadonlyMap<number, SpecialDay> => {
  let days = calendars.get(zone);
  if (!days) {
    days = calendarOf(zone);
    calendars.set(zone, days);
  }
  return days;
};
