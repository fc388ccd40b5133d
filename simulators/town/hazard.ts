import { applianceKind } from '../appliance/kinds.ts';
import { weibull } from '../random/draw.ts';
import type { Random } from '../random/stream.ts';

/** How a wear comes with age: Weibull, `years` is what 63 % reach; a shape above 1 means that age matters. */
export interface Hazard {
  readonly shape: number;
  readonly years: number;
}

/** Drives, chains and brakes of garages under a maintenance contract: about one wear of a unit in twelve years. */
const GARAGE: Hazard = { shape: 1.6, years: 12 };

export const hazardOf = (model: string, mechanism: string): Hazard =>
  applianceKind(model)?.wears[mechanism] ?? GARAGE;

/** Years until it begins, for a part that has come to this age without it. */
export const yearsToOnset = ({ shape, years }: Hazard, ageYears: number, random: Random): number => {
  // A part of `age` years is one of those that outlived them: its survival is conditional on that.
  const used = (ageYears / years) ** shape;
  return years * (used - Math.log(1 - random())) ** (1 / shape) - ageYears;
};

/** For a new part. */
export const newLifeYears = ({ shape, years }: Hazard, random: Random): number =>
  weibull(random, shape, years);
