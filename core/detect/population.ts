import type { Peers } from '../alert/alert.ts';
import type { Catalogue } from '../fault/catalogue.ts';
import type { Scene } from './announce.ts';
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
/** A level older than this is not of today. */
const FRESH_MS = 2 * DAY_MS;

export const kindOf = (unit: string): string => unit.replace(/\d+$/, '');

interface Member {
  readonly equipment: string;
  readonly unit: string;
  readonly level: number;
  readonly perDay: number;
}

/** One that shows something wrong, or was just repaired, is not what healthy ones look like. */
const isHealthy = (series: SeriesState): boolean =>
  !series.repair &&
  ![series.shift, series.drift, series.limitHigh?.active, series.limitLow?.active, series.day?.active].some(
    Boolean,
  );

const thinned = (ascending: readonly number[]): readonly number[] => {
  if (ascending.length <= MAX_LEVELS) return ascending;
  return Array.from({ length: MAX_LEVELS }, (_, i) => quantile(ascending, i / (MAX_LEVELS - 1)));
};

const populationOf = (key: string, members: readonly Member[]): MetricPopulation => {
  const [kind = '', metric = ''] = key.split('|');
  const levels = sorted(members.map(({ level }) => level));
  const middle = quantile(levels, 0.5);
  const nearest = [...members].sort((a, b) => Math.abs(a.level - middle) - Math.abs(b.level - middle));
  return {
    kind,
    metric,
    count: members.length,
    levels: thinned(levels).map((level) => Number(level.toPrecision(6))),
    perDay: quantile(sorted(members.map(({ perDay }) => perDay)), 0.5),
    sample: nearest
      .slice(0, SAMPLE)
      .map(({ equipment, unit, level }) => ({ equipment, unit, level: Number(level.toPrecision(6)) })),
  };
};

type Machine = readonly [id: string, state: EquipmentState];

const membersOf = (machines: readonly Machine[], nowMs: number): Map<string, Member[]> => {
  const members = new Map<string, Member[]>();
  for (const [equipment, state] of machines)
    for (const [unit, metrics] of state.units)
      for (const [metric, series] of metrics) {
        const level = series.day ? levelOfDay(series.day) : null;
        if (!series.day || level === null || !isHealthy(series)) continue;
        if (Math.abs(nowMs - series.day.lastMs) > FRESH_MS) continue;
        const key = `${kindOf(unit)}|${metric}`;
        const list = members.get(key) ?? [];
        members.set(key, list);
        list.push({ equipment, unit, level, perDay: series.day.perDay });
      }
  return members;
};

interface Exposure {
  /** Days watched, and their squares' sum, over members of the population. */
  days: number;
  machines: number;
}

/** Method of moments: how much rates differ from member to member beyond chance. */
const shapeOf = (
  rates: readonly (readonly [episodes: number, days: number])[],
  exposure: Exposure,
): number => {
  const episodes = rates.reduce((sum, [x]) => sum + x, 0);
  const mean = episodes / exposure.days;
  const usualDays = exposure.days / exposure.machines;
  const others = Math.max(0, exposure.machines - rates.length);
  const expected = mean * usualDays;
  let square = others * expected ** 2;
  for (const [x, days] of rates) square += (x * (usualDays / Math.max(days, 1)) - expected) ** 2;
  const variance = square / Math.max(1, exposure.machines - 1);
  return variance > expected ? expected ** 2 / (variance - expected) : 5;
};

const codesOf = (catalogue: Catalogue, machines: readonly Machine[], nowMs: number): CodePopulation[] => {
  const units: Exposure = { days: 0, machines: 0 };
  const whole: Exposure = { days: 0, machines: 0 };
  const rates = new Map<string, (readonly [number, number])[]>();
  for (const [, state] of machines) {
    if (state.sinceMs === null) continue;
    const { days } = pastOf(undefined, state.sinceMs, nowMs);
    if (days < 1) continue;
    whole.days += days;
    whole.machines += 1;
    const many = [...state.units.keys()].filter((unit) => unit !== '').length;
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
  }
  return [...rates]
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
};

/** The machines of each model, by model and id: the populations that they are now. */
export const populationsOf = (
  catalogue: Catalogue,
  states: Iterable<Machine>,
  nowMs: number,
): readonly ModelPopulation[] => {
  const models = new Map<string, Machine[]>();
  for (const machine of states) {
    const model = modelOf(machine[1]);
    if (model === null) continue;
    const list = models.get(model) ?? [];
    models.set(model, list);
    list.push(machine);
  }
  return [...models]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([model, machines]) => {
      machines.sort(([a], [b]) => (a < b ? -1 : 1));
      const metrics = [...membersOf(machines, nowMs)]
        .filter(([, members]) => members.length >= LEAST_MEMBERS)
        .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
        .slice(0, MAX_SERIES_OF_MODEL)
        .map(([key, members]) => populationOf(key, members));
      const codes = codesOf(catalogue, machines, nowMs);
      return { model, atMs: nowMs, machines: machines.length, metrics, codes };
    })
    .filter(({ metrics, codes }) => metrics.length > 0 || codes.length > 0);
};

const modelHere = (scene: Scene): ModelPopulation | undefined =>
  scene.model === null ? undefined : scene.populations.get(scene.model);

export const metricPopulation = (scene: Scene, metric: string): MetricPopulation | undefined => {
  const kind = kindOf(scene.unit);
  return modelHere(scene)?.metrics.find((one) => one.metric === metric && one.kind === kind);
};

export const codePopulation = (scene: Scene, code: string): CodePopulation | undefined => {
  const ofUnits = scene.unit !== '';
  return modelHere(scene)?.codes.find((one) => one.code === code && one.ofUnits === ofUnits);
};

/** Healthy machines of the same model, for the evidence of an alert; null where there are too few. */
export const peersHere = (scene: Scene, metric: string | null): Peers | null => {
  const population = metric === null ? undefined : metricPopulation(scene, metric);
  if (!population || scene.model === null) return null;
  const { levels, count } = population;
  return {
    model: scene.model,
    count,
    band: { low: quantile(levels, 0.1), high: quantile(levels, 0.9) },
    sample: population.sample.filter(
      ({ equipment, unit }) => equipment !== scene.equipment || unit !== scene.unit,
    ),
  };
};
