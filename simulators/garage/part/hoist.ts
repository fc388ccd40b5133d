import { round, uniform, within } from '../../random/draw.ts';
import { loadOf, PALLET_T, type Part } from './part.ts';
import { createWarmth } from './warmth.ts';

/** A hoist motor and what hangs on it. Currents and times: ranges that each machine draws its own from. */
export interface HoistOptions {
  /** Magnetising current: flows whatever the load. */
  readonly idleA: readonly [number, number];
  /** Current that makes torque at rated load. */
  readonly torqueA: readonly [number, number];
  readonly liftS: readonly [number, number];
  /** How much of `liftS` depends on how far the car goes: 0 always to the same place. */
  readonly travel: number;
  /** A counterweight carries so much of the rated car: the motor only lifts what is left. */
  readonly counterweightT: number;
  readonly vibrationMmS: readonly [number, number];
  readonly skewMm: readonly [number, number];
  /** Direct on line 5–7 times; a drive starts softly. */
  readonly inrush: readonly [number, number];
  readonly overtravelMm: readonly [number, number];
  /** °C that a lift and a lowering add to the winding: motors are as large as they are busy. */
  readonly heatC: readonly [number, number];
  /** Chains have a load cell. */
  readonly hasTension: boolean;
}

/** What friction and gears take even when car and counterweight are in balance. */
const LEAST_TORQUE = 0.25;

/**
 * Current, time, tension, vibration and warmth are captured in the loaded, upward motion only: one direction and one
 * load band, so that cycles can be compared.
 */
export const hoist =
  (options: HoistOptions): Part =>
  (build) => {
    const idleA = uniform(build, ...options.idleA);
    const torqueA = uniform(build, ...options.torqueA);
    const liftS = uniform(build, ...options.liftS);
    const tensionGain = uniform(build, 0.97, 1.03);
    const vibrationMmS = uniform(build, ...options.vibrationMmS);
    const skewMm = uniform(build, ...options.skewMm);
    const inrush = uniform(build, ...options.inrush);
    const overtravelMm = uniform(build, ...options.overtravelMm);
    const usualA = Math.hypot(idleA, torqueA);
    const [liftC, lowerC] = options.heatC;
    const warm = createWarmth();
    return ({ isUp, carT, volts, ambientC, pauseMs, effects }, values, strain, noise) => {
      const way = options.travel === 0 ? 1 : 1 + options.travel * (2 * noise() - 1);
      if (!isUp) {
        strain.tempC = ambientC + warm(pauseMs, lowerC * way);
        strain.durationS = liftS * way;
        return;
      }
      const net = loadOf(carT) - options.counterweightT / 2;
      const torque = Math.max(LEAST_TORQUE, net) * (1 + effects.friction);
      const currentA = Math.hypot(idleA * volts, (torqueA * torque) / volts) * effects.current;
      const tempC = ambientC + effects.heatC + warm(pauseMs, liftC * way * (currentA / usualA) ** 2);
      const cycleS = liftS * way * (1 + 0.06 * (torque - 1)) * effects.time;
      strain.tempC = tempC;
      strain.durationS = cycleS;
      values.hoistCurrentA = round(currentA * within(noise, 1, 0.006, 0.98, 1.02), 2);
      values.hoistInrushA = round(
        usualA * inrush * volts * effects.inrush * within(noise, 1, 0.03, 0.9, 1.1),
        1,
      );
      values.cycleTimeS = round(cycleS * within(noise, 1, 0.006, 0.98, 1.02), 2);
      if (options.hasTension) {
        const sharedKn = 4.905 * (carT + PALLET_T) * tensionGain * effects.tension;
        values.chainTensionKn = round(sharedKn * within(noise, 1, 0.01, 0.96, 1.04), 2);
      }
      values.vibrationMmS = round(vibrationMmS * effects.vibration * within(noise, 1, 0.06, 0.8, 1.2), 3);
      values.windingTempC = round(tempC + within(noise, 0, 0.4, -1.2, 1.2), 1);
      values.skewMm = round(Math.max(0, skewMm + effects.skewMm + within(noise, 0, 0.25, -0.8, 0.8)), 2);
      values.overtravelMm = round(overtravelMm + effects.overtravelMm + within(noise, 0, 0.5, -1.5, 1.5), 2);
    };
  };
