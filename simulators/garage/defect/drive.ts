import { closesLaterMs } from '../wear/contactor.ts';
import { byCurrentSquared, byCycle, byLoad, byRoomHeat } from '../wear/stress.ts';
import { ageing } from './ageing.ts';

/** The contacts of the hoist's contactor burn off, bounce, and weld. */
export const contactor = ageing({
  component: 'controller',
  codes: ['G23'],
  precursor: 'W25',
  stress: byCurrentSquared,
  affect: (used, effects) => {
    effects.contactorMs += closesLaterMs(used);
  },
});

/** The drive's fan: its sleeve dries, less air passes the heat sink. */
export const vfdFan = ageing({
  component: 'drive',
  codes: ['G24'],
  precursor: 'W24',
  stress: byRoomHeat,
  affect: (used, effects) => {
    effects.driveC += 52 * used ** 1.2;
  },
});

/** Electrolytic capacitors dry out: the direct voltage ripples. */
export const vfdCapacitor = ageing({
  component: 'drive',
  codes: ['G24'],
  precursor: 'W24',
  stress: byRoomHeat,
  affect: (used, effects) => {
    effects.ripple *= 1 + 3.6 * used ** 1.3;
  },
});

/** The braking resistor opens bit by bit: a falling load is no longer held at its speed. */
export const brakeChopper = ageing({
  component: 'drive',
  codes: ['G31'],
  precursor: 'W24',
  wearsIn: 'down',
  stress: byLoad,
  affect: (used, effects) => {
    effects.lowerPct += 14 * used ** 1.3;
  },
});

/** The shaft seal of the cylinder. */
export const seal = ageing({
  component: 'hydraulics',
  codes: ['G27'],
  precursor: 'W28',
  wearsIn: 'up',
  stress: byLoad,
  affect: (used, effects) => {
    effects.leak += used ** 1.3;
    effects.pressure += 0.12 * used ** 2;
  },
});

/** The pump's gears wear: less oil for the same turns, until the pressure is not reached. */
export const oilPump = ageing({
  component: 'hydraulics',
  codes: ['G27'],
  precursor: 'W28',
  wearsIn: 'up',
  stress: byLoad,
  affect: (used, effects) => {
    effects.pressure += 0.45 * used ** 1.3;
    effects.time *= 1 + 0.5 * used ** 1.3;
  },
});

/** The cooler clogs. */
export const oilCooler = ageing({
  component: 'hydraulics',
  codes: ['G28'],
  precursor: 'W28',
  stress: byCycle,
  affect: (used, effects) => {
    effects.oilC += 36 * used ** 1.2;
  },
});

const turning = (): Parameters<typeof ageing>[0] => ({
  component: 'turntable',
  codes: ['G33'],
  precursor: 'W33',
  stress: byLoad,
  affect: (used, effects) => {
    effects.turntable *= 1 + 0.48 * used ** 1.2;
  },
});

/** Slewing ring and drive of the turntable. */
export const turntable = ageing(turning());
/** Guides and drive of the comb (or fork) that takes the car. */
export const comb = ageing(turning());
