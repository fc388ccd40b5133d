import { round, uniform, within } from '../../random/draw.ts';
import type { Part } from './part.ts';

/** The contactor of a motor that runs direct on line. */
export const contactor: Part = (build) => {
  const closeMs = uniform(build, 18, 24);
  return ({ effects, volts }, values, _, noise) => {
    const lateMs = effects.contactorMs;
    // Bounce scatters as well.
    const scatter = within(noise, 0, 0.6 + 0.05 * lateMs, -4, 6);
    values.contactorCloseMs = round(Math.max(12, closeMs / volts + lateMs + scatter), 1);
  };
};

/** A frequency converter: its heat sink, its direct voltage, and how it holds a load that falls. */
export const drive: Part = (build) => {
  const riseC = uniform(build, 20, 27);
  const rippleV = uniform(build, 8, 11.5);
  return ({ isUp, carT, ambientC, effects }, values, _, noise) => {
    const load = 0.85 + 0.15 * (carT / 1.55);
    values.driveTempC = round(ambientC + riseC * load + effects.driveC + within(noise, 0, 0.6, -1.8, 1.8), 1);
    if (isUp) values.dcRippleV = round(rippleV * load * effects.ripple * within(noise, 1, 0.03, 0.9, 1.1), 2);
    else values.lowerSpeedPct = round(100 + effects.lowerPct + within(noise, 0, 0.25, -0.8, 0.8), 2);
  };
};

/** Switches that say where the pallet is. */
export const switches: Part = (build) => {
  const delayMs = uniform(build, 20, 30);
  return ({ effects }, values, _, noise) => {
    values.switchDelayMs = round((delayMs + effects.switchMs) * within(noise, 1, 0.03, 0.9, 1.1), 1);
  };
};

/** The encoder, checked against the reference switch in every motion. */
export const encoder: Part = (build) => {
  const errorMm = uniform(build, 0.6, 1.2);
  return ({ effects }, values, _, noise) => {
    const worse = effects.positionMm * within(noise, 1, 0.2, 0.4, 1.6);
    values.positionErrorMm = round(Math.max(0, errorMm + worse + within(noise, 0, 0.12, -0.4, 0.4)), 2);
  };
};
