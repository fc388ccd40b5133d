import type { AlertEvent } from '../../alert/alert.ts';
import type { Catalogue } from '../../fault/catalogue.ts';
import { DAY, normal, player, T0, uniform } from './play.ts';

/** What is wrong with a machine from `fromDay` on, counted from its first reading; null: it is well. */
export type Defect = 'shift' | 'spread' | 'ramp' | 'growth';

/** How one machine lives: everything about it comes from the seed. */
export interface Life {
  readonly metric: string;
  /** When it was first heard, at an hour of its own. */
  readonly startMs: number;
  /** What the metric shows at a day since the beginning, by its own random source. */
  readonly values: (day: number, random: () => number) => Readonly<Record<string, number>>;
}

export type Kind = 'plain' | 'rhythm' | 'weekend' | 'weather' | 'idle' | 'loads';
export const KINDS: readonly Kind[] = ['plain', 'rhythm', 'weekend', 'weather', 'idle', 'loads'];

export interface Course {
  readonly defect: Defect | null;
  readonly fromDay: number;
  /** Shift: part of the level. Spread: how many times. Ramp: part of the level a day. Growth: days to the e-fold. */
  readonly size: number;
}

export const WELL: Course = { defect: null, fromDay: Number.POSITIVE_INFINITY, size: 0 };

/** Working hours with soft edges, in [0, 1]. */
const busy = (hour: number): number =>
  Math.max(0, Math.min(1, (hour - 6) / 2)) * Math.max(0, Math.min(1, (21 - hour) / 3));

const wear = ({ defect, fromDay, size }: Course, day: number): number => {
  if (day < fromDay) return 1;
  if (defect === 'shift') return 1 + size;
  if (defect === 'ramp') return 1 + size * (day - fromDay);
  if (defect === 'growth') return Math.exp((day - fromDay) / size);
  return 1;
};

/** A machine of a population: level, rhythm of 15–20 %, noise and weather of its own. */
export const machineOf = (seed: number, kind: Kind, course: Course): Life => {
  const build = uniform(seed * 7_919 + 13);
  const between = (low: number, high: number): number => low + (high - low) * build();
  const level = between(6, 12);
  const noise = between(0.005, 0.03);
  const amplitude = kind === 'plain' ? 0 : between(0.15, 0.2) / 2;
  const peakHour = between(0, 24);
  const isStepped = build() < 0.4;
  const rest = between(0.2, 0.6);
  const weather = Array.from({ length: 120 }, () => normal(build));
  for (let day = 1; day < weather.length; day++)
    weather[day] = 0.7 * (weather[day - 1] as number) + 0.71 * (weather[day] as number);
  const startDay = Math.floor(between(0, 24)) / 24;
  const dayShift = kind === 'weather' ? 0.02 : 0;
  return {
    metric: 'hoistCurrentA',
    startMs: T0 + startDay * DAY,
    values: (day, random) => {
      const hour = (day % 1) * 24;
      // T0 is a Thursday.
      const isWeekend = kind === 'weekend' && [2, 3].includes(Math.floor(day) % 7);
      const wave = isStepped
        ? 2 * busy((hour - peakHour + 36) % 24) - 1
        : Math.cos((2 * Math.PI * (hour - peakHour)) / 24);
      const rhythm = 1 + amplitude * wave * (isWeekend ? rest : 1);
      // The weather of a day comes in the course of it.
      const today = Math.max(1, Math.floor(day));
      const [before, after] = [weather[today - 1] as number, weather[today] as number];
      const days = 1 + dayShift * (before + (after - before) * (day - Math.floor(day)));
      const spread = course.defect === 'spread' && day - startDay >= course.fromDay ? course.size : 1;
      const value =
        level * rhythm * days * wear(course, day - startDay) * (1 + spread * noise * normal(random));
      if (kind === 'idle' && random() < 0.4) return { hoistCurrentA: 0.3 * (1 + 0.05 * normal(random)) };
      if (kind === 'loads') {
        const occupancy = random() < 0.35 + 0.3 * busy(hour) ? 1 : 0;
        return { hoistCurrentA: value * (occupancy === 1 ? 1.3 : 1), occupancy };
      }
      return { hoistCurrentA: value };
    },
  };
};

export interface Watched {
  readonly events: readonly AlertEvent[];
  /** Bytes of the series as JSON, the most that was seen. */
  readonly bytes: number;
  readonly readings: number;
}

/** Lets a machine live and the engine listen. Readings come every `everyMs`, each up to a fifth earlier or later. */
export const watch = (
  catalogue: Catalogue,
  life: Life,
  options: { readonly seed: number; readonly everyMs: number; readonly days: number },
): Watched => {
  const { seed, everyMs, days } = options;
  const random = uniform(seed);
  const garage = player(catalogue);
  let bytes = 0;
  let readings = 0;
  let nextLookMs = 0;
  for (let atMs = 0; atMs < days * DAY; atMs += everyMs) {
    const tsMs = life.startMs + Math.round(atMs + 0.2 * everyMs * (random() - 0.5));
    garage.read(tsMs, life.values((tsMs - T0) / DAY, random));
    readings += 1;
    if (atMs < nextLookMs) continue;
    nextLookMs = atMs + DAY / 2;
    const series = garage.state.units.get('bay1')?.get(life.metric);
    bytes = Math.max(bytes, JSON.stringify(series).length);
  }
  return { events: garage.events, bytes, readings };
};
