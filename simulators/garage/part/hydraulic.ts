import { round, uniform, within } from '../../random/draw.ts';
import { pressureDecayMpaH } from '../wear/hydraulics.ts';
import { loadOf, PALLET_T, type Part } from './part.ts';
import { createWarmth } from './warmth.ts';

/** °C that one lift adds to the oil, and to the winding: sized for many lifts an hour. */
const OIL_HEAT_C = 2.2;
const WINDING_HEAT_C = 3;
/** From here on the cooler's fan runs and takes most of what is above. */
const COOLED_C = 36;
const LEFT_BY_COOLER = 0.25;

const cooled = (rawC: number): number =>
  rawC <= COOLED_C ? rawC : COOLED_C + LEFT_BY_COOLER * (rawC - COOLED_C);

/** A ram that lifts a platform over leaf chains; the hoist motor drives its pump, lowering is by a valve. */
export const hydraulicHoist: Part = (build) => {
  const pressureMpa = uniform(build, 12.2, 13.4);
  const idleA = uniform(build, 7, 8);
  const torqueA = uniform(build, 11.5, 13);
  const inrush = uniform(build, 5.2, 6.2);
  const liftS = uniform(build, 38, 46);
  const tightMpaH = uniform(build, 0.04, 0.075);
  const tensionGain = uniform(build, 0.97, 1.03);
  const vibrationMmS = uniform(build, 0.9, 1.3);
  const skewMm = uniform(build, 1.5, 2.5);
  const usualA = Math.hypot(idleA, torqueA);
  const warm = createWarmth();
  const warmOil = createWarmth();
  return ({ isUp, carT, volts, ambientC, pauseMs, effects }, values, strain, noise) => {
    strain.durationS = liftS * effects.time;
    if (!isUp) {
      strain.tempC = cooled(ambientC + 10 + warmOil(pauseMs, 0.5 * OIL_HEAT_C)) + effects.oilC;
      warm(pauseMs, 0);
      return;
    }
    const load = loadOf(carT);
    const torque = load * (1 + effects.friction);
    const currentA = Math.hypot(idleA * volts, (torqueA * torque) / volts) * effects.current;
    const heldMpa = pressureMpa * (0.35 + 0.65 * torque) * (1 - effects.pressure);
    const oilC = cooled(ambientC + 10 + warmOil(pauseMs, OIL_HEAT_C)) + effects.oilC;
    const windingC = ambientC + effects.heatC + warm(pauseMs, WINDING_HEAT_C * (currentA / usualA) ** 2);
    const decay = pressureDecayMpaH(tightMpaH, effects.leak, heldMpa, oilC);
    strain.tempC = windingC;
    values.hoistCurrentA = round(currentA * within(noise, 1, 0.006, 0.98, 1.02), 2);
    values.hoistInrushA = round(
      usualA * inrush * volts * effects.inrush * within(noise, 1, 0.03, 0.9, 1.1),
      1,
    );
    values.cycleTimeS = round(strain.durationS * within(noise, 1, 0.008, 0.97, 1.03), 2);
    const sharedKn = 4.905 * (carT + PALLET_T) * tensionGain * effects.tension;
    values.chainTensionKn = round(sharedKn * within(noise, 1, 0.01, 0.96, 1.04), 2);
    values.vibrationMmS = round(vibrationMmS * effects.vibration * within(noise, 1, 0.06, 0.8, 1.2), 3);
    values.windingTempC = round(windingC + within(noise, 0, 0.4, -1.2, 1.2), 1);
    values.skewMm = round(Math.max(0, skewMm + effects.skewMm + within(noise, 0, 0.25, -0.8, 0.8)), 2);
    values.oilPressureMpa = round(heldMpa * within(noise, 1, 0.01, 0.97, 1.03), 2);
    values.oilTempC = round(oilC + within(noise, 0, 0.3, -1, 1), 1);
    values.oilDecayMpaH = round(decay * within(noise, 1, 0.06, 0.8, 1.2), 4);
  };
};
