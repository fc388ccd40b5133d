import { round, uniform, within } from '../random/draw.ts';
import type { ApplianceKind } from './kind.ts';

/** How much it is needed, by hour: 6 per hour is needed half of the time. */
const NEED = [4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 6, 8, 10, 11, 12, 12, 12, 11, 11, 11, 9, 7, 6, 5];

/** A fixed-speed air conditioner. A fouled condenser can't get rid of heat: discharge gets hot, current rises. */
export const aircon: ApplianceKind = {
  firmware: 'ac-3.2',
  wears: {
    fouling: {
      items: ['compressor', 'motor', 'controller'],
      code: 'A02',
      detail: 'compressor protection: discharge too hot',
    },
  },
  create: (build) => {
    const currentA = uniform(build, 4.9, 5.4);
    const dischargeC = uniform(build, 74, 80);
    let runs = false;
    return {
      step: ({ ambientC, wanted, worn, random }) => {
        // It stays on or off for about an hour.
        if (random() < 0.12) runs = wanted(NEED);
        const ambientTempC = round(ambientC + within(random, 0, 0.1, -0.3, 0.3), 1);
        if (!runs)
          return { values: { powerW: round(uniform(random, 2.5, 3.5), 1), ambientTempC }, cycles: {} };
        const fouled = worn('fouling');
        const seenA =
          (currentA + 0.01 * (ambientC - 23)) * within(random, 1, 0.015, 0.95, 1.05) * (1 + 0.35 * fouled);
        const values = {
          dischargeTempC: round(
            dischargeC + 0.6 * (ambientC - 23) + within(random, 0, 1, -3, 3) + 40 * fouled,
            1,
          ),
          currentA: round(seenA, 2),
          powerW: round(seenA * 220 * 0.95, 0),
          ambientTempC,
        };
        return { values, cycles: { fouling: 1 } };
      },
    };
  },
};
