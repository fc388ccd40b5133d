import type { Crew, Shift } from './crew.ts';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Formatters are costly to build and there are as many as zones in use. */
const formatters = new Map<string, Intl.DateTimeFormat>();
const MAX_ZONES = 600;

const formatter = (timeZone: string): Intl.DateTimeFormat => {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  if (formatters.size >= MAX_ZONES) formatters.clear();
  formatters.set(timeZone, made);
  return made;
};

/** Day of week (1 Monday – 7 Sunday) and minute of the day at `atMs` in the IANA zone. */
export const localTime = (
  atMs: number,
  timeZone: string,
): { readonly day: number; readonly minute: number } => {
  const parts = formatter(timeZone).formatToParts(atMs);
  const part = (type: string): string => parts.find((candidate) => candidate.type === type)?.value ?? '';
  return {
    day: WEEKDAYS.indexOf(part('weekday')) + 1,
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
};

const minuteOf = (clock: string): number => {
  const [hour = '0', minute = '0'] = clock.split(':');
  return Number(hour) * 60 + Number(minute);
};

const covers = (shift: Shift, day: number, minute: number): boolean => {
  const from = minuteOf(shift.from);
  const to = minuteOf(shift.to);
  if (from < to) return shift.days.includes(day) && minute >= from && minute < to;
  // Over midnight: the evening of a named day, or the morning after one. `00:00`–`00:00` is the whole day.
  const dayBefore = day === 1 ? 7 : day - 1;
  return (shift.days.includes(day) && minute >= from) || (shift.days.includes(dayBefore) && minute < to);
};

/** Whether the crew works at `atMs`, by its shifts in its own zone. A crew without shifts never does. */
export const onShift = (crew: Pick<Crew, 'shifts' | 'timeZone'>, atMs: number): boolean => {
  const { day, minute } = localTime(atMs, crew.timeZone);
  return crew.shifts.some((shift) => covers(shift, day, minute));
};
