import { round, uniform, within } from '../random/draw.ts';
import { type Random, stream } from '../random/stream.ts';
import {
  afterTurning,
  type BearingState,
  bearingDrag,
  bearingHeatC,
  freshBearing,
  vibrationFactor,
} from './wear/bearing.ts';
import { afterStop, type BrakeState, freshBrake, slipFactor } from './wear/brake.ts';
import {
  afterLift,
  type ChainState,
  chainFriction,
  chainSkewMm,
  freshChain,
  tensionShare,
} from './wear/chain.ts';

/** Mass of pallet and car that the hoist is built for, t. */
const RATED_T = 2;
const PALLET_T = 0.45;
const RATED_V = 380;
/** The motor gives its heat away with this time constant. */
const COOLING_MS = 20 * 60_000;
const LIFT_HEAT_C = 11;
const LOWER_HEAT_C = 5;

/** How this bay came from the factory: it differs from its neighbours, and never changes. */
interface BayBuild {
  /** Magnetising current: flows whatever the load. */
  readonly idleA: number;
  /** Current that makes torque at rated load. */
  readonly torqueA: number;
  readonly liftS: number;
  readonly traverseA: number;
  readonly tensionGain: number;
  readonly vibrationMmS: number;
  readonly slipMm: number;
  readonly skewMm: number;
  readonly contactorMs: number;
}

export interface Bay {
  readonly unit: string;
  readonly build: BayBuild;
  readonly noise: Random;
  occupied: boolean;
  /** Mass of the car on the pallet, t. */
  carT: number;
  cycles: number;
  /** What is left of the heat of earlier motions, °C. */
  riseC: number;
  chain: ChainState;
  brake: BrakeState;
  bearing: BearingState;
}

/** What surrounds one motion. */
export interface Motion {
  readonly ambientC: number;
  readonly supplyV: number;
  /** Since the motor last stood still. */
  readonly pauseMs: number;
}

export const createBay = (seed: number, machine: string, unit: string): Bay => {
  const build = stream(seed, `${machine}/${unit}/build`);
  return {
    unit,
    build: {
      idleA: uniform(build, 5.2, 5.8),
      torqueA: uniform(build, 4.4, 4.8),
      liftS: uniform(build, 33, 41),
      traverseA: uniform(build, 0.95, 1.2),
      tensionGain: uniform(build, 0.97, 1.03),
      vibrationMmS: uniform(build, 0.75, 1.1),
      slipMm: uniform(build, 1.3, 1.8),
      skewMm: uniform(build, 1.5, 2.5),
      contactorMs: uniform(build, 18, 24),
    },
    noise: stream(seed, `${machine}/${unit}/noise`),
    occupied: false,
    carT: 0,
    cycles: Math.round(uniform(build, 18_000, 60_000)),
    riseC: 0,
    chain: freshChain(uniform(build, 0.1, 0.35), 20_000),
    brake: freshBrake(),
    bearing: freshBearing(),
  };
};

/** Mass of a private car, t. */
export const drawCarT = (random: Random): number => within(random, 1.55, 0.12, 1.25, 1.85);

/** Works in a motion's heat; °C above ambient at its end. */
const heat = (bay: Bay, pauseMs: number, addedC: number): number => {
  bay.riseC = bay.riseC * Math.exp(-pauseMs / COOLING_MS) + addedC;
  return bay.riseC;
};

const common = (bay: Bay, slipMm: number): Record<string, number> => {
  bay.cycles += 1;
  const { noise, build } = bay;
  const overshootMm = 0.6 * (slipMm - build.slipMm);
  return {
    stopErrorMm: round(within(noise, 0, 1.1, -3.5, 3.5) + overshootMm, 2),
    traverseCurrentA: round(build.traverseA * within(noise, 1, 0.02, 0.93, 1.07), 3),
    contactorCloseMs: round(within(noise, build.contactorMs, 0.6, 14, 30), 1),
    cycleCount: bay.cycles,
    occupancy: bay.occupied ? 1 : 0,
  };
};

/**
 * A car has driven on; the hoist lifts it to its place. Current, time, tension, vibration and warmth are captured in
 * this motion only (loaded, upward): one direction and one load band, so that cycles can be compared.
 */
export const liftCar = (bay: Bay, carT: number, motion: Motion): Record<string, number> => {
  const { build, noise } = bay;
  const load = (carT + PALLET_T) / RATED_T;
  const volts = motion.supplyV / RATED_V;
  const torque = load * (1 + chainFriction(bay.chain) + bearingDrag(bay.bearing));
  const currentA = Math.hypot(build.idleA * volts, (build.torqueA * torque) / volts);
  const riseC = heat(bay, motion.pauseMs, LIFT_HEAT_C * (currentA / 7) ** 2) + bearingHeatC(bay.bearing);
  bay.occupied = true;
  bay.carT = carT;
  const seen = {
    hoistCurrentA: round(currentA * within(noise, 1, 0.006, 0.98, 1.02), 2),
    cycleTimeS: round(build.liftS * (1 + 0.06 * (torque - 1)) * within(noise, 1, 0.006, 0.98, 1.02), 2),
    chainTensionKn: round(
      4.905 *
        (carT + PALLET_T) *
        build.tensionGain *
        tensionShare(bay.chain) *
        within(noise, 1, 0.01, 0.96, 1.04),
      2,
    ),
    vibrationMmS: round(
      build.vibrationMmS * vibrationFactor(bay.bearing) * within(noise, 1, 0.06, 0.8, 1.2),
      3,
    ),
    windingTempC: round(motion.ambientC + riseC + within(noise, 0, 0.4, -1.2, 1.2), 1),
    skewMm: round(Math.max(0, build.skewMm + chainSkewMm(bay.chain) + within(noise, 0, 0.25, -0.8, 0.8)), 2),
    ...common(bay, build.slipMm),
  };
  bay.chain = afterLift(bay.chain, load);
  bay.bearing = afterTurning(bay.bearing, load);
  return seen;
};

/** The car comes down and leaves. Lowering a load is what the brake has to stop. */
export const lowerCar = (bay: Bay, motion: Motion): Record<string, number> => {
  const load = (bay.carT + PALLET_T) / RATED_T;
  const slipMm =
    bay.build.slipMm * slipFactor(bay.brake) * (1 + 0.3 * (load - 1)) * within(bay.noise, 1, 0.06, 0.8, 1.2);
  heat(bay, motion.pauseMs, LOWER_HEAT_C);
  bay.occupied = false;
  bay.carT = 0;
  const seen = { brakeSlipMm: round(slipMm, 2), ...common(bay, slipMm) };
  bay.brake = afterStop(bay.brake, load);
  return seen;
};
