import { type ModelPopulation, populationsOf } from '../../../core/detect/population.ts';
import type { EquipmentState } from '../../../core/detect/state.ts';
import type { Catalogue } from '../../../core/fault/catalogue.ts';
import type { Tier, WearKind } from '../../../simulators/machine.ts';
import { createTrial, type MachineClass, type TrialOptions } from '../../../simulators/trial.ts';
import { type Life, live, living } from './life.ts';
import { isRight, type Outcome, outcomeOf } from './score.ts';

/** One class of machine in one tier and seed: five that stay well, then one with each wear. */
export interface ClassOutcome {
  readonly wears: readonly Outcome[];
  readonly wellDays: number;
  readonly wellVisits: readonly { readonly machine: string; readonly cause: string; readonly unit: string }[];
  readonly readings: number;
}

export interface ClassOptions {
  readonly catalogue: Catalogue;
  readonly kind: MachineClass;
  readonly tier: Tier;
  readonly seed: number;
  /** Default: all of the class. */
  readonly only?: string | undefined;
}

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 2, 2);
const LEARN_DAYS = 21;
const WELL_DAYS = 50;
const WELL_MACHINES = 5;
const POPULATION_HOURS = 6;
const STOPS_PER_MONTH = 3;
/** The longest that a wear may take beyond what was ordered. */
const PATIENCE = 2;

const fleet = (
  { catalogue }: ClassOptions,
  trials: readonly TrialOptions[],
): { readonly lives: readonly Life[]; readonly populations: readonly ModelPopulation[] } => {
  const populations: ModelPopulation[] = [];
  const endMs = START_MS + WELL_DAYS * DAY_MS;
  const machines = trials.map((trial) => living({ catalogue, trial, endMs, populations }));
  for (let hour = 0; ; hour++) {
    const steps = machines.map((machine) => machine.next());
    const lives = steps.flatMap(({ done, value }) => (done ? [value as Life] : []));
    if (lives.length === machines.length) return { lives, populations };
    if (hour % POPULATION_HOURS !== 0) continue;
    const states = steps.map(({ value }, i): readonly [string, EquipmentState] => [
      trials[i]?.id ?? `${i}`,
      value as EquipmentState,
    ]);
    populations.push(...populationsOf(catalogue, states, START_MS + hour * 3_600_000));
  }
};

/** When it fails if nobody comes: the same machine lives on without a service. Null where it never does. */
const failureOf = (trial: TrialOptions): number | null => {
  const alone = createTrial(trial);
  const limitMs = trial.onsetMs + PATIENCE * trial.lifeDays * DAY_MS + 3 * DAY_MS;
  for (let nowMs = trial.fromMs; nowMs < limitMs; nowMs += DAY_MS) {
    for (const _ of alone.until(nowMs)) if (alone.truth()?.failureMs) break;
    const failureMs = alone.truth()?.failureMs;
    if (failureMs) return failureMs;
  }
  return null;
};

const wearOut = (
  options: ClassOptions,
  trial: TrialOptions,
  wear: WearKind,
  populations: readonly ModelPopulation[],
): { readonly outcome: Outcome; readonly readings: number } | null => {
  const failureMs = failureOf(trial);
  if (failureMs === null) return null;
  const life = live({
    catalogue: options.catalogue,
    trial,
    populations,
    endMs: failureMs,
    isOver: (visit, truth) => isRight(visit, truth),
  });
  const named = { machine: options.kind.id, wear, tier: options.tier, seed: options.seed };
  return { outcome: outcomeOf(named, life, trial.fromMs, failureMs), readings: life.readings };
};

export const classOutcome = (options: ClassOptions): ClassOutcome => {
  const { kind, tier, seed, only } = options;
  const base = { model: kind.model, tier, fromMs: START_MS, stopsPerMonth: STOPS_PER_MONTH };
  const well = Array.from({ length: WELL_MACHINES }, (_, i): TrialOptions => {
    const own = seed * 1_000 + i;
    return { ...base, id: `well-${i}`, seed: own, mechanism: null, onsetMs: START_MS, lifeDays: 1 };
  });
  const { lives, populations } = fleet(options, well);
  const worn = kind.wears
    .filter(({ mechanism }) => only === undefined || mechanism === only)
    .flatMap((wear, i) => {
      const own = seed * 1_000 + 100 + i;
      const lifeDays = 6 + ((own * 7_919) % 20);
      const onsetMs = START_MS + (LEARN_DAYS + (own % 5)) * DAY_MS;
      const trial = { ...base, seed: own, mechanism: wear.mechanism, onsetMs, lifeDays };
      return wearOut(options, trial, wear, populations) ?? [];
    });
  return {
    wears: worn.map(({ outcome }) => outcome),
    wellDays: lives.reduce((sum, { endMs }) => sum + (endMs - START_MS) / DAY_MS, 0),
    wellVisits: lives.flatMap(({ visits }) =>
      visits
        .filter(({ isRescue }) => !isRescue)
        .map(({ cause, unit }) => ({ machine: `${kind.id} tier ${tier}`, cause, unit })),
    ),
    readings:
      lives.reduce((sum, life) => sum + life.readings, 0) + worn.reduce((sum, one) => sum + one.readings, 0),
  };
};
