import type { SteadyMachine } from './steady.ts';

/** What stands where nobody named machines: garages and appliances in turn, `sim-0001` and on, at one site. */
const MODELS = [
  'PSH-7',
  'fridge-300',
  'PSH-5',
  'washer-8',
  'PSH-7',
  'kettle-17',
  'PSH-5',
  'aircon-35',
] as const;

export const fleetOf = (count: number, only?: string): readonly SteadyMachine[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `sim-${String(index + 1).padStart(4, '0')}`,
    site: 'sim',
    model: only ?? MODELS[index % MODELS.length] ?? 'PSH-7',
    secret: null,
  }));
