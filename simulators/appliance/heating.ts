import { round, uniform, within } from '../random/draw.ts';
import type { Random } from '../random/stream.ts';
import type { ApplianceKind } from './kind.ts';

/** What the mains do to a heater: power goes with the square of the voltage. */
const mains = (random: Random): number => within(random, 1, 0.008, 0.975, 1.025) ** 2;

/** Part of its power that a heating element has lost when it breaks: it thins, its resistance rises. */
const LOST_AT_BREAK = 0.32;

const ELEMENT = {
  element: { items: ['heater'], code: 'A08', detail: 'set temperature not reached' },
} as const satisfies ApplianceKind['wears'];

const OVEN_USE = [
  0, 0, 0, 0, 0, 0.05, 0.2, 0.2, 0.15, 0.2, 0.35, 0.4, 0.25, 0.15, 0.2, 0.3, 0.45, 0.5, 0.4, 0.25, 0.15, 0.1,
  0, 0,
];
const BAKE_STEPS = 5;

/** An electric oven; its element ages. Element and NTC are reported while it bakes. */
export const oven: ApplianceKind = {
  firmware: 'ov-2.1',
  wears: ELEMENT,
  create: (build) => {
    const heaterW = uniform(build, 1950, 2100);
    let left = 0;
    let insideC = 23;
    return {
      step: ({ ambientC, wanted, worn, random }) => {
        if (left === 0 && wanted(OVEN_USE)) left = BAKE_STEPS;
        if (left === 0) {
          insideC = ambientC + 0.6 * (insideC - ambientC);
          return { values: { ovenTempC: round(insideC, 1), powerW: 1.5 }, cycles: {} };
        }
        left -= 1;
        insideC = within(random, 200, 2, 192, 208);
        const seenW = heaterW * mains(random) * (1 - LOST_AT_BREAK * worn('element'));
        const values = {
          heaterW: round(seenW, 0),
          ovenTempC: round(insideC, 1),
          ntcTempC: round(insideC + within(random, 0, 1, -3, 3), 1),
          powerW: round(seenW + 25, 0),
        };
        return { values, cycles: { element: 3 } };
      },
    };
  },
};

const RICE_USE = [
  0, 0, 0, 0, 0, 0.1, 0.5, 0.5, 0.2, 0.1, 0.6, 0.9, 0.5, 0.2, 0.1, 0.1, 0.5, 0.9, 0.7, 0.3, 0.1, 0.05, 0, 0,
];
const COOK_STEPS = 4;

/** A rice cooker of a canteen; its element ages. */
export const ricecooker: ApplianceKind = {
  firmware: 'rc-1.4',
  wears: ELEMENT,
  create: (build) => {
    const heaterW = uniform(build, 840, 880);
    let left = 0;
    return {
      step: ({ ambientC, wanted, worn, random }) => {
        if (left === 0 && wanted(RICE_USE)) left = COOK_STEPS;
        if (left === 0) return { values: { powerW: 1, ambientTempC: round(ambientC, 1) }, cycles: {} };
        left -= 1;
        const seenW = heaterW * mains(random) * (1 - LOST_AT_BREAK * worn('element'));
        const values = {
          heaterW: round(seenW, 0),
          // When the rice has taken up its water the bottom gets hotter, and it switches off.
          ...(left === 0 ? { ntcTempC: round(within(random, 124, 0.8, 121, 127), 1) } : {}),
          powerW: round(seenW + 2, 0),
        };
        return { values, cycles: { element: 2 } };
      },
    };
  },
};

const KETTLE_USE = [
  0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 0.9, 1.5, 1.8, 1.8, 1.6, 1.4, 1.2, 1.4, 1.6, 1.6, 1.4, 1.2, 1, 0.9, 0.8, 0.7,
  0.5, 0.3,
];

/** A kettle of an office. Scale insulates the element: the same water takes longer, until the cut-out trips. */
export const kettle: ApplianceKind = {
  firmware: 'ke-1.1',
  wears: {
    scale: { items: ['heater', 'controller'], code: 'A02', detail: 'dry-boil cut-out tripped' },
  },
  create: (build) => {
    const heaterW = uniform(build, 1900, 2050);
    const heatSPerC = uniform(build, 2.15, 2.35);
    return {
      step: ({ wanted, worn, random }) => {
        if (!wanted(KETTLE_USE)) return { values: { powerW: 0.8 }, cycles: {} };
        const voltage = mains(random);
        const scaled = 1 + 0.7 * worn('scale');
        const values = {
          heatSPerC: round(((heatSPerC * scaled) / voltage) * within(random, 1, 0.015, 0.95, 1.05), 3),
          heaterW: round(heaterW * voltage, 0),
          powerW: round(heaterW * voltage, 0),
        };
        return { values, cycles: { scale: 4 } };
      },
    };
  },
};
