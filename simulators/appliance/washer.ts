import { round, uniform, within } from '../random/draw.ts';
import type { ApplianceKind, Step, StepResult } from './kind.ts';

/** Programmes begun per hour, by hour: a launderette in a house with many flats. */
const USE = [
  0.1, 0.05, 0, 0, 0, 0.1, 0.4, 0.7, 0.8, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7, 0.9, 1.1, 1.1, 0.9,
  0.5, 0.2,
];
/** Steps of washing before it drains and spins. */
const WASH_STEPS = 3;

type Phase = 'idle' | 'wash' | 'drain' | 'spin';
const AFTER: Readonly<Record<Phase, Phase>> = { idle: 'wash', wash: 'drain', drain: 'spin', spin: 'idle' };

/** Lint blocks the pump: draining takes longer. A worn drum bearing shakes, and the motor feels the drag. */
export const washer: ApplianceKind = {
  firmware: 'wa-5.0',
  wears: {
    blockage: { items: ['pump'], code: 'A04', detail: 'drain time over' },
    bearing: { items: ['motor'], code: 'A05', detail: 'motor stalled while spinning' },
  },
  create: (build) => {
    const drainS = uniform(build, 54, 60);
    const drumG = uniform(build, 0.4, 0.48);
    const currentA = uniform(build, 2.2, 2.6);
    let phase: Phase = 'idle';
    let left = 0;

    const act: Readonly<Record<Phase, (step: Step) => StepResult>> = {
      idle: () => ({ values: { powerW: 1.2, drumRpm: 0 }, cycles: {} }),
      wash: ({ random }) => ({
        values: { powerW: round(within(random, 420, 60, 250, 600), 0), drumRpm: 52 },
        cycles: {},
      }),
      drain: ({ random, worn }) => ({
        values: {
          drainS: round(drainS * within(random, 1, 0.03, 0.92, 1.08) * (1 + 1.3 * worn('blockage')), 1),
          powerW: round(within(random, 45, 3, 35, 55), 0),
          drumRpm: 0,
        },
        cycles: { blockage: 9 },
      }),
      spin: ({ random, worn }) => {
        const worse = worn('bearing');
        const values = {
          drumG: round(drumG * within(random, 1, 0.07, 0.82, 1.18) * Math.exp(1.3 * worse), 3),
          currentA: round(currentA * within(random, 1, 0.02, 0.94, 1.06) * (1 + 0.4 * worse ** 1.5), 2),
          powerW: round(within(random, 520, 25, 450, 600), 0),
          drumRpm: round(within(random, 1200, 6, 1180, 1220), 0),
        };
        return { values, cycles: { bearing: 9 } };
      },
    };

    return {
      step: (step) => {
        if (phase === 'idle' && step.wanted(USE)) left = 0;
        else if (phase === 'idle') return act.idle(step);
        if (left > 0) left -= 1;
        else {
          phase = AFTER[phase];
          left = phase === 'wash' ? WASH_STEPS - 1 : 0;
        }
        return act[phase](step);
      },
    };
  },
};
