import { LOCALES, language, t } from '../words/words.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export const ms = (iso: string): number => Date.parse(iso);
export const msOrNull = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso));

/** How long, in the one unit that people can feel: "40 s", "12 min", "5 h", "9 days". */
export const span = (lengthMs: number): string => {
  const size = Math.abs(lengthMs);
  if (size < MINUTE_MS) return t('time.seconds', { n: Math.max(1, Math.round(size / SECOND_MS)) });
  if (size < 90 * MINUTE_MS) return t('time.minutes', { n: Math.round(size / MINUTE_MS) });
  if (size < 2 * DAY_MS) return t('time.hours', { n: Math.round(size / HOUR_MS) });
  const days = Math.round(size / DAY_MS);
  return days === 1 ? t('time.day') : t('time.days', { n: days });
};

/** "3 min ago"; "just now" below five seconds; "in 9 days" for what lies ahead. */
export const ago = (atMs: number, nowMs: number): string => {
  const age = nowMs - atMs;
  if (age < -5 * SECOND_MS) return t('time.in', { time: span(age) });
  return age < 5 * SECOND_MS ? t('time.now') : t('time.ago', { time: span(age) });
};

/** What is left on a clock: "2:31" below an hour, else "5 h"; beyond it the size of the delay. */
export const clockLeft = (leftMs: number): string => {
  const size = Math.abs(leftMs);
  if (size >= HOUR_MS) return span(size);
  const seconds = Math.floor(size / SECOND_MS);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

type Style = 'time' | 'second' | 'day' | 'dayTime' | 'exact';
const STYLES: Readonly<Record<Style, Intl.DateTimeFormatOptions>> = {
  time: { hour: '2-digit', minute: '2-digit' },
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  day: { month: 'short', day: 'numeric' },
  dayTime: { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
  exact: {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  },
};

const formats = new Map<string, Intl.DateTimeFormat>();

const formatFor = (style: Style, zone: string): Intl.DateTimeFormat => {
  const key = `${language.value} ${style} ${zone}`;
  const known = formats.get(key);
  if (known) return known;
  if (formats.size >= 200) formats.clear();
  const options = { ...STYLES[style], hourCycle: 'h23' } as const;
  const made = ((): Intl.DateTimeFormat => {
    try {
      return new Intl.DateTimeFormat(LOCALES[language.value], { ...options, timeZone: zone });
    } catch {
      // A zone that this browser doesn't know must not take the page down.
      return new Intl.DateTimeFormat(LOCALES[language.value], { ...options, timeZone: 'UTC' });
    }
  })();
  formats.set(key, made);
  return made;
};

/** A time of day or date in the zone of its site. */
export const at = (style: Style, atMs: number, zone: string): string => formatFor(style, zone).format(atMs);

/** "14:02" today, "23 Nov, 14:02" on other days. */
export const when = (atMs: number, nowMs: number, zone: string): string =>
  at('day', atMs, zone) === at('day', nowMs, zone) ? at('time', atMs, zone) : at('dayTime', atMs, zone);
