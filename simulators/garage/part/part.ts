import type { Random } from '../../random/stream.ts';
import type { Effects } from '../effect.ts';
import type { Metric } from './metric.ts';

/** One motion of a unit, as its parts see it. */
export interface Motion {
  /** Upward with a car (or closing, for what only closes): the motion in which cycles can be compared. */
  readonly isUp: boolean;
  /** Mass of the car, t. */
  readonly carT: number;
  readonly occupied: boolean;
  readonly ambientC: number;
  /** Mains voltage as a share of nominal. */
  readonly volts: number;
  /** Since the motor last stood still. */
  readonly pauseMs: number;
  readonly wetMm: number;
  readonly humidityPct: number;
  readonly effects: Effects;
}

export type Values = { [M in Metric]?: number };

/** What a motion did, for what wears by it. */
export interface Strain {
  /** Of the motor or the oil, °C. */
  tempC: number;
  /** How long the motion takes, s. */
  durationS: number;
}

/** An installed part: it adds its signals of a motion to `values`, and what it knows of the strain to `strain`. */
export type Installed = (motion: Motion, values: Values, strain: Strain, noise: Random) => void;

/** Puts a part into a unit: draws how this one came from the factory. */
export type Part = (build: Random) => Installed;

/** Mass of pallet and car that the hoists are built for, t. */
export const RATED_T = 2;
export const PALLET_T = 0.45;
/** Of the mean car, as a share of what the hoist is rated for. */
export const loadOf = (carT: number): number => (carT + PALLET_T) / RATED_T;
