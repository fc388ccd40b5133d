/** How the weather of a region is, on average: what its days are drawn from. */
export interface Climate {
  /** °C over the year, half of the way from its coldest to its warmest month, and from dawn to afternoon. */
  readonly meanC: number;
  readonly yearlyC: number;
  readonly dailyC: number;
  /** Standard deviation of the days around the season, °C: fronts. */
  readonly frontC: number;
  /** Relative humidity on a dry day, %. */
  readonly humidityPct: number;
  /** Part of the days on which it rains, by month. */
  readonly rainyDays: readonly number[];
  /** Median of what falls on a rainy day, mm. */
  readonly rainMm: number;
  /** Heat waves a year on average, in the warmest months. */
  readonly heatWaves: number;
}

/** Rounded from the long-term tables of weather services: for machines to live in, not to forecast by. */
export const CLIMATES = {
  /** Hangzhou, Shanghai: plum rain in June, hot July and August. */
  subtropical: {
    meanC: 17.2,
    yearlyC: 12.2,
    dailyC: 4,
    frontC: 2.6,
    humidityPct: 68,
    rainyDays: [0.37, 0.42, 0.48, 0.47, 0.46, 0.52, 0.42, 0.44, 0.37, 0.28, 0.31, 0.27],
    rainMm: 6,
    heatWaves: 2.4,
  },
  /** Beijing: dry and cold winters, rain in July. */
  continental: {
    meanC: 12.9,
    yearlyC: 15.2,
    dailyC: 5.5,
    frontC: 3,
    humidityPct: 46,
    rainyDays: [0.05, 0.08, 0.11, 0.16, 0.2, 0.32, 0.43, 0.36, 0.23, 0.16, 0.1, 0.06],
    rainMm: 5,
    heatWaves: 1.6,
  },
  /** Guangzhou, Shenzhen: warm all year, wet from April to September. */
  tropical: {
    meanC: 22.6,
    yearlyC: 7.4,
    dailyC: 3.6,
    frontC: 1.9,
    humidityPct: 74,
    rainyDays: [0.25, 0.38, 0.48, 0.53, 0.58, 0.63, 0.55, 0.55, 0.42, 0.22, 0.2, 0.18],
    rainMm: 9,
    heatWaves: 2.8,
  },
  /** Central Europe. */
  temperate: {
    meanC: 10.2,
    yearlyC: 9.6,
    dailyC: 4,
    frontC: 2.8,
    humidityPct: 70,
    rainyDays: [0.45, 0.4, 0.4, 0.38, 0.4, 0.42, 0.42, 0.4, 0.38, 0.4, 0.44, 0.46],
    rainMm: 3,
    heatWaves: 1.2,
  },
} as const satisfies Readonly<Record<string, Climate>>;

export type ClimateName = keyof typeof CLIMATES;
