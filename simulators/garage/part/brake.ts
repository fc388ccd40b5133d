import { round, uniform, within } from '../../random/draw.ts';
import { loadOf, type Part } from './part.ts';

/** A spring brake with a release coil. Lowering a load is what it has to stop. */
export const brake: Part = (build) => {
  const slipMm = uniform(build, 1.3, 1.8);
  const releaseMs = uniform(build, 115, 150);
  return ({ isUp, carT, volts, effects }, values, _, noise) => {
    if (isUp) {
      const seenMs = (releaseMs + effects.brakeReleaseMs) / volts;
      values.brakeReleaseMs = round(seenMs * within(noise, 1, 0.02, 0.94, 1.06), 1);
    }
    const seenMm =
      slipMm * effects.slip * (1 + 0.3 * (loadOf(carT) - 1)) * (isUp ? 1 : within(noise, 1, 0.06, 0.8, 1.2));
    if (!isUp) values.brakeSlipMm = round(seenMm, 2);
    // Upward it stops with gravity's help: what it slips there hardly shows.
    const runOnMm = isUp ? 0 : 0.6 * (seenMm - slipMm);
    values.stopErrorMm = round(within(noise, 0, 1.1, -3.5, 3.5) + runOnMm, 2);
  };
};

/** A platform on a ram stops by its valve. */
export const valveStop: Part = () => (_motion, values, _strain, noise) => {
  values.stopErrorMm = round(within(noise, 0, 1.2, -3.8, 3.8), 2);
};
