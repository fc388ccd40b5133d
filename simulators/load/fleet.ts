import { APPLIANCES } from '../appliance/kinds.ts';
import { GARAGES } from '../garage/kinds.ts';
import type { SteadyMachine } from './steady.ts';

const garages = Object.keys(GARAGES).map((name) => `${name}-7`);
const appliances = APPLIANCES.map(({ model }) => model);

/** Every class that is simulated, garages and appliances in turn; the shorter list begins anew. */
const MODELS: readonly string[] = Array.from(
  { length: 2 * Math.max(garages.length, appliances.length) },
  (_, index) => {
    const from = index % 2 === 0 ? garages : appliances;
    return from[Math.floor(index / 2) % from.length] as string;
  },
);

/** What stands where nobody named machines: `sim-0001` and on, at one site; of one model, or of every class in turn. */
export const fleetOf = (count: number, only?: string): readonly SteadyMachine[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `sim-${String(index + 1).padStart(4, '0')}`,
    site: 'sim',
    model: only ?? (MODELS[index % MODELS.length] as string),
    secret: null,
  }));
