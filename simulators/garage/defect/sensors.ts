import { byCycle, byDamp } from '../wear/stress.ts';
import { ageing } from './ageing.ts';

const switching = (code: string): Parameters<typeof ageing>[0] => ({
  component: 'sensors',
  codes: [code],
  precursor: 'W19',
  stress: byCycle,
  affect: (used, effects) => {
    effects.switchMs += 115 * used ** 1.4;
  },
});

/** The travel limit's lever bends and its contact corrodes: it answers late, and then not at all. */
export const limitSwitch = ageing(switching('G08'));
/** The switch that sees the pallet in its place. */
export const proximity = ageing(switching('G19'));

/** Its disc gets dirty or its coupling loose: it counts past the reference. */
export const encoder = ageing({
  component: 'sensors',
  codes: ['G20'],
  precursor: 'W19',
  stress: byCycle,
  affect: (used, effects) => {
    effects.positionMm += 9 * used ** 1.3;
  },
});

/** Dust on the lens. */
export const photoEye = ageing({
  component: 'sensors',
  codes: ['G17'],
  precursor: 'W19',
  stress: byDamp,
  affect: (used, effects) => {
    effects.photoEye *= 1 - 0.74 * used;
  },
});

/** Whatever tells a full place from an empty one: it is less and less sure. */
export const occupancySensor = ageing({
  component: 'sensors',
  codes: ['G30'],
  precursor: 'W19',
  stress: byDamp,
  affect: (used, effects) => {
    effects.doubtPct += 34 * used ** 1.3;
  },
});
