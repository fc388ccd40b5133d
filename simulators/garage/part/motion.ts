import { round, uniform, within } from '../../random/draw.ts';
import type { Part } from './part.ts';

/** The sideways drive: of a pallet, a carrier or a whole crane. */
export const traverse =
  (currentA: readonly [number, number]): Part =>
  (build) => {
    const ownA = uniform(build, ...currentA);
    return ({ effects, volts }, values, _, noise) => {
      values.traverseCurrentA = round(
        (ownA * effects.traverse * within(noise, 1, 0.02, 0.93, 1.07)) / volts,
        3,
      );
    };
  };

/** The hooks that catch a falling pallet: a solenoid lets go, a spring engages. */
export const hook: Part = (build) => {
  const releaseMs = uniform(build, 120, 165);
  const engageMs = uniform(build, 95, 140);
  return ({ isUp, effects, volts }, values, _, noise) => {
    const scatter = within(noise, 1, 0.025, 0.92, 1.08);
    if (isUp) values.hookEngageMs = round((engageMs + effects.hookEngageMs) * scatter, 1);
    else values.hookReleaseMs = round(((releaseMs + effects.hookReleaseMs) / volts) * scatter, 1);
  };
};

/** A turntable, or the comb that takes the car over. */
export const turntable: Part = (build) => {
  const currentA = uniform(build, 2.8, 3.6);
  const turnS = uniform(build, 16, 22);
  return ({ carT, effects, volts }, values, strain, noise) => {
    const load = 0.8 + 0.2 * (carT / 1.55);
    strain.durationS = turnS;
    values.turntableCurrentA = round(
      (currentA * load * effects.turntable * within(noise, 1, 0.02, 0.94, 1.06)) / volts,
      3,
    );
    const slower = 1 + 0.6 * (effects.turntable - 1);
    values.turntableTimeS = round(turnS * slower * within(noise, 1, 0.01, 0.97, 1.03), 2);
  };
};

/** An entrance door and the photo-eye across it. */
export const door: Part = (build) => {
  const closeS = uniform(build, 6.5, 9);
  const gain = uniform(build, 4.2, 5.2);
  return ({ effects, ambientC, humidityPct }, values, strain, noise) => {
    // Cold grease is stiff, damp air takes light.
    const cold = 1 + 0.003 * Math.max(0, 15 - ambientC);
    strain.durationS = closeS;
    values.doorCloseS = round(closeS * cold * effects.door * within(noise, 1, 0.015, 0.95, 1.05), 2);
    const damp = 1 - 0.001 * Math.max(0, humidityPct - 60);
    values.photoEyeGain = round(gain * damp * effects.photoEye * within(noise, 1, 0.015, 0.95, 1.05), 2);
  };
};
