import { DAY_MS } from '../calendar/holidays.ts';
import type { LocalTime } from '../calendar/local.ts';
import { lognormal, uniform } from '../random/draw.ts';
import { perDay, slowNoise } from '../random/slow.ts';
import { stream } from '../random/stream.ts';
import { CLIMATES, type Climate, type ClimateName } from './climate.ts';
import { createHeat, type HeatWave } from './heat.ts';

/** The weather of a region at one instant. */
export interface Weather {
  readonly outdoorC: number;
  /** Without day and night: what walls and the earth follow. */
  readonly meanC: number;
  readonly humidityPct: number;
  readonly rainMmH: number;
  /** Rain of the last days that has not run off yet, mm. */
  readonly wetMm: number;
}

export interface Rain {
  readonly startHour: number;
  readonly hours: number;
  readonly mm: number;
}

/** Everybody in a region has the same weather: a function of seed, region and time alone. */
export interface Sky {
  readonly climate: Climate;
  at(time: LocalTime): Weather;
  /** The heat waves that touch these local days. */
  heatWaves(fromDay: number, toDay: number): readonly HeatWave[];
  /** A heat wave that a scenario asks for. */
  swelter(wave: HeatWave): void;
  /** A cloudburst that a scenario asks for, on that local day. */
  pour(day: number, rain: Rain): void;
}

/** Half of what fell is gone after a day. */
const RUN_OFF_PER_DAY = Math.LN2;
const REMEMBERED_DAYS = 5;
const YEAR_DAYS = 365.2425;
/** Late July is warmest. */
const WARMEST = 0.56;

const fallenMm = ({ startHour, hours, mm }: Rain, hour: number): number =>
  mm * Math.min(1, Math.max(0, (hour - startHour) / hours));

const drawRain = (climate: Climate, seed: number, name: string, day: number): Rain | null => {
  const random = stream(seed, `${name}/rain/${day}`);
  const month = Math.floor((((day + 0.5) / YEAR_DAYS) % 1) * 12);
  if (random() >= (climate.rainyDays[month] ?? 0)) return null;
  const hours = uniform(random, 1, 9);
  const startHour = uniform(random, 0, 24 - hours);
  return { startHour, hours, mm: Math.min(160, lognormal(random, climate.rainMm, 1)) };
};

export const createSky = (climateName: ClimateName, seed: number, region: string): Sky => {
  const climate: Climate = CLIMATES[climateName];
  const name = `sky/${region}`;
  const heat = createHeat(climate, seed, name);
  const fronts = slowNoise(seed, `${name}/fronts`, 3 * DAY_MS);
  const spells = slowNoise(seed, `${name}/spells`, 11 * DAY_MS);
  const poured = new Map<number, Rain>();
  const drawn = perDay((day) => drawRain(climate, seed, name, day));
  const rainOf = (day: number): Rain | null => poured.get(day) ?? drawn.of(day);
  const excess = perDay((day) => heat.excessC(day));
  const left = perDay((day) => {
    let mm = 0;
    for (let ago = 1; ago <= REMEMBERED_DAYS; ago++)
      mm += (rainOf(day - ago)?.mm ?? 0) * Math.exp(-RUN_OFF_PER_DAY * (ago - 0.5));
    return mm;
  });

  /** A heat wave comes and goes from noon to noon. */
  const excessC = (days: number): number => {
    const before = Math.floor(days - 0.5);
    const share = days - 0.5 - before;
    return excess.of(before) * (1 - share) + excess.of(before + 1) * share;
  };

  const meanC = (days: number): number => {
    const season = climate.yearlyC * Math.cos((days / YEAR_DAYS - WARMEST) * 2 * Math.PI);
    const front = climate.frontC * (0.8 * fronts(days * DAY_MS) + 0.6 * spells(days * DAY_MS));
    return climate.meanC + season + front + excessC(days);
  };

  return {
    climate,
    at: ({ day, hour }) => {
      const mean = meanC(day + hour / 24);
      const rain = rainOf(day);
      const isRaining = rain !== null && hour >= rain.startHour && hour < rain.startHour + rain.hours;
      const afternoon = Math.cos(((hour - 15) / 24) * 2 * Math.PI);
      const humidityPct = climate.humidityPct + (rain ? 12 : 0) + (isRaining ? 8 : 0) - 8 * afternoon;
      return {
        outdoorC: mean + climate.dailyC * afternoon - (isRaining ? 1.5 : 0),
        meanC: mean,
        humidityPct: Math.min(98, humidityPct),
        rainMmH: isRaining ? rain.mm / rain.hours : 0,
        wetMm: left.of(day) * Math.exp((-RUN_OFF_PER_DAY * hour) / 24) + (rain ? fallenMm(rain, hour) : 0),
      };
    },
    heatWaves: heat.between,
    swelter: (wave) => {
      heat.add(wave);
      excess.forget();
    },
    pour: (day, rain) => {
      poured.set(day, rain);
      left.forget();
    },
  };
};
