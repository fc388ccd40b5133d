import type { Surroundings } from '../environment/surroundings.ts';
import type { Emission, IncidentRecord, SentReading, Tier, WearOrder, WearRecord } from '../machine.ts';
import { uniform } from '../random/draw.ts';
import { stream } from '../random/stream.ts';
import { createAgenda } from './agenda.ts';
import { DETAIL, GOES_ON, ON_THE_WAY, STUBBORN, STUBBORN_MIN, stopOf } from './codes.ts';
import type { GarageKind } from './kinds.ts';
import type { Values } from './part/part.ts';
import { asSeenBy } from './tier.ts';
import { beginWear, createUnit, gauge, mendItem, move, type Outcome, type Unit } from './unit.ts';

export interface BodyOptions {
  readonly id: string;
  readonly seed: number;
  readonly fromMs: number;
  readonly kind: GarageKind;
  readonly places: number;
  readonly tier: Tier;
  readonly surroundings: Surroundings;
}

/** What a unit is to do. */
export interface Task {
  readonly unit: Unit;
  readonly isUp: boolean;
  readonly carT: number;
  readonly atMs: number;
  /** How long its motor has stood. */
  readonly restMs: number;
  /** Of a cycle, for what wears in both directions. */
  readonly part: number;
}

/** The steel and the controller of a garage, without the people and their hours. */
export type Body = ReturnType<typeof createBody>;

type OpenIncident = { -readonly [K in keyof IncidentRecord]: IncidentRecord[K] };

const MOST_INCIDENTS = 1_000;
const MINUTE_MS = 60_000;
const WARNING_S: readonly [number, number] = [15, 75];
const HOMING_MIN: readonly [number, number] = [4, 15];
/** Where in its motion something goes wrong. */
const MIDWAY = 0.6;

export const createBody = (options: BodyOptions) => {
  const { id, seed, kind, tier, surroundings, fromMs } = options;
  const chance = stream(seed, `${id}/chance`);
  const agenda = createAgenda();
  const incidents: OpenIncident[] = [];
  const unitOf = (name: string, of: typeof kind.house): Unit => createUnit(seed, id, name, of, fromMs);
  const { mover } = kind;
  const movers = Array.from({ length: mover.perPlace ? options.places : 1 }, (_, index) =>
    unitOf(mover.perPlace ? `${mover.name}${index + 1}` : mover.name, mover.kind),
  );
  const entrance = Object.entries(kind.entrance).map(([name, of]) => unitOf(name, of));
  const house = unitOf('', kind.house);
  const units = [...movers, ...entrance, house];
  const isMover = new Set(movers);
  /** What is on its way, and until when. */
  let onTheWay: { readonly unit: Unit; readonly untilMs: number } | null = null;
  let stoppedUntilMs = fromMs;
  /** A motion that power or a fault has left unfinished: said so until somebody brings it home. */
  let stranded: { readonly unit: Unit; readonly incident: OpenIncident } | null = null;

  const note = (unit: string, code: string, atMs: number, trapped: boolean): OpenIncident => {
    const incident = { equipment: id, unit, code, atMs, clearedMs: null, trapped };
    incidents.push(incident);
    if (incidents.length > MOST_INCIDENTS) incidents.shift();
    return incident;
  };

  const reading = (unit: Unit, values: Values, tsMs: number): SentReading[] => {
    const seen = asSeenBy(tier, values);
    return seen ? [{ kind: 'reading', tsMs, unit: unit.name, values: seen }] : [];
  };

  const fault = (unit: string, code: string, active: boolean, tsMs: number): Emission => {
    const detail = active ? (DETAIL[code] ?? '') : '';
    return { kind: 'fault', tsMs, unit, code, active, detail };
  };

  const unfinished = (unit: Unit, tsMs: number): SentReading[] =>
    reading(unit, { occupancy: 1, inMotion: 1, cycleCount: unit.cycles }, tsMs);

  const finished = (unit: Unit, { values }: Outcome, tsMs: number): SentReading[] => {
    if (isMover.has(unit)) {
      values.cycleCount = unit.cycles;
      values.occupancy = mover.perPlace && unit.occupied ? 1 : 0;
      values.inMotion = 0;
    }
    return reading(unit, values, tsMs);
  };

  /** The fault at the end of a wear. */
  const fail = (unit: Unit, record: NonNullable<Outcome['failed']>, tsMs: number): Emission[] => {
    const { code } = record;
    const isStranded = isMover.has(unit) && ON_THE_WAY.has(code);
    // What was only a warning so far does not clear it.
    agenda.drop((entry) => entry.kind === 'clear' && entry.unit === unit.name && entry.code === code);
    note(unit.name, code, tsMs, isStranded);
    return [...(isStranded ? unfinished(unit, tsMs) : []), fault(unit.name, code, true, tsMs)];
  };

  const clearLater = (unit: string, code: string, incident: OpenIncident | null, atMs: number): void => {
    agenda.add({
      atMs,
      unit,
      kind: 'clear',
      code,
      say: (saidMs) => {
        if (incident) incident.clearedMs = saidMs;
        return [fault(unit, code, false, saidMs)];
      },
    });
  };

  const warn = (unit: Unit, code: string, atMs: number): Emission[] => {
    clearLater(unit.name, code, null, atMs + Math.round(1_000 * uniform(chance, ...WARNING_S)));
    return [fault(unit.name, code, true, atMs)];
  };

  const perform = ({ unit, isUp, carT, atMs, restMs, part }: Task): Outcome => {
    const { undergroundC, wetMm, humidityPct } = surroundings.at(atMs);
    const volts = surroundings.voltage(atMs);
    unit.lastMs = atMs;
    if (isMover.has(unit)) {
      unit.occupied = isUp;
      unit.carT = carT;
    }
    const { occupied } = unit;
    const around = {
      isUp,
      carT,
      occupied,
      ambientC: undergroundC,
      volts,
      pauseMs: restMs,
      wetMm,
      humidityPct,
    };
    const outcome = move(unit, around, part);
    if (outcome.failed) {
      const { code } = outcome.failed;
      if (!GOES_ON.has(code)) unit.code = code;
    }
    return outcome;
  };

  /** Does it at once, and says so at once: for fast motion, and for what takes no time. */
  const act = (task: Task): Emission[] => {
    const { unit, atMs } = task;
    const outcome = perform(task);
    const { failed, warning } = outcome;
    if (!failed) return [...finished(unit, outcome, atMs), ...(warning ? warn(unit, warning, atMs) : [])];
    failed.failureMs = atMs;
    const isOver = !ON_THE_WAY.has(failed.code) || !isMover.has(unit);
    return [...(isOver ? finished(unit, outcome, atMs) : []), ...fail(unit, failed, atMs)];
  };

  /** Begins it now, says what came of it when it has ended. Returns when that is. */
  const start = (task: Task): number => {
    const { unit, atMs } = task;
    const outcome = perform(task);
    const { failed, warning, durationS } = outcome;
    const endMs = atMs + Math.ceil(1_000 * durationS);
    const midwayMs = atMs + Math.ceil(MIDWAY * 1_000 * durationS);
    if (isMover.has(unit)) onTheWay = { unit, untilMs: endMs };
    if (failed) {
      failed.failureMs = midwayMs;
      const say = (saidMs: number): Emission[] => fail(unit, failed, saidMs);
      agenda.add({ atMs: midwayMs, unit: unit.name, kind: 'failure', code: failed.code, say });
    }
    if (!failed || !ON_THE_WAY.has(failed.code) || !isMover.has(unit)) {
      const say = (saidMs: number): Emission[] => finished(unit, outcome, saidMs);
      agenda.add({ atMs: endMs, unit: unit.name, kind: 'motion', code: '', say });
    }
    if (warning && !failed) {
      const say = (saidMs: number): Emission[] => warn(unit, warning, saidMs);
      agenda.add({ atMs: midwayMs, unit: unit.name, kind: 'other', code: '', say });
    }
    return endMs;
  };

  /** Something that is no wear; people clear it after a while. */
  const happen = (code: string, unit: string, atMs: number): readonly Emission[] => {
    const usual = stopOf(code)?.minutes ?? [2, 15];
    const minutes = chance() < STUBBORN ? uniform(chance, ...STUBBORN_MIN) : uniform(chance, ...usual);
    const lastsMs = Math.round(minutes * MINUTE_MS);
    const stops = code.startsWith('G') && !GOES_ON.has(code);
    const moving = stops && onTheWay && atMs < onTheWay.untilMs ? onTheWay.unit : null;
    clearLater(unit, code, note(unit, code, atMs, moving !== null), atMs + lastsMs);
    if (stops) stoppedUntilMs = Math.max(stoppedUntilMs, atMs + lastsMs);
    if (!moving || !onTheWay) return [fault(unit, code, true, atMs)];
    agenda.delay((entry) => entry.kind === 'motion' || entry.kind === 'failure', lastsMs);
    onTheWay = { unit: moving, untilMs: onTheWay.untilMs + lastsMs };
    return [...unfinished(moving, atMs), fault(unit, code, true, atMs)];
  };

  /** A stop that comes while this motion is under way. */
  const happenMidway = (code: string, unit: string, fromMs: number, toMs: number): void => {
    const atMs = Math.round(fromMs + (toMs - fromMs) * uniform(chance, 0.2, 0.7));
    agenda.add({ atMs, unit, kind: 'other', code: '', say: (saidMs) => happen(code, unit, saidMs) });
  };

  const interrupted = (atMs: number): readonly Emission[] => {
    if (!onTheWay || atMs >= onTheWay.untilMs || stranded) return [];
    const { unit } = onTheWay;
    onTheWay = null;
    agenda.drop(({ kind: what }) => what === 'motion');
    stranded = { unit, incident: note(unit.name, '', atMs, true) };
    return unfinished(unit, atMs);
  };

  const restarted = (atMs: number): readonly Emission[] => {
    if (!stranded) return [];
    const { unit, incident } = stranded;
    stranded = null;
    const homeMs = atMs + Math.round(uniform(chance, ...HOMING_MIN) * MINUTE_MS);
    stoppedUntilMs = Math.max(stoppedUntilMs, homeMs);
    const say = (saidMs: number): Emission[] => {
      incident.clearedMs = saidMs;
      const occupancy = mover.perPlace && unit.occupied ? 1 : 0;
      return reading(unit, { occupancy, inMotion: 0, cycleCount: unit.cycles }, saidMs);
    };
    agenda.add({ atMs: homeMs, unit: unit.name, kind: 'other', code: '', say });
    return unfinished(unit, atMs);
  };

  const mend = (unit: Unit, component: string, repairedMs: number, nowMs: number): Emission[] => {
    const fallen: Emission[] = [];
    for (const record of mendItem(unit, component, repairedMs)) {
      const { code, failureMs } = record;
      if (failureMs === null) continue;
      if (unit.code === code) unit.code = null;
      if (failureMs > nowMs) {
        // It would have failed in this very motion.
        record.failureMs = null;
        agenda.drop((entry) => entry.kind === 'failure' && entry.unit === unit.name && entry.code === code);
        continue;
      }
      for (const incident of incidents)
        if (incident.unit === unit.name && incident.code === code) incident.clearedMs ??= nowMs;
      if (isMover.has(unit) && ON_THE_WAY.has(code)) {
        const occupancy = mover.perPlace && unit.occupied ? 1 : 0;
        fallen.push(...reading(unit, { occupancy, inMotion: 0, cycleCount: unit.cycles }, nowMs));
      }
      fallen.push(fault(unit.name, code, false, nowMs));
    }
    return fallen;
  };

  const find = (name: string): Unit => {
    const unit = units.find((one) => one.name === name);
    if (unit) return unit;
    const known = units.map((one) => `"${one.name}"`).join(', ');
    throw new Error(`${id} has no unit "${name}"; it has ${known}`);
  };

  return {
    movers,
    entrance,
    house,
    units,
    agenda,
    incidents: incidents as readonly IncidentRecord[],
    find,
    act,
    start,
    happen,
    happenMidway,
    interrupted,
    restarted,
    stoppedUntilMs: () => stoppedUntilMs,
    /** A lock-out of what every car passes. */
    isClosed: () => house.code !== null || entrance.some(({ code }) => code !== null),
    begin: (order: WearOrder, atMs: number): WearRecord | null =>
      beginWear(find(order.unit), id, order, atMs, chance),
    repair: (unit: string, component: string, repairedMs: number, nowMs: number): readonly Emission[] =>
      units
        .filter(({ name }) => unit === '' || name === unit)
        .flatMap((one) => mend(one, component, repairedMs, nowMs)),
    /** What the fitter types into the panel at the monthly service. */
    gauges: (atMs: number): void => {
      for (const [index, unit] of movers.entries()) {
        const say = (saidMs: number): Emission[] => reading(unit, gauge(unit), saidMs);
        agenda.add({ atMs: atMs + index * 3 * MINUTE_MS, unit: unit.name, kind: 'other', code: '', say });
      }
    },
  };
};
