import { createSupply, type Supply } from '../environment/supply.ts';
import { createSurroundings, type Surroundings } from '../environment/surroundings.ts';
import { createSky, type Sky } from '../environment/weather.ts';
import type { Town } from './file.ts';

/** What the sites of a town share: one sky for each climate, one supply for each feeder. */
export interface Places {
  readonly skies: readonly Sky[];
  supplyOf(feeder: string): Supply;
  of(site: string): Surroundings;
}

export const createPlaces = (town: Town, seed: number): Places => {
  const skies = new Map<string, Sky>();
  const supplies = new Map<string, Supply>();
  const places = new Map<string, Surroundings>();
  for (const { id, climate, feeder, timeZone } of town.sites) {
    const sky = skies.get(climate) ?? createSky(climate, seed, climate);
    const supply = supplies.get(feeder) ?? createSupply(seed, feeder);
    skies.set(climate, sky);
    supplies.set(feeder, supply);
    places.set(id, createSurroundings(timeZone, sky, supply));
  }
  const known = <T>(from: ReadonlyMap<string, T>, name: string): T => {
    const found = from.get(name);
    if (found === undefined) throw new Error(`the town has no ${name}`);
    return found;
  };
  return {
    skies: [...skies.values()],
    supplyOf: (feeder) => known(supplies, feeder),
    of: (site) => known(places, site),
  };
};
