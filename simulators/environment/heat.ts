import { exponential, uniform } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import type { Climate } from './climate.ts';

/** Days that are much hotter than their season. Days are local days since 1970. */
export interface HeatWave {
  readonly fromDay: number;
  /** The last one. */
  readonly toDay: number;
  readonly excessC: number;
}

const YEAR_DAYS = 365.2425;
/** Mid June to the end of August. */
const SEASON: readonly [number, number] = [0.46, 0.66];
const LONGEST_DAYS = 14;

const yearOf = (day: number): number => Math.floor((day + 0.5) / YEAR_DAYS);

const drawYear = (climate: Climate, seed: number, name: string, year: number): readonly HeatWave[] => {
  const random = stream(seed, `${name}/heat/${year}`);
  const meanGap = (SEASON[1] - SEASON[0]) / climate.heatWaves;
  const waves: HeatWave[] = [];
  for (
    let at = SEASON[0] + exponential(random, meanGap);
    at < SEASON[1];
    at += exponential(random, meanGap)
  ) {
    const fromDay = Math.round((year + at) * YEAR_DAYS);
    const days = Math.round(uniform(random, 4, LONGEST_DAYS));
    waves.push({ fromDay, toDay: fromDay + days - 1, excessC: uniform(random, 3, 6) });
    at += days / YEAR_DAYS;
  }
  return waves;
};

/** The heat waves of a region, one after the other, and how much they add on a day. */
export interface Heat {
  excessC(day: number): number;
  /** Those that touch these days. */
  between(fromDay: number, toDay: number): readonly HeatWave[];
  /** One that a scenario asks for. */
  add(wave: HeatWave): void;
}

export const createHeat = (climate: Climate, seed: number, name: string): Heat => {
  const years = new Map<number, readonly HeatWave[]>();
  const added: HeatWave[] = [];
  const ofYear = (year: number): readonly HeatWave[] => {
    let waves = years.get(year);
    if (!waves) {
      waves = drawYear(climate, seed, name, year);
      years.set(year, waves);
    }
    return waves;
  };
  /** It builds up over the first day and is gone a day after the last. */
  const share = ({ fromDay, toDay }: HeatWave, day: number): number =>
    day < fromDay || day > toDay ? 0 : day === fromDay ? 0.6 : 1;
  const excessC = (day: number): number => {
    let most = 0;
    for (const wave of ofYear(yearOf(day))) most = Math.max(most, wave.excessC * share(wave, day));
    for (const wave of added) most = Math.max(most, wave.excessC * share(wave, day));
    return most;
  };
  return {
    excessC,
    between: (fromDay, toDay) => {
      const waves = [...added];
      for (let year = yearOf(fromDay); year <= yearOf(toDay); year++) waves.push(...ofYear(year));
      return waves.filter((wave) => wave.toDay >= fromDay && wave.fromDay <= toDay);
    },
    add: (wave) => {
      added.push(wave);
    },
  };
};
