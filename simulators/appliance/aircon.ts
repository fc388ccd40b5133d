import type { Hours } from '../calendar/people.ts';
import { round, uniform, within } from '../random/draw.ts';
import type { Appliance, ApplianceKind, ApplianceWear } from './kind.ts';

/** Reports per hour while it is needed: every ten minutes. It cools rooms full of people and machines, all year. */
const NEED: Hours = {
  weekday: [1, 1, 1, 1, 1, 1, 1, 2, 4, 5, 6, 6, 5, 6, 6, 6, 6, 5, 4, 3, 2, 2, 1, 1],
  weekend: [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1],
  festival: 0.5,
};

const WEARS = {
  refrigerant: {
    items: ['compressor', 'body'],
    code: 'A03',
    detail: 'suction pressure low, refrigerant lost',
    shape: 1.4,
    years: 20,
    course: [1_500, 8_000],
  },
  fouling: {
    items: ['compressor', 'motor', 'controller'],
    code: 'A02',
    detail: 'compressor protection: discharge too hot',
    warning: 'W47',
    shape: 1.6,
    years: 6,
    course: [1_500, 6_000],
  },
  capacitor: {
    items: ['motor', 'compressor'],
    code: 'A05',
    detail: 'compressor did not start in time',
    warning: 'W45',
    shape: 2,
    years: 9,
    course: [800, 4_000],
  },
  fan: {
    items: ['motor'],
    code: 'A05',
    detail: 'indoor fan stalled',
    warning: 'W45',
    shape: 1.8,
    years: 14,
    course: [1_000, 5_000],
  },
} as const satisfies Readonly<Record<string, ApplianceWear>>;

/** Below this the outdoor fan is slowed, so that the condenser stays as warm as at this. */
const HEAD_CONTROL_C = 20;
const VOLT = 220;
const POWER_FACTOR = 0.95;

/**
 * A fixed-speed air conditioner. A fouled condenser can't get rid of heat: discharge gets hot, current rises. Lost
 * refrigerant cools the motor badly: discharge gets hot, current falls. A dry capacitor makes the start long.
 */
export const aircon: ApplianceKind = {
  firmware: 'ac-3.2',
  rhythm: { kind: 'people', hours: NEED, typicalS: 600 },
  wears: WEARS,
  tier2: ['compressorA', 'powerW', 'startMs'],
  create: (build): Appliance => {
    const ratedA = uniform(build, 4.6, 6.2);
    const ratedDischargeC = uniform(build, 71, 79);
    const ratedStartMs = uniform(build, 150, 210);
    const airDeltaC = uniform(build, 10, 12.5);
    const fanRpm = uniform(build, 980, 1150);
    return {
      use: ({ conditions, supply, worn, random, tripped }) => {
        if (tripped) return { values: null, stress: {}, durationS: 600 };
        const outdoorC = Math.max(HEAD_CONTROL_C, conditions.outdoorC);
        const hot = outdoorC - HEAD_CONTROL_C;
        const [fouled, lost] = [worn('fouling'), worn('refrigerant')];
        const compressorA =
          (ratedA *
            (1 + 0.006 * hot) *
            (1 + 0.35 * fouled - 0.3 * lost + 0.12 * worn('capacitor')) *
            within(random, 1, 0.012, 0.96, 1.04)) /
          supply;
        const dischargeC =
          ratedDischargeC + 0.6 * hot + 40 * fouled + 32 * lost + within(random, 0, 0.9, -2.7, 2.7);
        const weakening = (1 - 0.55 * lost) * (1 - 0.2 * fouled) * (1 + 0.1 * worn('fan'));
        const values = {
          compressorA: round(compressorA, 2),
          powerW: round(compressorA * supply * VOLT * POWER_FACTOR, 0),
          startMs: round(ratedStartMs * (1 + 1.6 * worn('capacitor')) * within(random, 1, 0.03, 0.9, 1.1), 0),
          dischargeTempC: round(dischargeC, 1),
          airDeltaC: round(airDeltaC * weakening * within(random, 1, 0.02, 0.94, 1.06), 2),
          fanRpm: round(fanRpm * (1 - 0.5 * worn('fan')) * within(random, 1, 0.008, 0.97, 1.03), 0),
          outdoorTempC: round(conditions.outdoorC + within(random, 0, 0.2, -0.6, 0.6), 1),
        };
        const stress = {
          refrigerant: 1,
          // What the wind brings sticks to what is wet.
          fouling: 0.8 + 0.4 * random(),
          // Electrolyte dries twice as fast for every 10 K.
          capacitor: Math.min(4, 2 ** ((conditions.outdoorC - 25) / 10)),
          fan: 1,
        };
        return { values, stress, durationS: 600 };
      },
    };
  },
};
