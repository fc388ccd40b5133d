import type { Fault } from '../fault/catalogue.ts';
import type { Active } from './announce.ts';

/** How often one code of one unit comes, in episodes: a code that flaps counts once. */
export interface CodeRate {
  /** When the newest episode was last heard of, on or off. */
  lastMs: number;
  /** The newest episodes. */
  recent: number[];
  /** Episodes of each of the last days, by day since 1970. */
  days: (readonly [day: number, episodes: number])[];
  /** Those of older days, worth less the older they are, as of `olderMs`. */
  older: number;
  olderMs: number;
  active: Active | null;
  /** `active` is looked at again at this time. */
  checkMs: number;
  /** In which window it was unusual. */
  window: 'hours' | 'days' | 'weeks';
}

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Off and on again within this is one episode. */
const EPISODE_MS = HOUR_MS / 6;
/** Days that are counted one by one. */
export const WEEKS_DAYS = 14;
/** What is older than this weighs a third. */
const MEMORY_DAYS = 60;
const RECENT = 32;

/** Codes that stop nobody for long, or that the attendant clears: one is nothing, many are a sign. */
export const isHarmless = ({ severity, response }: Pick<Fault, 'severity' | 'response'>): boolean =>
  severity === 'S3' || response === 'attendant';

export const newCodeRate = (): CodeRate => ({
  lastMs: 0,
  recent: [],
  days: [],
  older: 0,
  olderMs: 0,
  active: null,
  checkMs: 0,
  window: 'hours',
});

export const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS);
/** Episodes of the days that are counted one by one. */
export const episodesOf = ({ days }: CodeRate): number =>
  days.reduce((sum, [, episodes]) => sum + episodes, 0);

/** Moves days that are older than two weeks to what weighs less and less. */
export const age = (rate: CodeRate, nowMs: number): void => {
  const first = dayOf(nowMs) - WEEKS_DAYS + 1;
  for (const [day, episodes] of rate.days) {
    if (day >= first) continue;
    const atMs = (day + 1) * DAY_MS;
    rate.older = rate.older * Math.exp(-Math.max(0, atMs - rate.olderMs) / (MEMORY_DAYS * DAY_MS)) + episodes;
    rate.olderMs = Math.max(rate.olderMs, atMs);
  }
  rate.days = rate.days.filter(([day]) => day >= first);
};

const count = (rate: CodeRate, atMs: number): void => {
  const day = dayOf(atMs);
  const at = rate.days.findIndex(([known]) => known === day);
  if (at < 0) rate.days.push([day, 1]);
  else rate.days[at] = [day, (rate.days[at] as CodeRate['days'][number])[1] + 1];
  rate.recent = [...rate.recent, atMs].slice(-RECENT);
  age(rate, atMs);
};

/** The machine's own past up to `untilMs`, older days weighing less: episodes, and days in which they came. */
export const pastOf = (
  rate: CodeRate | undefined,
  sinceMs: number,
  untilMs: number,
): { readonly episodes: number; readonly days: number } => {
  const span = Math.max(0, (untilMs - sinceMs) / DAY_MS);
  const days = MEMORY_DAYS * (1 - Math.exp(-span / MEMORY_DAYS));
  if (!rate) return { episodes: 0, days };
  const faded = rate.older * Math.exp(-Math.max(0, untilMs - rate.olderMs) / (MEMORY_DAYS * DAY_MS));
  return { episodes: faded, days };
};

/** The code went on or off; true where a new episode began. */
export const noteEpisode = (rate: CodeRate, atMs: number, isOn: boolean): boolean => {
  const isNew = isOn && atMs - rate.lastMs >= EPISODE_MS;
  rate.lastMs = Math.max(rate.lastMs, atMs);
  if (isNew) count(rate, atMs);
  return isNew;
};
