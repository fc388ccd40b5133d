import { classOf } from '../core/fault/catalogue.ts';
import { createAppliance } from './appliance/appliance.ts';
import { APPLIANCES, applianceKind } from './appliance/kinds.ts';
import type { HabitsName } from './calendar/people.ts';
import { anywhere, type Surroundings } from './environment/surroundings.ts';
import { createGarage } from './garage/garage.ts';
import { GARAGES, type GarageKind } from './garage/kinds.ts';
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
  /** Garages only: places to park. Default: what is usual for the class. */
  readonly bays?: number;
  /** Garages only: how the place is used. Default `mall`. */
  readonly people?: HabitsName;
  /** Garages only: stops that the attendant clears (G01, G14, …), in a month by the clock. Default 0. */
  readonly stopsPerMonth?: number;
}

/** Whether this model can be simulated. */
export const simulates = (model: string): boolean =>
  Object.hasOwn(GARAGES, classOf(model)) || applianceKind(model) !== null;

const createBare = (options: MachineOptions): BareMachine => {
  const { bays, people = 'mall', stopsPerMonth = 0, ...rest } = options;
  const { model, seed, site, timeZone, tier = 3 } = options;
  if (Object.hasOwn(GARAGES, classOf(model))) {
    const kind = GARAGES[classOf(model)] as GarageKind;
    const surroundings = options.surroundings ?? anywhere(seed, site, timeZone);
    return createGarage({
      ...rest,
      kind,
      places: bays ?? kind.places,
      people,
      tier,
      stopsPerMonth,
      surroundings,
    });
  }
  const kind = applianceKind(model);
  if (!kind) {
    const known = [...Object.keys(GARAGES), ...new Set(APPLIANCES.map((one) => classOf(one.id)))].join(', ');
    throw new Error(`model ${model} is not simulated; use one of the classes ${known}`);
  }
  return createAppliance({ ...rest, kind });
};

/** Throws where the class isn't simulated; ask `simulates` first. */
export const createMachine = (options: MachineOptions): Machine => {
  const { id, seed, tier = 3 } = options;
  const bare = lying(createBare(options), tier, stream(seed, `${id}/lies`));
  return powered(bare, tier, stream(seed, `${id}/power`));
};
