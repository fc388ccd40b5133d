import type { Hours } from '../calendar/people.ts';
import { round, uniform, within } from '../random/draw.ts';
import { elementWear, heaterPowerW } from './heating.ts';
import type { Appliance, ApplianceKind, ApplianceWear } from './kind.ts';

/** Boils per hour: a pantry. */
const USE: Hours = {
  weekday: [
    0.1, 0, 0, 0, 0, 0.1, 0.4, 1, 1.8, 1.8, 1.5, 1.3, 1.2, 1.5, 1.6, 1.5, 1.3, 1, 0.7, 0.6, 0.5, 0.4, 0.3,
    0.2,
  ],
  weekend: [
    0.1, 0, 0, 0, 0, 0.1, 0.2, 0.4, 0.6, 0.7, 0.7, 0.6, 0.6, 0.6, 0.6, 0.6, 0.5, 0.5, 0.5, 0.5, 0.4, 0.3, 0.2,
    0.1,
  ],
  festival: 0.5,
};

const WEARS = {
  limescale: {
    items: ['heater', 'controller'],
    code: 'A02',
    detail: 'dry-boil cut-out tripped',
    warning: 'W48',
    shape: 1.1,
    years: 1.5,
    course: [250, 1_500],
  },
  thermostat: {
    items: ['controller'],
    code: 'A02',
    detail: 'does not switch off when it boils',
    shape: 1.6,
    years: 8,
    course: [200, 900],
  },
  element: elementWear([300, 1_500], 10),
} as const satisfies Readonly<Record<string, ApplianceWear>>;

/** What a litre needs for a degree, J. */
const WATER_J = 4_186;

/**
 * A kettle; one report for each boil. Scale insulates the element: the same water takes longer, until the cut-out
 * trips. A tired thermostat lets it boil on.
 */
export const kettle: ApplianceKind = {
  firmware: 'ke-1.1',
  rhythm: { kind: 'people', hours: USE, typicalS: 230 },
  wears: WEARS,
  tier2: ['heaterW', 'boilS', 'powerW'],
  create: (build): Appliance => {
    const ratedW = uniform(build, 1_750, 2_100);
    const efficiency = uniform(build, 0.86, 0.92);
    const overBoilS = uniform(build, 9, 14);
    const usualL = uniform(build, 0.8, 1.2);
    return {
      use: ({ conditions, supply, worn, random, tripped }) => {
        if (tripped) return { values: null, stress: {}, durationS: 0 };
        const litres = within(random, usualL, 0.12 * usualL, 0.5, 1.6);
        const tapC = 10 + 0.4 * conditions.meanC;
        const watts = heaterPowerW(ratedW, supply, worn('element'));
        const perC = (WATER_J / (watts * efficiency)) * (1 + 0.7 * worn('limescale'));
        const boilS = perC * litres * (100 - tapC);
        const over = overBoilS * (1 + 2.5 * worn('thermostat')) * within(random, 1, 0.06, 0.85, 1.15);
        const values = {
          heatSPerC: round(perC * within(random, 1, 0.015, 0.95, 1.05), 3),
          heaterW: round(watts * within(random, 1, 0.006, 0.98, 1.02), 0),
          boilS: round(boilS + over, 0),
          overBoilS: round(over, 1),
          powerW: round(watts, 0),
        };
        return {
          values,
          stress: { limescale: litres, thermostat: 1, element: litres },
          durationS: boilS + over,
        };
      },
    };
  },
};
