import { HABITS, type Habits, type HabitsName, nextArrivalMs } from '../calendar/people.ts';
import type { Surroundings } from '../environment/surroundings.ts';
import type { BareMachine, Emission, Tempo, Tier } from '../machine.ts';
import { exponential, lognormal, pick, uniform, within } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import { createBody, type Task } from './body.ts';
import { STOPS, type Stop } from './codes.ts';
import { defectsOf, type GarageKind } from './kinds.ts';
import type { Unit } from './unit.ts';

/** A garage: one controller, the units of its kind, and the people who park there. */
export interface GarageOptions {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly kind: GarageKind;
  readonly places: number;
  readonly people: HabitsName;
  readonly tier: Tier;
  readonly surroundings: Surroundings;
  /** Emergency stops, cars that are too long and the like, in a month of full life. */
  readonly stopsPerMonth: number;
  readonly seed: number;
  /** When its life begins, Unix ms. */
  readonly fromMs: number;
}

const HOUSE_EVERY_MS = 5 * 60_000;
const HOUSE_EVERY_FAST_MS = 10_000;
/** How long a place stays empty on a working day, on average: fast motion rests as long, in the machine's own time. */
const EMPTY_MEAN_MS = 25 * 60_000;
/** Between two cars in a garage where one lift moves all of them. */
const SHARED_MEAN_MS = 4 * 60_000;
/** How long people take to come for a car that a repair set free, and to ask again where they can't have it. */
const FETCH_AFTER_REPAIR_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
const SERVICE_EVERY_DAYS: readonly [number, number] = [28, 32];
/** Part of the people who find a place and a garage that works. */
const FIND_A_PLACE = 0.88;

/** Mass of a private car, t. */
const drawCarT = (random: () => number): number => within(random, 1.55, 0.12, 1.25, 1.85);

/** Arrivals per place and day, over the week. */
const arrivalsPerDay = (habits: Habits): number => {
  const sum = (rates: readonly number[]): number => rates.reduce((all, rate) => all + rate, 0);
  return (5 * sum(habits.weekday) + 2 * sum(habits.weekend)) / 7;
};

/** A parking place, and the mover that serves it. */
interface Place {
  readonly mover: Unit;
  taken: boolean;
  carT: number;
  /** When its car is fetched; Infinity while it is empty. */
  leaveMs: number;
}

export const createGarage = (options: GarageOptions): BareMachine => {
  const { id, seed, kind, surroundings } = options;
  const { clock } = surroundings;
  const habits = HABITS[options.people];
  const people = stream(seed, `${id}/people`);
  const cars = stream(seed, `${id}/cars`);
  const rests = stream(seed, `${id}/rests`);
  const stops = stream(seed, `${id}/stops`);
  const body = createBody(options);
  const { movers, entrance, house, agenda } = body;
  const isShared = !kind.mover.perPlace;
  const places: readonly Place[] = Array.from({ length: options.places }, (_, index) => ({
    mover: movers[isShared ? 0 : index] as Unit,
    taken: false,
    carT: 0,
    leaveMs: Number.POSITIVE_INFINITY,
  }));
  const parkedPerDay = FIND_A_PLACE * arrivalsPerDay(habits) * places.length;
  const stopChance = options.stopsPerMonth / (30 * parkedPerDay);
  let tempo: Tempo = { kind: 'clock' };
  let arrivalMs = nextArrivalMs(habits, clock, places.length, options.fromMs, people);
  let houseMs = options.fromMs;
  let serviceMs = options.fromMs + Math.round(uniform(stops, 1, SERVICE_EVERY_DAYS[1]) * DAY_MS);
  /** The movers share a controller: one motion at a time. */
  let busyUntilMs = options.fromMs;

  const pauseMs = (): number =>
    tempo.kind === 'fast' ? Math.max(1, Math.round(uniform(rests, ...tempo.pauseMs))) : 0;

  const restMs = (unit: Unit, atMs: number): number => {
    if (tempo.kind === 'clock') return atMs - unit.lastMs;
    if (isShared) return exponential(rests, SHARED_MEAN_MS);
    return unit.occupied
      ? lognormal(rests, habits.stayMedianMs, habits.staySpread)
      : exponential(rests, EMPTY_MEAN_MS);
  };

  const isReady = (place: Place): boolean => place.mover.code === null;
  const freeFromMs = (): number => Math.max(busyUntilMs, body.stoppedUntilMs());

  const task = (unit: Unit, isUp: boolean, carT: number, atMs: number, part: number): Task => ({
    unit,
    isUp,
    carT,
    atMs,
    restMs: restMs(unit, atMs),
    part,
  });

  /** A car is parked (up) or fetched (down): it passes the entrance, then the mover takes it. Returns its end. */
  const serve = (place: Place, isUp: boolean, atMs: number): number => {
    let fromMs = atMs;
    for (const unit of entrance)
      if (unit.code === null) fromMs = body.start(task(unit, isUp, place.carT, fromMs, 0.5));
    busyUntilMs = body.start(task(place.mover, isUp, place.carT, fromMs, 0.5));
    return fromMs;
  };

  const drawStop = (): Stop | null => {
    if (stopChance === 0 || stops() >= stopChance) return null;
    let left = stops() * STOPS.reduce((sum, { weight }) => sum + weight, 0);
    for (const stop of STOPS) {
      left -= stop.weight;
      if (left < 0) return stop;
    }
    return null;
  };

  /** Nobody parks: the garage is full, refuses the car, or asks for patience. */
  const arrive = (atMs: number): readonly Emission[] => {
    if (atMs < freeFromMs()) {
      arrivalMs = freeFromMs();
      return [];
    }
    arrivalMs = nextArrivalMs(habits, clock, places.length, atMs, people);
    if (body.isClosed()) return [];
    const free = places.filter((place) => !place.taken && isReady(place));
    if (free.length === 0) return [];
    const stop = drawStop();
    if (stop?.at === 'entrance') return body.happen(stop.code, entrance[0]?.name ?? '', atMs);
    const place = pick(people, free);
    place.taken = true;
    place.carT = drawCarT(cars);
    const fromMs = serve(place, true, atMs);
    if (stop) body.happenMidway(stop.code, stop.at === 'mover' ? place.mover.name : '', fromMs, busyUntilMs);
    place.leaveMs = Math.ceil(busyUntilMs + lognormal(people, habits.stayMedianMs, habits.staySpread));
    return [];
  };

  const depart = (place: Place, atMs: number): readonly Emission[] => {
    if (atMs < freeFromMs()) place.leaveMs = freeFromMs();
    else if (!isReady(place) || body.isClosed()) place.leaveMs = atMs + FETCH_AFTER_REPAIR_MS;
    else {
      place.taken = false;
      place.leaveMs = Number.POSITIVE_INFINITY;
      serve(place, false, atMs);
    }
    return [];
  };

  const look = (atMs: number): readonly Emission[] => {
    const everyMs = tempo.kind === 'fast' ? HOUSE_EVERY_FAST_MS : HOUSE_EVERY_MS;
    houseMs = atMs + everyMs;
    const cycleMs = tempo.kind === 'fast' ? tempo.pauseMs[0] + tempo.pauseMs[1] : everyMs;
    const part = Math.min(20, Math.max(1, everyMs / cycleMs));
    return body.act({ unit: house, isUp: true, carT: 1.55, atMs, restMs: HOUSE_EVERY_MS, part });
  };

  const service = (atMs: number): readonly Emission[] => {
    // By day, while people work.
    const { hour } = clock(atMs);
    if (hour < 9 || hour > 16) serviceMs = atMs + 3 * 3_600_000;
    else {
      serviceMs = atMs + Math.round(uniform(stops, ...SERVICE_EVERY_DAYS) * DAY_MS);
      if (tempo.kind === 'clock') body.gauges(atMs);
    }
    return [];
  };

  /** In fast motion every unit moves by itself, up and down in turn. */
  const moveFast = (unit: Unit, atMs: number): readonly Emission[] => {
    unit.nextMs = atMs + pauseMs();
    if (unit.code !== null || (body.isClosed() && movers.includes(unit))) return [];
    const isUp = !unit.occupied || entrance.includes(unit);
    const carT = isUp ? drawCarT(cars) : unit.carT;
    return body.act(task(unit, isUp, carT, atMs, 0.5));
  };

  const fastUnits: readonly Unit[] = [...movers, ...entrance];
  const nextFast = (): Unit | null => {
    let next: Unit | null = null;
    for (const unit of fastUnits) if (next === null || unit.nextMs < next.nextMs) next = unit;
    return next;
  };
  const nextLeaving = (): Place | null => {
    let next: Place | null = null;
    for (const place of places) if (next === null || place.leaveMs < next.leaveMs) next = place;
    return next;
  };

  const nextAtMs = (): number => {
    const moves =
      tempo.kind === 'fast'
        ? (nextFast()?.nextMs ?? Number.POSITIVE_INFINITY)
        : Math.min(nextLeaving()?.leaveMs ?? Number.POSITIVE_INFINITY, arrivalMs, serviceMs);
    return Math.min(moves, houseMs, agenda.nextAtMs());
  };

  const step = (forcedMs?: number): readonly Emission[] => {
    const dueMs = nextAtMs();
    const atMs = forcedMs ?? dueMs;
    if (agenda.nextAtMs() === dueMs) return agenda.take().say(atMs);
    if (houseMs === dueMs) return look(atMs);
    if (tempo.kind === 'fast') return moveFast(nextFast() as Unit, atMs);
    if (serviceMs === dueMs) return service(atMs);
    if (arrivalMs === dueMs) return arrive(atMs);
    return depart(nextLeaving() as Place, atMs);
  };

  const setTempo = (to: Tempo, atMs: number): void => {
    tempo = to;
    busyUntilMs = Math.min(busyUntilMs, atMs);
    houseMs = atMs;
    agenda.notBefore(atMs);
    for (const unit of body.units) unit.lastMs = Math.min(unit.lastMs, atMs);
    if (to.kind === 'fast') {
      for (const unit of fastUnits) unit.nextMs = atMs + Math.round(uniform(rests, 0, to.pauseMs[1]));
      return;
    }
    arrivalMs = nextArrivalMs(habits, clock, places.length, atMs, people);
    serviceMs = Math.max(serviceMs, atMs);
    for (const place of places) {
      if (!isShared && place.taken !== place.mover.occupied) {
        place.taken = place.mover.occupied;
        place.carT = place.mover.carT;
        place.leaveMs = place.taken ? atMs + FETCH_AFTER_REPAIR_MS : Number.POSITIVE_INFINITY;
      }
      if (place.taken) place.leaveMs = Math.max(place.leaveMs, atMs);
    }
  };

  return {
    id,
    site: options.site,
    model: options.model,
    firmware: kind.firmware,
    units: body.units.map(({ name }) => name),
    mechanisms: defectsOf(kind),
    mechanismsOf: (unit) => body.find(unit).kind.defects,
    nextAtMs,
    step,
    setTempo,
    begin: body.begin,
    repair: body.repair,
    cyclesPerDay: (unit) => {
      if (unit === '') return DAY_MS / HOUSE_EVERY_MS;
      const serves = isShared || entrance.some(({ name }) => name === unit) ? 1 : places.length;
      return parkedPerDay / serves;
    },
    happen: (code, unit, atMs) => body.happen(code, body.find(unit).name, atMs),
    incidents: body.incidents,
    interrupted: body.interrupted,
    restarted: body.restarted,
  };
};
