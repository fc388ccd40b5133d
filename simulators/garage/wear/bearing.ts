import { weibull } from '../../random/draw.ts';
import type { Random } from '../../random/stream.ts';

/**
 * The bearing of a hoist motor. It is sound until a defect begins (Weibull, L10 ∝ (C/P)³); from then on vibration
 * grows exponentially, and late the motor feels the drag.
 */
export interface BearingState {
  /** 0 sound … 1 seized. */
  readonly progress: number;
  /** Progress that one lift at rated load adds; 0 while sound. */
  readonly rate: number;
}

const SHAPE = 1.5;
/** ln(0.9): L10 is the life that 90 % survive. */
const L10_RATIO = (-Math.log(0.9)) ** (1 / SHAPE);
/** Growth of vibration over the life of the defect: e^2.3 ≈ 10. */
const GROWTH = 2.3;

export const freshBearing = (): BearingState => ({ progress: 0, rate: 0 });

/** After how many cycles a defect begins, given the life that 90 % survive at rated load. */
export const defectOnsetCycles = (random: Random, l10Cycles: number, load: number): number =>
  weibull(random, SHAPE, l10Cycles / L10_RATIO) / load ** 3;

export const defectiveBearing = (bearing: BearingState, lifeCycles: number): BearingState => ({
  ...bearing,
  rate: 1 / lifeCycles,
});

/** One lift with this load (1 = rated): damage goes with its third power. */
export const afterTurning = (bearing: BearingState, load: number): BearingState => ({
  ...bearing,
  progress: Math.min(1, bearing.progress + bearing.rate * load ** 3),
});

export const bearingSeized = (bearing: BearingState): boolean => bearing.progress >= 1;
export const vibrationFactor = (bearing: BearingState): number => Math.exp(GROWTH * bearing.progress);
/** Extra torque by drag, as a part of the torque that the load needs. */
export const bearingDrag = (bearing: BearingState): number => 0.6 * bearing.progress ** 2;
/** °C that the defect adds to the winding. */
export const bearingHeatC = (bearing: BearingState): number => 25 * bearing.progress ** 2;
