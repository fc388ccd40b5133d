import { byCycle, byRain, byRoomHeat } from '../wear/stress.ts';
import { ageing } from './ageing.ts';

/** Rollers, rail and spring of the entrance door: it closes slower, and the lock does not always find its place. */
export const door = ageing({
  component: 'door',
  codes: ['G18'],
  precursor: 'G18',
  stress: byCycle,
  affect: (used, effects) => {
    effects.door *= 1 + 0.65 * used ** 1.2;
  },
});

/** The pit pump's impeller. */
export const pitPump = ageing({
  component: 'pit',
  codes: ['G29'],
  precursor: 'W29',
  stress: byRain,
  affect: (used, effects) => {
    effects.pitPump *= 1 - 0.8 * used ** 1.2;
  },
});

/** A terminal of one phase loosens and warms: less voltage there, and then none. */
export const phase = ageing({
  component: 'power',
  codes: ['G02', 'G02', 'G03'],
  precursor: 'W26',
  stress: byCycle,
  affect: (used, effects) => {
    effects.imbalancePct += 2.8 * used ** 1.3;
  },
});

/** The 24 V supply and the battery behind it: capacitors dry, the voltage sags under load. */
export const psu24 = ageing({
  component: 'power',
  codes: ['G26'],
  precursor: 'W26',
  stress: byRoomHeat,
  affect: (used, effects) => {
    effects.controlV += 3.8 * used ** 1.4;
  },
});

/** A plug or a module of the bus. */
export const plcLink = ageing({
  component: 'controller',
  codes: ['G25'],
  precursor: 'W25',
  stress: byCycle,
  affect: (used, effects) => {
    effects.linkPct += 32 * used ** 1.3;
  },
});
