import type { Hours } from '../calendar/people.ts';
import { round, uniform, within } from '../random/draw.ts';
import { elementWear, heaterPowerW } from './heating.ts';
import type { Appliance, ApplianceKind, ApplianceWear } from './kind.ts';

/** Bakes per hour: the shared kitchen of a house, or a small bakery's second oven. */
const USE: Hours = {
  weekday: [
    0, 0, 0, 0, 0, 0.1, 0.3, 0.3, 0.2, 0.2, 0.4, 0.5, 0.3, 0.2, 0.2, 0.3, 0.5, 0.6, 0.5, 0.3, 0.2, 0.1, 0, 0,
  ],
  weekend: [
    0, 0, 0, 0, 0, 0, 0.1, 0.3, 0.4, 0.5, 0.6, 0.6, 0.4, 0.4, 0.5, 0.6, 0.7, 0.7, 0.5, 0.3, 0.2, 0.1, 0, 0,
  ],
  festival: 0.9,
};

const WEARS = {
  element: elementWear([120, 500], 12),
  doorSeal: {
    items: ['door'],
    code: 'A06',
    detail: 'door lets heat out',
    warning: 'W46',
    shape: 2,
    years: 10,
    course: [150, 600],
  },
  ntcDrift: {
    items: ['sensors'],
    code: 'A01',
    detail: 'oven sensor implausible',
    warning: 'W41',
    shape: 1.3,
    years: 14,
    course: [120, 500],
  },
  fan: {
    items: ['motor'],
    code: 'A05',
    detail: 'convection fan stalled',
    warning: 'W45',
    shape: 1.8,
    years: 12,
    course: [120, 500],
  },
} as const satisfies Readonly<Record<string, ApplianceWear>>;

/** The controller times the way from 50 to 150 °C, whatever was set. */
const TIMED_C = 100;
const MIDDLE_C = 100;
/** What the loss is reported for. */
const HELD_C = 200;
/** How far the sensor of the oven is off when it is refused, K. */
const NTC_END_C = 28;

/**
 * An electric oven; one report for each bake. An aged element heats slowly, a bad seal asks for more power to hold the
 * heat; a drifted NTC shows what was set while the oven is hotter or colder: only the safety probe knows.
 */
export const oven: ApplianceKind = {
  firmware: 'ov-2.1',
  rhythm: { kind: 'people', hours: USE, typicalS: 2300 },
  wears: WEARS,
  tier2: ['heaterW', 'preheatS', 'holdW', 'powerW', 'bakeMin'],
  create: (build): Appliance => {
    const ratedW = uniform(build, 1_950, 2_250);
    const heatCapacity = uniform(build, 6_400, 7_600);
    const lossWK = uniform(build, 2.4, 3);
    const fanRpm = uniform(build, 2_300, 2_700);
    const ntcSide = build() < 0.5 ? -1 : 1;
    return {
      use: ({ conditions, supply, worn, random, tripped }) => {
        if (tripped) return { values: null, stress: {}, durationS: 0 };
        const setC = [160, 180, 180, 200, 200, 220][Math.floor(random() * 6)] ?? 200;
        const leak = lossWK * (1 + 0.6 * worn('doorSeal')) * (1 - 0.1 * worn('fan'));
        const watts = heaterPowerW(ratedW, supply, worn('element'));
        const useful = watts - leak * (MIDDLE_C - conditions.roomC);
        const errorC = ntcSide * NTC_END_C * worn('ntcDrift');
        const bakeMin = within(random, 38, 12, 15, 80);
        const values = {
          heaterW: round(watts * within(random, 1, 0.006, 0.98, 1.02), 0),
          preheatS: round(((heatCapacity * TIMED_C) / useful) * within(random, 1, 0.02, 0.94, 1.06), 0),
          holdW: round(leak * (HELD_C - conditions.roomC) * within(random, 1, 0.025, 0.93, 1.07), 0),
          fanRpm: round(fanRpm * (1 - 0.5 * worn('fan')) * within(random, 1, 0.008, 0.97, 1.03), 0),
          // It regulates by this sensor, so this sensor shows what was set.
          ovenTempC: round(setC + within(random, 0, 1, -3, 3), 1),
          ntcErrorC: round(Math.abs(errorC + within(random, 0, 0.8, -2.5, 2.5)), 1),
          bakeMin: round(bakeMin, 0),
          powerW: round(watts + 25, 0),
        };
        const stress = { element: bakeMin / 38, doorSeal: 1, ntcDrift: setC / 190, fan: bakeMin / 38 };
        return { values, stress, durationS: 60 * bakeMin };
      },
    };
  },
};
