import type { Peers } from '../alert/alert.ts';
import type { Catalogue } from '../fault/catalogue.ts';
import { episodesOf, isHarmless, pastOf } from './code-count.ts';
import { levelOfDay } from './day.ts';
import { quantile, sorted } from './robust.ts';
import type { SeriesState } from './series.ts';
import { type EquipmentState, modelOf } from './state.ts';

/** How one metric stands in the healthy units of one kind of all machines of a model. */
export interface MetricPopulation {
  /** `bay` of `bay7`; `''` for the machine as a whole. */
  readonly kind: string;
  readonly metric: string;
  readonly count: number;
  /** Their levels ascending: all of them where they are few, else evenly spaced ones of them. */
  readonly levels: readonly number[];
  /** Readings a day, of the one in the middle. */
  readonly perDay: number;
  /** The nearest to the middle. */
  readonly sample: Peers['sample'];
}

/** How often a code comes to units (or machines) of a model: a Gamma distribution of their rates a day. */
export interface CodePopulation {
  readonly code: string;
  readonly ofUnits: boolean;
  readonly perDay: number;
  readonly shape: number;
}

/** By model. */
export type Populations = ReadonlyMap<string, ModelPopulation>;
export const NO_POPULATIONS: Populations = new Map();

/** What is known of all machines of one model together. Stands in the log, so that a replay compares with the same. */
export interface ModelPopulation {
  readonly model: string;
  readonly atMs: number;
  readonly machines: number;
  readonly metrics: readonly MetricPopulation[];
  readonly codes: readonly CodePopulation[];
}

const DAY_MS = 86_400_000;
export const MAX_LEVELS = 33;
const SAMPLE = 5;
/** Kinds of series, and codes, of one model; those that most machines have go first. */
export const MAX_SERIES_OF_MODEL = 200;
export const MAX_CODES_OF_MODEL = 100;
/** Fewer units than this are no population. */
export const LEAST_MEMBERS = 3;
/** Members kept of one kind of series; of more, evenly picked ones. */
const MAX_MEMBERS = 4_096;
/** A level older than this is not of today. */
const FRESH_MS = 2 * DAY_MS;

type Machine = readonly [id: string, state: EquipmentState];

export const kindOf = (unit: string): string => unit.replace(/\d+$/, '');

interface Member {
  readonly equipment: string;
  readonly unit: string;
  readonly level: number;
  readonly perDay: number;
}

/** The members of one kind of series: every `every`-th, so that they are never more than `MAX_MEMBERS`. */
interface Members {
  list: Member[];
  every: number;
  count: number;
}

/** Days watched, and of how many members of the population. */
interface Exposure {
  days: number;
  machines: number;
}

/** Episodes of one code of one member, and the days in which they came. */
type Rate = readonly [episodes: number, days: number];

/** What was gathered of one model so far. */
interface Gathered {
  machines: number;
  readonly members: Map<string, Members>;
  readonly units: Exposure;
  readonly whole: Exposure;
  readonly rates: Map<string, Rate[]>;
}

/** Models that are being gathered, machine by machine. */
export type Gathering = Map<string, Gathered>;

export const newGathering = (): Gathering => new Map();

const gatheredOf = (gathering: Gathering, model: string): Gathered => {
  const known = gathering.get(model);
  if (known) return known;
  const fresh: Gathered = {
    machines: 0,
    members: new Map(),
    units: { days: 0, machines: 0 },
    whole: { days: 0, machines: 0 },
    rates: new Map(),
  };
  gathering.set(model, fresh);
  return fresh;
};

/** One that shows something wrong, or was just repaired, is not what healthy ones look like. */
const isHealthy = ({ repair, shift, drift, limitHigh, limitLow, day }: SeriesState): boolean =>
  !repair && !shift && !drift && !limitHigh?.active && !limitLow?.active && !day?.active;

const addMember = ({ members }: Gathered, key: string, member: Member): void => {
  const known = members.get(key) ?? { list: [], every: 1, count: 0 };
  members.set(key, known);
  if (known.count % known.every === 0) {
    if (known.list.length === MAX_MEMBERS) {
      known.list = known.list.filter((_, i) => i % 2 === 0);
      known.every *= 2;
    }
    if (known.count % known.every === 0) known.list.push(member);
  }
  known.count += 1;
};

const gatherLevels = (gathered: Gathered, equipment: string, state: EquipmentState, nowMs: number): void => {
  for (const [unit, metrics] of state.units) {
    const kind = kindOf(unit);
    for (const [metric, series] of metrics) {
      if (!series.day || Math.abs(nowMs - series.day.lastMs) > FRESH_MS || !isHealthy(series)) continue;
      const level = levelOfDay(series.day);
      if (level === null) continue;
      addMember(gathered, `${kind}|${metric}`, { equipment, unit, level, perDay: series.day.perDay });
    }
  }
};

const gatherCodes = (
  catalogue: Catalogue,
  { units, whole, rates }: Gathered,
  state: EquipmentState,
  nowMs: number,
): void => {
  if (state.sinceMs === null) return;
  const { days } = pastOf(undefined, state.sinceMs, nowMs);
  if (days < 1) return;
  whole.days += days;
  whole.machines += 1;
  const many = state.units.size - (state.units.has('') ? 1 : 0);
  units.days += many * days;
  units.machines += many;
  for (const { unit, code, rate } of state.faults.values()) {
    const fault = catalogue.faults.get(code);
    if (!rate || (fault && !isHarmless(fault))) continue;
    const key = `${code}|${unit === '' ? '' : 'unit'}`;
    const list = rates.get(key) ?? [];
    rates.set(key, list);
    list.push([pastOf(rate, state.sinceMs, nowMs).episodes + episodesOf(rate), days]);
  }
};

/** Takes one machine into the population of its model, if that is known. */
export const gather = (
  catalogue: Catalogue,
  gathering: Gathering,
  [id, state]: Machine,
  nowMs: number,
): void => {
  const model = modelOf(state);
  if (model === null) return;
  const gathered = gatheredOf(gathering, model);
  gathered.machines += 1;
  gatherLevels(gathered, id, state, nowMs);
  gatherCodes(catalogue, gathered, state, nowMs);
};

const thinned = (ascending: readonly number[]): readonly number[] => {
  if (ascending.length <= MAX_LEVELS) return ascending;
  return Array.from({ length: MAX_LEVELS }, (_, i) => quantile(ascending, i / (MAX_LEVELS - 1)));
};

const short = (level: number): number => Number(level.toPrecision(6));

const nearestTo = (middle: number, list: readonly Member[]): Peers['sample'] =>
  list
    .map((member) => ({ member, off: Math.abs(member.level - middle) }))
    .sort((a, b) => a.off - b.off)
    .slice(0, SAMPLE)
    .map(({ member: { equipment, unit, level } }) => ({ equipment, unit, level: short(level) }));

const populationOf = (key: string, { list, count }: Members): MetricPopulation => {
  const [kind = '', metric = ''] = key.split('|');
  const levels = sorted(list.map(({ level }) => level));
  return {
    kind,
    metric,
    count,
    levels: thinned(levels).map(short),
    perDay: quantile(sorted(list.map(({ perDay }) => perDay)), 0.5),
    sample: nearestTo(quantile(levels, 0.5), list),
  };
};

/** Method of moments: how much rates differ from member to member beyond chance. */
const shapeOf = (rates: readonly Rate[], exposure: Exposure): number => {
  const episodes = rates.reduce((sum, [x]) => sum + x, 0);
  const usualDays = exposure.days / exposure.machines;
  const expected = (episodes / exposure.days) * usualDays;
  let square = Math.max(0, exposure.machines - rates.length) * expected ** 2;
  for (const [x, days] of rates) square += (x * (usualDays / Math.max(days, 1)) - expected) ** 2;
  const variance = square / Math.max(1, exposure.machines - 1);
  return variance > expected ? expected ** 2 / (variance - expected) : 5;
};

const codesOf = ({ rates, units, whole }: Gathered): CodePopulation[] =>
  [...rates]
    .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
    .slice(0, MAX_CODES_OF_MODEL)
    .flatMap(([key, list]) => {
      const ofUnits = key.endsWith('unit');
      const exposure = ofUnits ? units : whole;
      if (exposure.machines < LEAST_MEMBERS) return [];
      const episodes = list.reduce((sum, [x]) => sum + x, 0);
      const perDay = (episodes + 0.5) / exposure.days;
      return [{ code: key.slice(0, key.indexOf('|')), ofUnits, perDay, shape: shapeOf(list, exposure) }];
    });

/** What was gathered, model by model. */
export const gathered = (gathering: Gathering, atMs: number): readonly ModelPopulation[] =>
  [...gathering]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([model, one]) => ({
      model,
      atMs,
      machines: one.machines,
      metrics: [...one.members]
        .filter(([, { count }]) => count >= LEAST_MEMBERS)
        .sort((a, b) => b[1].count - a[1].count || (a[0] < b[0] ? -1 : 1))
        .slice(0, MAX_SERIES_OF_MODEL)
        .map(([key, members]) => populationOf(key, members)),
      codes: codesOf(one),
    }))
    .filter(({ metrics, codes }) => metrics.length > 0 || codes.length > 0);

/** All at once, for few machines: the populations that they are now. */
export const populationsOf = (
  catalogue: Catalogue,
  states: Iterable<Machine>,
  nowMs: number,
): readonly ModelPopulation[] => {
  const gathering = newGathering();
  for (const machine of states) gather(catalogue, gathering, machine, nowMs);
  return gathered(gathering, nowMs);
};
