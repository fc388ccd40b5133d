import { classOf } from '../core/fault/catalogue.ts';
import { createAppliance } from './appliance/appliance.ts';
import { APPLIANCES, applianceKind } from './appliance/kinds.ts';
import type { HabitsName } from './calendar/people.ts';
import type { Surroundings } from './environment/surroundings.ts';
import { createGarage } from './garage/garage.ts';
import { lying } from './lie/lying.ts';
import type { BareMachine, Machine, Tier } from './machine.ts';
import { powered } from './power/powered.ts';
import { stream } from './random/stream.ts';

export interface MachineOptions {
  readonly id: string;
  readonly site: string;
  /** `PSH-7`, `fridge-300`: the class is what stands before the first dash. */
  readonly model: string;
  readonly timeZone: string;
  readonly seed: number;
  readonly fromMs: number;
  /** Default 3. */
  readonly tier?: Tier;
  /** What the machines of its site share. Default: a place of its own. */
  readonly surroundings?: Surroundings;
  /** Garages only. Default 6. */
  readonly bays?: number;
  /** Garages only: how the place is used. Default `mall`. */
  readonly people?: HabitsName;
}

const GARAGE = 'PSH';
const DEFAULT_BAYS = 6;

/** Whether this model can be simulated. */
export const simulates = (model: string): boolean =>
  classOf(model) === GARAGE || applianceKind(model) !== null;

const createBare = (options: MachineOptions): BareMachine => {
  const { bays = DEFAULT_BAYS, people = 'mall', ...rest } = options;
  if (classOf(options.model) === GARAGE) return createGarage({ ...rest, bays, people });
  const kind = applianceKind(options.model);
  if (!kind) {
    const known = [GARAGE, ...new Set(APPLIANCES.map((one) => classOf(one.id)))].join(', ');
    throw new Error(`model ${options.model} is not simulated; use one of the classes ${known}`);
  }
  return createAppliance({ ...rest, kind });
};

/** Throws where the class isn't simulated; ask `simulates` first. */
export const createMachine = (options: MachineOptions): Machine => {
  const { id, seed, tier = 3 } = options;
  const bare = lying(createBare(options), tier, stream(seed, `${id}/lies`));
  return powered(bare, tier, stream(seed, `${id}/power`));
};
