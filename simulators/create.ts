import { classOf } from '../core/fault/catalogue.ts';
import { APPLIANCES, createAppliance } from './appliance/appliance.ts';
import type { HabitsName } from './calendar/people.ts';
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
  /** Garages only. Default 6. */
  readonly bays?: number;
  /** Garages only: how the place is used. Default `mall`. */
  readonly people?: HabitsName;
}

const GARAGE = 'PSH';
const DEFAULT_BAYS = 6;

/** Whether this model can be simulated. */
export const simulates = (model: string): boolean =>
  classOf(model) === GARAGE || Object.hasOwn(APPLIANCES, classOf(model));

const createBare = (options: MachineOptions): BareMachine => {
  const { bays = DEFAULT_BAYS, people = 'mall', ...rest } = options;
  if (classOf(options.model) === GARAGE) return createGarage({ ...rest, bays, people });
  const kind = APPLIANCES[classOf(options.model)];
  if (!kind || !simulates(options.model)) {
    const known = [GARAGE, ...Object.keys(APPLIANCES)].join(', ');
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
