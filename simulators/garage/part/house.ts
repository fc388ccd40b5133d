import { round, uniform, within } from '../../random/draw.ts';
import { afterWater, dryPit } from '../wear/pit.ts';
import type { Part } from './part.ts';

const RATED_V = 380;

/** The mains as the controller sees them. */
export const mains: Part = (build) => {
  const imbalancePct = uniform(build, 0.35, 0.75);
  return ({ volts, effects, ambientC }, values, _, noise) => {
    const sag = 1 - 0.004 * effects.imbalancePct;
    values.supplyVoltageV = round(RATED_V * volts * sag + within(noise, 0, 0.4, -1.2, 1.2), 1);
    values.supplyImbalancePct = round(
      imbalancePct + effects.imbalancePct + within(noise, 0, 0.06, -0.2, 0.2),
      2,
    );
    values.ambientTempC = round(ambientC + within(noise, 0, 0.15, -0.5, 0.5), 1);
  };
};

/** The controller itself: its 24 V, its bus, and how sure it is of what is where. */
export const controls: Part = (build) => {
  const controlV = uniform(build, 23.9, 24.4);
  const linkPct = uniform(build, 98.9, 99.6);
  const surePct = uniform(build, 97.5, 99);
  return ({ effects }, values, _, noise) => {
    values.controlVoltageV = round(controlV - effects.controlV + within(noise, 0, 0.05, -0.15, 0.15), 2);
    values.linkQualityPct = round(
      Math.min(100, linkPct - effects.linkPct + within(noise, 0, 0.12, -0.4, 0.4)),
      2,
    );
    values.occupancySurePct = round(
      Math.min(100, surePct - effects.doubtPct + within(noise, 0, 0.25, -0.8, 0.8)),
      2,
    );
  };
};

/** The pit and its pump: `pitPumpS` is said after a run. */
export const pit: Part = (build) => {
  const pumpMmS = uniform(build, 0.85, 1.05);
  let state = dryPit(uniform(build, 20, 55));
  return ({ wetMm, effects, pauseMs, volts }, values, _, noise) => {
    state = afterWater(state, pauseMs / 3_600_000, wetMm, pumpMmS * volts * effects.pitPump);
    values.pitLevelMm = round(state.levelMm + within(noise, 0, 0.5, -1.5, 1.5), 1);
    if (state.ranS !== null) values.pitPumpS = round(state.ranS * within(noise, 1, 0.01, 0.97, 1.03), 1);
  };
};
