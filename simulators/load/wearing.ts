import { defectOnsetCycles } from '../garage/wear/bearing.ts';
import { uniform } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import type { Town, TownWear } from '../town/file.ts';
import type { SteadyMachine } from './steady.ts';

/** Bays of each garage; the first three wear (chain, brake, bearing), the others show what normal is. */
const BAYS = 6;
const PAST_DAYS = 14;
/** The first part of the run is sound, the last is for what is late. */
const ONSET: readonly [number, number] = [0.1, 0.3];
const FAILURE: readonly [number, number] = [0.7, 0.9];

/**
 * Garages that wear in fast motion: a past of two weeks, then `durationMs` in which the chain, the brake and the
 * bearing of a bay each begin to wear and, unless somebody repairs them, fail.
 *
 * @param pauseS seconds between two motions of a bay
 */
export const wearingTown = (
  garages: readonly SteadyMachine[],
  durationMs: number,
  pauseS: number,
  seed: number,
): Town => {
  const durationS = durationMs / 1000;
  const wears = garages.flatMap(({ id }): TownWear[] => {
    const random = stream(seed, `${id}/scenario`);
    const plan = (unit: string, mechanism: string, onset: number): TownWear => {
      const lifeS = durationS * uniform(random, ...FAILURE) - onset * durationS;
      // A cycle is up and down: two motions.
      return {
        equipment: id,
        unit,
        mechanism,
        afterS: onset * durationS,
        lifeCycles: Math.max(1, lifeS / (2 * pauseS)),
      };
    };
    // A bearing's defect begins when Weibull says, within the time that there is.
    const [from, to] = ONSET;
    const defect = Math.min(to, from + defectOnsetCycles(random, 0.03, 1));
    return [
      plan('bay1', 'chain', uniform(random, from, to)),
      plan('bay2', 'brake', uniform(random, from, to)),
      plan('bay3', 'bearing', defect),
    ];
  });
  const sites = [...new Set(garages.map(({ site }) => site))];
  return {
    name: { en: 'wear', zh: '磨损' },
    about: { en: 'Three bays of each garage wear and fail.', zh: '每座车库有三个车位磨损直至故障' },
    pastDays: PAST_DAYS,
    pace: 'fast',
    sites: sites.map((id) => ({
      id,
      name: { en: id, zh: id },
      position: { lat: 30.27, lon: 120.16 },
      timeZone: 'Asia/Shanghai',
      kind: 'mall',
      climate: 'subtropical',
      feeder: id,
    })),
    machines: garages.map(({ id, site, model }) => ({
      id,
      site,
      model,
      name: { en: id, zh: id },
      tier: 3,
      ageYears: 5,
      bays: BAYS,
      people: 'mall',
      fastPauseS: [0.9 * pauseS, 1.1 * pauseS],
    })),
    wears,
    chance: null,
    hazard: null,
    scenes: [],
    chanceScenes: null,
  };
};

/** Seconds between two motions of a bay, so that all garages together say so many readings per second. */
export const pauseForRate = (garages: number, ratePerS: number): number => (garages * BAYS) / ratePerS;
