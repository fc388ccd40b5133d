import { garageAmbientC } from '../calendar/ambient.ts';
import { localClock } from '../calendar/local.ts';
import { HABITS, type HabitsName, nextArrivalMs } from '../calendar/people.ts';
import type { BareMachine, Emission, OpenWear, Tempo } from '../machine.ts';
import { exponential, lognormal, pick, round, uniform, within } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import { mends, openWear } from '../truth/record.ts';
import { type Bay, createBay, drawCarT, liftCar, lowerCar, type Motion } from './bay.ts';
import { DEFECTS, DETAIL, drawCode } from './defects.ts';

/** A lift-slide garage: one controller, `bay1` … `bayN` with a hoist each. */
export interface GarageOptions {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly timeZone: string;
  readonly bays: number;
  readonly people: HabitsName;
  readonly seed: number;
  /** When its life begins, Unix ms. */
  readonly fromMs: number;
}

const SUPPLY_EVERY_MS = 5 * 60_000;
const SUPPLY_EVERY_FAST_MS = 10_000;
/** How long a bay stays empty on a working day, on average: fast motion rests as long, in the machine's own time. */
const EMPTY_MEAN_MS = 25 * 60_000;
/** How long people take to come for a car that a repair set free. */
const FETCH_AFTER_REPAIR_MS = 5 * 60_000;

interface Place {
  readonly bay: Bay;
  /** When this bay moves next; Infinity while it is empty and nobody comes, or while it is locked out. */
  nextMs: number;
  lastMs: number;
  /** The code that locks the bay out. */
  code: string | null;
  readonly wears: Map<string, OpenWear>;
}

export const createGarage = (options: GarageOptions): BareMachine => {
  const { id, seed } = options;
  const clock = localClock(options.timeZone);
  const habits = HABITS[options.people];
  const people = stream(seed, `${id}/people`);
  const cars = stream(seed, `${id}/cars`);
  const rests = stream(seed, `${id}/rests`);
  const supply = stream(seed, `${id}/supply`);
  const codes = stream(seed, `${id}/codes`);
  const levelV = uniform(supply, 380, 385);

  const places: readonly Place[] = Array.from({ length: options.bays }, (_, index) => ({
    bay: createBay(seed, id, `bay${index + 1}`),
    nextMs: Number.POSITIVE_INFINITY,
    lastMs: options.fromMs,
    code: null,
    wears: new Map(),
  }));
  let tempo: Tempo = { kind: 'clock' };
  let arrivalMs = nextArrivalMs(habits, clock, places.length, options.fromMs, people);
  let supplyMs = options.fromMs;
  let supplyV = levelV;
  /** The hoists share a controller: one motion at a time. */
  let busyUntilMs = options.fromMs;

  const pauseMs = (): number =>
    tempo.kind === 'fast' ? Math.max(1, Math.round(uniform(rests, ...tempo.pauseMs))) : 0;

  const restMs = (place: Place, atMs: number): number => {
    if (tempo.kind === 'clock') return atMs - place.lastMs;
    if (place.bay.occupied) return lognormal(rests, habits.stayMedianMs, habits.staySpread);
    return exponential(rests, EMPTY_MEAN_MS);
  };

  const motionOf = (place: Place, atMs: number): Motion => {
    const motion = { ambientC: garageAmbientC(clock(atMs)), supplyV, pauseMs: restMs(place, atMs) };
    place.lastMs = atMs;
    return motion;
  };

  /** Says the fault of a wear that has come to its end, and locks the bay out. */
  const faultsAfter = (place: Place, motion: 'lift' | 'lower', atMs: number): Emission[] => {
    for (const [mechanism, wear] of place.wears) {
      const defect = DEFECTS[mechanism];
      if (defect?.motion !== motion || !defect.failed(place.bay)) continue;
      wear.failureMs = atMs;
      place.code = wear.code;
      place.nextMs = Number.POSITIVE_INFINITY;
      const detail = DETAIL[wear.code] ?? '';
      return [{ kind: 'fault', tsMs: atMs, unit: place.bay.unit, code: wear.code, active: true, detail }];
    }
    return [];
  };

  const move = (place: Place, atMs: number): Emission[] => {
    const { bay } = place;
    const motion = motionOf(place, atMs);
    const lifts = !bay.occupied;
    const values = lifts ? liftCar(bay, drawCarT(cars), motion) : lowerCar(bay, motion);
    if (tempo.kind === 'fast') place.nextMs = atMs + pauseMs();
    else if (lifts)
      place.nextMs = Math.ceil(atMs + lognormal(people, habits.stayMedianMs, habits.staySpread));
    else place.nextMs = Number.POSITIVE_INFINITY;
    busyUntilMs = atMs + Math.ceil(bay.build.liftS * 1000);
    const reading: Emission = { kind: 'reading', tsMs: atMs, unit: bay.unit, values };
    return [reading, ...faultsAfter(place, lifts ? 'lift' : 'lower', atMs)];
  };

  const arrive = (atMs: number): Emission[] => {
    if (atMs < busyUntilMs) {
      arrivalMs = busyUntilMs;
      return [];
    }
    arrivalMs = nextArrivalMs(habits, clock, places.length, atMs, people);
    const free = places.filter((place) => !place.bay.occupied && place.code === null);
    // A full garage turns people away.
    return free.length === 0 ? [] : move(pick(people, free), atMs);
  };

  const measureSupply = (atMs: number): Emission[] => {
    supplyMs = atMs + (tempo.kind === 'fast' ? SUPPLY_EVERY_FAST_MS : SUPPLY_EVERY_MS);
    supplyV = within(supply, levelV + 0.6 * (supplyV - levelV), 1.2, 374, 391);
    const values = {
      supplyVoltageV: round(supplyV, 1),
      ambientTempC: round(garageAmbientC(clock(atMs)) + within(supply, 0, 0.15, -0.5, 0.5), 1),
    };
    return [{ kind: 'reading', tsMs: atMs, unit: '', values }];
  };

  const nextPlace = (): Place | undefined => {
    let next: Place | undefined;
    for (const place of places) if (next === undefined || place.nextMs < next.nextMs) next = place;
    return next;
  };

  const depart = (place: Place, atMs: number): Emission[] => {
    if (tempo.kind === 'clock' && atMs < busyUntilMs) {
      place.nextMs = busyUntilMs;
      return [];
    }
    return move(place, atMs);
  };

  const step = (forcedMs?: number): readonly Emission[] => {
    const place = nextPlace();
    const placeMs = place?.nextMs ?? Number.POSITIVE_INFINITY;
    const dueMs = Math.min(placeMs, arrivalMs, supplyMs);
    if (forcedMs === undefined && dueMs === Number.POSITIVE_INFINITY) return [];
    const atMs = forcedMs ?? dueMs;
    if (dueMs === supplyMs) return measureSupply(atMs);
    return place && placeMs <= arrivalMs ? depart(place, atMs) : arrive(atMs);
  };

  const setTempo = (to: Tempo, atMs: number): void => {
    tempo = to;
    busyUntilMs = Math.min(busyUntilMs, atMs);
    supplyMs = atMs;
    arrivalMs =
      to.kind === 'fast'
        ? Number.POSITIVE_INFINITY
        : nextArrivalMs(habits, clock, places.length, atMs, people);
    for (const place of places) {
      place.lastMs = Math.min(place.lastMs, atMs);
      if (place.code !== null) continue;
      if (to.kind === 'fast') place.nextMs = atMs + Math.round(uniform(rests, 0, to.pauseMs[1]));
      else place.nextMs = place.bay.occupied ? atMs + FETCH_AFTER_REPAIR_MS : Number.POSITIVE_INFINITY;
    }
  };

  const release = (place: Place, nowMs: number): void => {
    place.code = null;
    if (tempo.kind === 'fast') place.nextMs = nowMs + pauseMs();
    else if (place.bay.occupied) place.nextMs = nowMs + FETCH_AFTER_REPAIR_MS;
  };

  const mendPlace = (place: Place, component: string, repairedMs: number, nowMs: number): Emission[] => {
    const fallen: Emission[] = [];
    for (const [mechanism, wear] of place.wears) {
      if (!mends(wear, [wear.component], component, repairedMs)) continue;
      DEFECTS[mechanism]?.mend(place.bay);
      wear.repairedMs = repairedMs;
      place.wears.delete(mechanism);
      if (wear.failureMs === null || place.code !== wear.code) continue;
      release(place, nowMs);
      const { unit } = place.bay;
      fallen.push({ kind: 'fault', tsMs: nowMs, unit, code: wear.code, active: false, detail: '' });
    }
    return fallen;
  };

  return {
    id,
    site: options.site,
    model: options.model,
    firmware: 'psh-2.4.1',
    units: places.map(({ bay }) => bay.unit),
    mechanisms: Object.keys(DEFECTS),
    nextAtMs: () => Math.min(nextPlace()?.nextMs ?? Number.POSITIVE_INFINITY, arrivalMs, supplyMs),
    step,
    setTempo,
    begin: (order, atMs) => {
      const place = places.find(({ bay }) => bay.unit === order.unit);
      const defect = DEFECTS[order.mechanism];
      if (!place) throw new Error(`${id} has no unit ${order.unit}; it has bay1 to bay${places.length}`);
      if (!defect)
        throw new Error(
          `${id} knows no wear ${order.mechanism}; it knows ${Object.keys(DEFECTS).join(', ')}`,
        );
      if (place.wears.has(order.mechanism) || place.code !== null) return null;
      defect.begin(place.bay, order.lifeCycles);
      const wear = openWear(id, order, defect.component, drawCode(defect, codes), atMs);
      place.wears.set(order.mechanism, wear);
      return wear;
    },
    repair: (unit, component, repairedMs, nowMs) =>
      places
        .filter(({ bay }) => unit === '' || bay.unit === unit)
        .flatMap((place) => mendPlace(place, component, repairedMs, nowMs)),
  };
};
