import type { WearRecord } from '../machine.ts';
import { pick, uniform } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import type { Town } from './file.ts';
import { hazardOf, newLifeYears, yearsToOnset } from './hazard.ts';
import type { Resident } from './resident.ts';

/** Starts the town's wears when their time has come. */
export interface Wears {
  /** Called now and then with the time since the live part began, ms. */
  tick(sinceMs: number, nowMs: number): void;
  /** Everything that ever wore, oldest first; at most 10,000. */
  readonly truth: readonly WearRecord[];
}

const LIMIT = 10_000;
const YEAR_MS = 365.2425 * 86_400_000;

const isGoingOn = ({ repairedMs }: WearRecord): boolean => repairedMs === null;

interface Onset {
  atMs: number;
  readonly equipment: string;
  readonly model: string;
  readonly unit: string;
  readonly mechanism: string;
}

/** When each part of each machine begins to wear, by its hazard; soonest last. */
const onsetsOf = (town: Town, residents: readonly Resident[], seed: number): Onset[] => {
  const { hazard } = town;
  if (!hazard) return [];
  const ageOf = new Map(town.machines.map(({ id, ageYears }) => [id, ageYears]));
  return residents
    .flatMap(({ machine }) =>
      machine.units.flatMap((unit) =>
        machine.mechanismsOf(unit).map((mechanism): Onset => {
          const random = stream(seed, `${machine.id}/${unit}/${mechanism}/onset`);
          const years = yearsToOnset(hazardOf(machine.model, mechanism), ageOf.get(machine.id) ?? 0, random);
          return {
            atMs: (years * YEAR_MS) / hazard.speed,
            equipment: machine.id,
            model: machine.model,
            unit,
            mechanism,
          };
        }),
      ),
    )
    .sort((a, b) => b.atMs - a.atMs);
};

export const createWears = (town: Town, residents: readonly Resident[], seed: number): Wears => {
  const random = stream(seed, 'town/wears');
  const truth: WearRecord[] = [];
  const planned = [...town.wears].sort((a, b) => a.afterS - b.afterS);
  const onsets = onsetsOf(town, residents, seed);
  const units = residents.flatMap(({ machine }) => machine.units.map((unit) => ({ machine, unit })));
  const machineOf = new Map(residents.map(({ machine }) => [machine.id, machine]));
  let chanceMs = town.chance ? town.chance.afterS * 1000 : Number.POSITIVE_INFINITY;

  const begin = (
    equipment: string,
    order: { readonly unit: string; readonly mechanism: string; readonly lifeCycles: number },
    nowMs: number,
  ): void => {
    const record = machineOf.get(equipment)?.begin(order, nowMs);
    if (!record) return;
    truth.push(record);
    if (truth.length > LIMIT) truth.shift();
  };

  const byChance = (nowMs: number): void => {
    const { chance } = town;
    if (!chance || truth.filter(isGoingOn).length >= chance.atOnce) return;
    // Every bay is as likely as every appliance.
    const { machine, unit } = pick(random, units);
    const lifeCycles = Math.round(uniform(random, ...chance.lifeCycles));
    const mechanism = pick(random, machine.mechanismsOf(unit));
    begin(machine.id, { unit, mechanism, lifeCycles }, nowMs);
  };

  const byAge = (sinceMs: number, nowMs: number): void => {
    const { hazard } = town;
    if (!hazard) return;
    for (let next = onsets.at(-1); next && next.atMs <= sinceMs; next = onsets.at(-1)) {
      const { equipment, model, unit, mechanism } = next;
      const lifeCycles = Math.round(uniform(random, ...hazard.lifeCycles));
      begin(equipment, { unit, mechanism, lifeCycles }, nowMs);
      // The part that replaces it will wear in its turn.
      const years = newLifeYears(hazardOf(model, mechanism), random);
      next.atMs = Math.max(sinceMs + 1, sinceMs + (years * YEAR_MS) / hazard.speed);
      onsets.sort((a, b) => b.atMs - a.atMs);
    }
  };

  return {
    truth,
    tick: (sinceMs, nowMs) => {
      for (let next = planned[0]; next && next.afterS * 1000 <= sinceMs; next = planned[0]) {
        planned.shift();
        const { equipment, afterS: _, ...order } = next;
        begin(equipment, order, nowMs);
      }
      while (town.chance && chanceMs <= sinceMs) {
        chanceMs += uniform(random, ...town.chance.everyS) * 1000;
        byChance(nowMs);
      }
      byAge(sinceMs, nowMs);
    },
  };
};
