import type { Hours } from '../calendar/people.ts';
import { round, uniform, within } from '../random/draw.ts';
import type { Appliance, ApplianceKind, ApplianceWear } from './kind.ts';

/** Programmes begun per hour: a launderette in a house with many flats. */
const USE: Hours = {
  weekday: [
    0, 0, 0, 0, 0, 0, 0.3, 0.6, 0.6, 0.5, 0.4, 0.4, 0.4, 0.3, 0.3, 0.3, 0.5, 0.7, 0.9, 1, 1, 0.8, 0.3, 0,
  ],
  weekend: [
    0, 0, 0, 0, 0, 0, 0.1, 0.3, 0.6, 0.9, 1, 1, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 1, 0.9, 0.6, 0.3, 0.1,
  ],
  festival: 0.5,
};

const WEARS = {
  bearing: {
    items: ['motor'],
    code: 'A05',
    detail: 'motor stalled while spinning',
    warning: 'W45',
    shape: 1.8,
    years: 9,
    course: [150, 600],
  },
  pump: {
    items: ['pump'],
    code: 'A04',
    detail: 'drain time over, pump current high',
    warning: 'W44',
    shape: 1.6,
    years: 10,
    course: [120, 500],
  },
  belt: {
    items: ['motor'],
    code: 'A05',
    detail: 'drum does not follow the motor',
    warning: 'W45',
    shape: 2.2,
    years: 8,
    course: [120, 450],
  },
  drainClog: {
    items: ['pump'],
    code: 'A04',
    detail: 'drain time over',
    warning: 'W44',
    shape: 1.1,
    years: 3,
    course: [60, 400],
  },
  doorLock: {
    items: ['door'],
    code: 'A06',
    detail: 'door lock did not close',
    warning: 'W46',
    shape: 1.6,
    years: 11,
    course: [100, 400],
  },
} as const satisfies Readonly<Record<string, ApplianceWear>>;

/** A bearing with a defect shakes exponentially more, up to so many times as much. */
const BEARING_END = 3.7;

/**
 * A washing machine; one report for each wash. Lint blocks the drain and the pump wears: draining takes longer. A worn
 * drum bearing shakes, and the motor feels the drag; a glazed belt slips.
 */
export const washer: ApplianceKind = {
  firmware: 'wa-5.0',
  rhythm: { kind: 'people', hours: USE, typicalS: 2800 },
  wears: WEARS,
  tier2: ['currentA', 'drainS', 'spinUpS', 'lockMs', 'pumpW', 'powerW', 'washMin'],
  create: (build): Appliance => {
    const ratedDrainS = uniform(build, 52, 62);
    const ratedDrumG = uniform(build, 0.38, 0.5);
    const ratedA = uniform(build, 2.1, 2.7);
    const ratedPumpW = uniform(build, 27, 33);
    const ratedSpinUpS = uniform(build, 26, 34);
    const ratedLockMs = uniform(build, 700, 1_100);
    const slipPct = uniform(build, 1, 1.6);
    return {
      use: ({ supply, worn, random, tripped }) => {
        if (tripped) return { values: null, stress: {}, durationS: 0 };
        const kg = within(random, 4.2, 1, 1.5, 7);
        // Sensing weighs the laundry: spinning starts when it lies evenly, so load matters little.
        const uneven = within(random, 1, 0.07, 0.82, 1.18) * (1 + 0.02 * (kg - 4.2));
        const [bearing, clog, pump, belt] = [worn('bearing'), worn('drainClog'), worn('pump'), worn('belt')];
        const values = {
          currentA: round(
            ratedA *
              (1 + 0.02 * (kg - 4.2)) *
              (1 + 0.4 * bearing ** 1.5) *
              within(random, 1, 0.015, 0.95, 1.05),
            2,
          ),
          drainS: round(
            ratedDrainS *
              (1 + 0.01 * (kg - 4.2)) *
              (1 + 1.3 * clog) *
              (1 + 0.75 * pump) *
              within(random, 1, 0.025, 0.93, 1.07),
            1,
          ),
          // Against a blockage a centrifugal pump moves less and takes less; a dry bearing takes more.
          pumpW: round(
            ratedPumpW * supply ** 2 * (1 + 0.45 * pump - 0.2 * clog) * within(random, 1, 0.02, 0.94, 1.06),
            1,
          ),
          spinUpS: round(
            ratedSpinUpS *
              (1 + 0.02 * (kg - 4.2)) *
              (1 + 0.15 * bearing + 0.7 * belt) *
              within(random, 1, 0.03, 0.92, 1.08),
            1,
          ),
          lockMs: round(ratedLockMs * (1 + 1.5 * worn('doorLock')) * within(random, 1, 0.04, 0.88, 1.12), 0),
          drumG: round(ratedDrumG * uneven * BEARING_END ** bearing, 3),
          beltSlipPct: round(Math.max(0, slipPct * within(random, 1, 0.06, 0.8, 1.2) + 9 * belt), 2),
          drumRpm: round(within(random, 1_200, 6, 1_180, 1_220), 0),
          washMin: round(within(random, 46, 8, 28, 75), 0),
          powerW: round(within(random, 520, 25, 450, 600), 0),
        };
        const load = kg / 4.2;
        const stress = {
          // L10 goes with the cube of the load.
          bearing: 0.4 + 0.6 * load ** 3,
          pump: 1,
          belt: load,
          drainClog: 0.7 + 0.6 * random(),
          doorLock: 1,
        };
        return { values, stress, durationS: values.washMin * 60 };
      },
    };
  },
};
