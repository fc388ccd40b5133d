import type { Hours } from '../calendar/people.ts';
import { round, uniform, within } from '../random/draw.ts';
import { elementWear, heaterPowerW } from './heating.ts';
import type { Appliance, ApplianceKind, ApplianceWear } from './kind.ts';

/** Pots per hour: a canteen, three meals a day. */
const USE: Hours = {
  weekday: [
    0, 0, 0, 0, 0, 0.2, 0.7, 0.5, 0.2, 0.2, 0.9, 1.2, 0.6, 0.2, 0.1, 0.2, 0.8, 1.1, 0.7, 0.3, 0.1, 0, 0, 0,
  ],
  weekend: [
    0, 0, 0, 0, 0, 0.1, 0.4, 0.5, 0.3, 0.2, 0.7, 1, 0.6, 0.2, 0.1, 0.1, 0.6, 0.9, 0.6, 0.3, 0.1, 0, 0, 0,
  ],
  festival: 0.6,
};

const WEARS = {
  element: elementWear([150, 700], 9),
  ntcDrift: {
    items: ['sensors'],
    code: 'A01',
    detail: 'bottom sensor implausible',
    warning: 'W41',
    shape: 1.2,
    years: 7,
    course: [150, 700],
  },
} as const satisfies Readonly<Record<string, ApplianceWear>>;

/** The rice is done when its bottom gets this hot: no water is left to boil. */
const DONE_C = 124;
const BOIL_C = 100;
/** How far the sensor is off when it is refused, K: it reads too low, and the rice burns. */
const NTC_END_C = 14;

/**
 * A rice cooker; one report for each pot. Its sensor ends the cooking: one that reads low lets the bottom burn, and
 * what it takes from dry to switched off tells; one fuse beside it knows the truth.
 */
export const ricecooker: ApplianceKind = {
  firmware: 'rc-1.4',
  rhythm: { kind: 'people', hours: USE, typicalS: 1700 },
  wears: WEARS,
  tier2: ['heaterW', 'finishWh', 'cookMin', 'powerW'],
  create: (build): Appliance => {
    const ratedW = uniform(build, 820, 980);
    const finishWh = uniform(build, 24, 31);
    return {
      use: ({ conditions, supply, worn, random, tripped }) => {
        if (tripped) return { values: null, stress: {}, durationS: 0 };
        const fill = within(random, 0.7, 0.18, 0.3, 1);
        const watts = heaterPowerW(ratedW, supply, worn('element'));
        const errorC = -NTC_END_C * worn('ntcDrift');
        const riseC = DONE_C - errorC - BOIL_C;
        const pace = watts / ratedW;
        const heatMin = (fill * (BOIL_C - conditions.roomC)) / (4.2 * pace);
        const values = {
          heaterW: round(watts * within(random, 1, 0.006, 0.98, 1.02), 0),
          // In energy, so that a weak element changes nothing.
          finishWh: round(((finishWh * riseC) / (DONE_C - BOIL_C)) * within(random, 1, 0.03, 0.92, 1.08), 2),
          ntcTempC: round(DONE_C + within(random, 0, 0.4, -1.2, 1.2), 1),
          ntcErrorC: round(Math.abs(errorC + within(random, 0.6, 0.5, -0.9, 2.1)), 1),
          cookMin: round(heatMin + within(random, 12, 1, 9, 15), 1),
          powerW: round(watts + 2, 0),
        };
        return { values, stress: { element: fill / 0.7, ntcDrift: 1 }, durationS: 60 * values.cookMin };
      },
    };
  },
};
