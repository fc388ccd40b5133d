import { type LocalClock, type LocalTime, localClock } from '../calendar/local.ts';
import type { ClimateName } from './climate.ts';
import { createSupply, type Supply } from './supply.ts';
import { createSky, type Sky, type Weather } from './weather.ts';

/** What surrounds a machine at one instant. */
export interface Conditions extends Weather {
  readonly time: LocalTime;
  /** In a lived-in room: heated, and cooled as well as it can be. */
  readonly roomC: number;
  /** In a garage below ground. */
  readonly undergroundC: number;
}

/** The surroundings that the machines of a site share. Pure in time: asked in any order, the answer is the same. */
export interface Surroundings {
  readonly clock: LocalClock;
  readonly sky: Sky;
  readonly supply: Supply;
  at(tsMs: number): Conditions;
  /** Mains voltage as a share of nominal. */
  voltage(tsMs: number): number;
}

const HEATED_C = 20.5;
const COOLED_C = 26;

/** Heating holds it in winter; in between windows are open; in summer cooling keeps up two thirds of the way. */
const roomC = (meanC: number, hour: number): number => {
  const day = 0.7 * Math.cos(((hour - 16) / 24) * 2 * Math.PI);
  if (meanC <= 14) return HEATED_C + day;
  if (meanC <= 27) return HEATED_C + ((meanC - 14) / 13) * (COOLED_C - HEATED_C) + day;
  return COOLED_C + 0.35 * (meanC - 27) + day;
};

const MINUTE_MS = 60_000;

/** The weather of a minute is worked out once, for all that ask in it. */
const conditionsOf = (clock: LocalClock, sky: Sky): ((tsMs: number) => Conditions) => {
  let minute = Number.NaN;
  let kept: Conditions | null = null;
  return (tsMs) => {
    const now = Math.floor(tsMs / MINUTE_MS);
    if (kept && now === minute) return kept;
    minute = now;
    const time = clock(now * MINUTE_MS);
    const weather = sky.at(time);
    // The earth is late and mild: what it was outside weeks ago matters as much as today.
    const { meanC, yearlyC } = sky.climate;
    const late = meanC + 0.45 * yearlyC * Math.cos((time.year - 0.62) * 2 * Math.PI);
    kept = {
      ...weather,
      time,
      roomC: roomC(weather.meanC, time.hour),
      undergroundC: late + 2 + 0.12 * (weather.outdoorC - late),
    };
    return kept;
  };
};

export const createSurroundings = (timeZone: string, sky: Sky, supply: Supply): Surroundings => {
  const clock = localClock(timeZone);
  const at = conditionsOf(clock, sky);
  return { clock, sky, supply, at, voltage: (tsMs) => supply.at(tsMs, at(tsMs).time) };
};

/** Surroundings of their own for a machine of which nobody said where it stands. */
export const anywhere = (
  seed: number,
  site: string,
  timeZone: string,
  climate: ClimateName = 'subtropical',
): Surroundings => createSurroundings(timeZone, createSky(climate, seed, site), createSupply(seed, site));
