import { round, uniform, within } from '../random/draw.ts';
import type { ApplianceKind } from './kind.ts';

/**
 * A fixed-speed fridge. Losing refrigerant takes cooling power away: the compressor runs longer for the same cold,
 * and when it runs all the time the cold goes.
 */
export const fridge: ApplianceKind = {
  firmware: 'fr-1.9',
  wears: {
    gasLeak: { items: ['compressor', 'body'], code: 'A03', detail: 'suction pressure low, refrigerant lost' },
  },
  create: (build) => {
    const dutyPct = uniform(build, 40, 46);
    const freezerC = uniform(build, -18.6, -17.6);
    const fridgeC = uniform(build, 3.6, 4.4);
    let warmedC = 0;
    return {
      step: ({ ambientC, worn, random }) => {
        const leak = worn('gasLeak');
        const needPct = dutyPct + 0.6 * (ambientC - 23) + within(random, 0, 1.2, -3.5, 3.5) + 62 * leak;
        const dutySeenPct = Math.min(100, needPct);
        // What the compressor can't do any more warms the inside, a little every step.
        warmedC = Math.max(0, Math.min(25, warmedC + (needPct > 97 ? 0.02 * (needPct - 96) : -0.8)));
        const values = {
          freezerTempC: round(freezerC + warmedC + within(random, 0, 0.4, -1.2, 1.2), 2),
          fridgeTempC: round(fridgeC + 0.5 * warmedC + within(random, 0, 0.25, -0.8, 0.8), 2),
          compressorDutyPct: round(dutySeenPct, 1),
          powerW: round(1.15 * dutySeenPct + 4, 1),
          ambientTempC: round(ambientC + within(random, 0, 0.1, -0.3, 0.3), 1),
        };
        return { values, cycles: { gasLeak: 1 } };
      },
    };
  },
};
