import type { WearRecord } from '../machine.ts';
import { pick, uniform } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import type { Town } from './file.ts';
import type { Resident } from './resident.ts';

/** Starts the town's wears when their time has come. */
export interface Wears {
  /** Called now and then with the time since the live part began, ms. */
  tick(sinceMs: number, nowMs: number): void;
  /** Everything that ever wore, oldest first; at most 10,000. */
  readonly truth: readonly WearRecord[];
}

const LIMIT = 10_000;

const isGoingOn = ({ repairedMs }: WearRecord): boolean => repairedMs === null;

export const createWears = (town: Town, residents: readonly Resident[], seed: number): Wears => {
  const random = stream(seed, 'town/wears');
  const truth: WearRecord[] = [];
  const planned = [...town.wears].sort((a, b) => a.afterS - b.afterS);
  const units = residents.flatMap(({ machine }) => machine.units.map((unit) => ({ machine, unit })));
  const machineOf = new Map(residents.map(({ machine }) => [machine.id, machine]));
  let chanceMs = town.chance ? town.chance.afterS * 1000 : Number.POSITIVE_INFINITY;

  const begin = (
    equipment: string,
    unit: string,
    mechanism: string,
    lifeCycles: number,
    nowMs: number,
  ): void => {
    const record = machineOf.get(equipment)?.begin({ unit, mechanism, lifeCycles }, nowMs);
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
    begin(machine.id, unit, pick(random, machine.mechanisms), lifeCycles, nowMs);
  };

  return {
    truth,
    tick: (sinceMs, nowMs) => {
      for (let next = planned[0]; next && next.afterS * 1000 <= sinceMs; next = planned[0]) {
        planned.shift();
        begin(next.equipment, next.unit, next.mechanism, next.lifeCycles, nowMs);
      }
      while (town.chance && chanceMs <= sinceMs) {
        chanceMs += uniform(random, ...town.chance.everyS) * 1000;
        byChance(nowMs);
      }
    },
  };
};
