import { round, uniform, within } from '../random/draw.ts';
import type { Random } from '../random/stream.ts';
import type { Appliance, ApplianceKind, ApplianceWear, Use, Used } from './kind.ts';

/** Minutes between two reports. */
const REPORT_MIN = 10;
const REPORT_S = REPORT_MIN * 60;
/** The ambient at which duty, power and speed of a build are given. */
const RATED_C = 23;
/** Mean temperature of the cold inside. */
const INSIDE_C = -8;
/** Most that the cold can be lost by, K. */
const WARMEST_RISE_C = 40;

const WEARS = {
  gasLeak: {
    items: ['compressor', 'body'],
    code: 'A03',
    detail: 'suction pressure low, refrigerant lost',
    shape: 1.4,
    years: 28,
    course: [4_000, 20_000],
  },
  gasket: {
    items: ['door', 'compressor'],
    code: 'A06',
    detail: 'door does not seal',
    warning: 'W46',
    shape: 2.2,
    years: 14,
    course: [6_000, 30_000],
  },
  fan: {
    items: ['motor'],
    code: 'A05',
    detail: 'evaporator fan stalled',
    warning: 'W45',
    shape: 1.8,
    years: 16,
    course: [2_000, 10_000],
  },
  compressor: {
    items: ['compressor', 'motor'],
    code: 'A05',
    detail: 'compressor does not start',
    warning: 'W47',
    shape: 2.4,
    years: 17,
    course: [4_000, 20_000],
  },
} as const satisfies Readonly<Record<string, ApplianceWear>>;

/** How one fridge left the factory, and how full it is kept. */
interface Build {
  readonly freezerC: number;
  readonly fridgeC: number;
  /** Part of the cooling power that it needs at the rated ambient. */
  readonly load: number;
  readonly holdMin: number;
  readonly compressorW: number;
  readonly dischargeC: number;
  readonly fanRpm: number;
}

const drawBuild = (build: Random): Build => ({
  freezerC: uniform(build, -19.5, -17.5),
  fridgeC: uniform(build, 3.4, 4.8),
  load: uniform(build, 0.36, 0.48),
  holdMin: uniform(build, 24, 34),
  compressorW: uniform(build, 85, 140),
  dischargeC: uniform(build, 58, 66),
  fanRpm: uniform(build, 1350, 1550),
});

interface Balance {
  /** Warmth that gets in, 1 when sound at the rated ambient. */
  readonly inflow: number;
  /** What of it is not for the ambient. */
  readonly leak: number;
  /** What is left of the power to carry it out. */
  readonly capacity: number;
}

const balance = ({ conditions, worn, random }: Use): Balance => {
  const gap = (conditions.roomC - INSIDE_C) / (RATED_C - INSIDE_C);
  const moisture = 1 + 0.001 * (conditions.humidityPct - 65);
  const doors = within(random, 1, 0.03, 0.92, 1.1);
  const leak = moisture * doors * (1 + 0.45 * worn('gasket'));
  return {
    inflow: gap * leak,
    leak,
    capacity:
      (1 - 0.006 * (conditions.roomC - RATED_C)) *
      (1 - 0.62 * worn('gasLeak')) *
      (1 - 0.25 * worn('fan')) *
      (1 - 0.38 * worn('compressor')),
  };
};

/** The inside warms when more comes in than goes out, and comes back slowly. */
const createWarmth = (): ((load: number, tripped: boolean, roomC: number) => number) => {
  let riseC = 0;
  return (load, tripped, roomC) => {
    if (tripped) riseC += (Math.min(WARMEST_RISE_C, roomC + 18) - riseC) * 0.02;
    else if (load > 0.97) riseC = Math.min(WARMEST_RISE_C, riseC + 2 * (load - 0.96));
    else riseC = Math.max(0, riseC - 0.8);
    return riseC;
  };
};

/** What both kinds report of the inside. */
const createInside = (own: Build): ((use: Use, riseC: number) => Record<string, number>) => {
  return ({ conditions, worn, random, tripped }, riseC) => {
    const fan = tripped ? 0 : own.fanRpm * (1 - 0.5 * worn('fan')) * within(random, 1, 0.008, 0.97, 1.03);
    return {
      freezerTempC: round(own.freezerC + riseC + within(random, 0, 0.35, -1.1, 1.1), 2),
      // Cold air reaches the upper part only as the fan drives it there.
      fridgeTempC: round(
        own.fridgeC + 0.5 * riseC + 3.5 * worn('fan') + within(random, 0, 0.25, -0.8, 0.8),
        2,
      ),
      fanRpm: round(fan, 0),
      ambientTempC: round(conditions.roomC + within(random, 0, 0.15, -0.4, 0.4), 1),
    };
  };
};

const STRESS = { gasLeak: 1, fan: 1 } as const;
/** A gasket ages as the door is used and the air is hot; a compressor as it runs against a hot condenser. */
const stressOf = ({ conditions }: Use, load: number): Used['stress'] => ({
  ...STRESS,
  gasket: 1 + 0.02 * (conditions.roomC - RATED_C),
  compressor: 0.5 + 0.5 * Math.min(2, load / 0.42),
});

/**
 * A fixed-speed fridge: the compressor runs or it does not. Lost refrigerant and worn valves take cooling power, a
 * leaking gasket lets warmth in: the compressor rests less, and when it runs all the time the cold goes.
 */
export const fridge: ApplianceKind = {
  firmware: 'fr-1.9',
  rhythm: { kind: 'running', everyMs: [9.5 * 60_000, 10.5 * 60_000] },
  wears: WEARS,
  tier2: ['compressorDutyPct', 'coldHoldMin', 'powerW'],
  create: (build): Appliance => {
    const own = drawBuild(build);
    const inside = createInside(own);
    const warmth = createWarmth();
    return {
      use: (use) => {
        const { conditions, worn, random, tripped } = use;
        const { inflow, leak, capacity } = balance(use);
        const load = (own.load * inflow) / capacity;
        const riseC = warmth(load, tripped, conditions.roomC);
        const duty = tripped ? 0 : Math.min(1, load * within(random, 1, 0.012, 0.96, 1.04));
        const watts = own.compressorW * (1 + 0.007 * (conditions.roomC - RATED_C) + 0.2 * worn('compressor'));
        const values: Record<string, number> = {
          compressorDutyPct: round(100 * duty, 1),
          powerW: round(watts * duty + 4, 1),
          ...inside(use, riseC),
        };
        if (!tripped) {
          values.dischargeTempC = round(dischargeC(own, use), 1);
          // How long it stays cold by itself, worked out for 23 °C: it knows nothing of the compressor.
          if (duty < 0.97)
            values.coldHoldMin = round((own.holdMin / leak) * within(random, 1, 0.02, 0.94, 1.06), 1);
        }
        return { values, stress: tripped ? {} : stressOf(use, load), durationS: REPORT_S };
      },
    };
  },
};

const dischargeC = (own: Build, { conditions, worn, random }: Use): number =>
  own.dischargeC +
  0.7 * (conditions.roomC - RATED_C) +
  42 * worn('compressor') +
  12 * worn('gasLeak') +
  within(random, 0, 0.8, -2.4, 2.4);

const RATED_RPM = 1_900;
const LEAST_RPM = 1_200;
const MOST_RPM = 4_300;

/** An inverter fridge: the compressor runs slower or faster, never stops for long; duty says nothing of it. */
export const inverterFridge: ApplianceKind = {
  firmware: 'fi-2.3',
  rhythm: { kind: 'running', everyMs: [9.5 * 60_000, 10.5 * 60_000] },
  wears: WEARS,
  tier2: ['compressorRpm', 'powerW'],
  create: (build): Appliance => {
    const own = drawBuild(build);
    const inside = createInside(own);
    const warmth = createWarmth();
    return {
      use: (use) => {
        const { conditions, worn, random, tripped } = use;
        const { inflow, capacity } = balance(use);
        // Its own load at the rated ambient is what it was built for.
        const wantedRpm = (RATED_RPM * (own.load / 0.42) * inflow) / capacity;
        const rpm = tripped ? 0 : Math.min(MOST_RPM, Math.max(LEAST_RPM, wantedRpm));
        const riseC = warmth(wantedRpm / MOST_RPM, tripped, conditions.roomC);
        // Power grows faster than speed: the condenser gets hotter.
        const watts = 0.4 * own.compressorW * (rpm / RATED_RPM) ** 1.3 * (1 + 0.2 * worn('compressor'));
        const values: Record<string, number> = {
          compressorRpm: round(rpm * within(random, 1, 0.01, 0.97, 1.03), 0),
          powerW: round(watts + 5, 1),
          ...inside(use, riseC),
        };
        if (!tripped) values.dischargeTempC = round(dischargeC(own, use) - 6, 1);
        return { values, stress: tripped ? {} : stressOf(use, wantedRpm / 4_500), durationS: REPORT_S };
      },
    };
  },
};
