import { location, median, quantile, sorted } from './robust.ts';

/**
 * The machine's own cycle: empty or loaded, up or down, compressor on or off. A reading is judged against those of
 * the same state, so that a shift inside one state is seen and another mix of states is none. States come from what
 * the reading itself says (see `codesOf`); where it says nothing, from the values, if they lie so far apart that no
 * wear could be taken for another state.
 */
export interface Cycle {
  /** What readings said of their state, in order of appearance; at most `MAX_STATES`. */
  codes: string[];
  /** Values that part states which only the values tell, ascending. */
  edges: number[];
  /** Level of each state, without the rhythm; null: too few readings to know. */
  center: (number | null)[];
  /** The noise of each state, as a multiple of that of the main one. */
  noise: number[];
  /** The state that stands for the series: the highest level that comes often. */
  main: number;
}

export const MAX_STATES = 6;
/** Readings of a state in the sample, below which it is not judged. */
const ENOUGH = 6;
/** States told by values alone: this part of the sample at least, this far apart. */
const LEAST_PART = 0.1;
const APART = 0.35;
const OFTEN = 0.2;
/** An idle state hardly scatters; its level matters no more than that. */
const LEAST_NOISE = 0.5;

export const newCycle = (): Cycle => ({ codes: [], edges: [], center: [], noise: [], main: 0 });

/** The state that a reading's own words name; `MAX_STATES` for one too many. */
export const stateOfCode = (cycle: Cycle, code: string): number => {
  const known = cycle.codes.indexOf(code);
  if (known >= 0) return known;
  if (cycle.codes.length >= MAX_STATES) return MAX_STATES;
  cycle.codes.push(code);
  return cycle.codes.length - 1;
};

const stateOfValue = (cycle: Cycle, value: number): number => {
  let state = 0;
  for (const edge of cycle.edges) if (value > edge) state += 1;
  return state;
};

/** `told`: what the reading said; `value` as it came. */
export const stateOf = (cycle: Cycle, told: number, value: number): number =>
  cycle.codes.length > 1 ? told : stateOfValue(cycle, value);

/** What is added to a value of this state to compare it with the main one; null: nothing is known of it. */
export const shiftOf = (cycle: Cycle, state: number): number | null => {
  if (cycle.center.length <= 1) return cycle.codes.length > 1 && state >= MAX_STATES ? null : 0;
  const center = cycle.center[state] ?? null;
  return center === null ? null : (cycle.center[cycle.main] as number) - center;
};

/** Whether the rhythm, which is learnt in the main state, holds in this one: an idle machine has none. */
export const hasRhythm = (cycle: Cycle, state: number): boolean =>
  cycle.codes.length > 1 || state === cycle.main;

export const noiseOf = (cycle: Cycle, state: number): number => cycle.noise[state] ?? 1;

/** Whether a cut leaves two parts that are each narrower than half of the gap between them. */
const isClear = (ascending: readonly number[], at: number, from: number, to: number): boolean => {
  const width = (ascending[at] as number) - (ascending[at - 1] as number);
  return [ascending.slice(from, at), ascending.slice(at, to)].every(
    (part) => quantile(part, 0.9) - quantile(part, 0.1) <= width / 2,
  );
};

/** The widest gap between two parts that both come often, and that no wear would bridge; null: there is none. */
const cutOf = (ascending: readonly number[], from: number, to: number, least: number): number | null => {
  let best: number | null = null;
  let widest = 0;
  for (let i = from + least; i <= to - least; i++) {
    const [low, high] = [ascending[i - 1] as number, ascending[i] as number];
    const isApart = high - low >= APART * Math.max(Math.abs(low), Math.abs(high));
    if (!isApart || high - low <= widest) continue;
    best = i;
    widest = high - low;
  }
  return best !== null && isClear(ascending, best, from, to) ? best : null;
};

/** At most two cuts: three states. */
const edgesOf = (ascending: readonly number[]): number[] => {
  const least = Math.max(ENOUGH, Math.ceil(LEAST_PART * ascending.length));
  const first = cutOf(ascending, 0, ascending.length, least);
  if (first === null) return [];
  const second = cutOf(ascending, first, ascending.length, least) ?? cutOf(ascending, 0, first, least);
  const cuts = second === null ? [first] : [first, second].sort((a, b) => a - b);
  return cuts.map((cut) => ((ascending[cut - 1] as number) + (ascending[cut] as number)) / 2);
};

const forget = (cycle: Cycle): void => {
  cycle.center = [];
  cycle.noise = [];
  cycle.main = 0;
};

const widthOf = (ascending: readonly number[]): number =>
  (quantile(ascending, 0.9) - quantile(ascending, 0.1)) / 2.563;

/** A reading of the sample: as it came, what its hour adds, and what it said of its state. */
export interface Sampled {
  readonly value: number;
  readonly hour: number;
  readonly told: number;
}

/** Learns the states' levels from the sample. */
export const learnCycle = (cycle: Cycle, sample: readonly Sampled[]): void => {
  const values = sample.map(({ value }) => value);
  cycle.edges = cycle.codes.length > 1 ? [] : edgesOf(sorted(values));
  const states = cycle.codes.length > 1 ? cycle.codes.length : cycle.edges.length + 1;
  if (states === 1) {
    forget(cycle);
    return;
  }
  const groups: number[][] = Array.from({ length: states }, () => []);
  for (const { value, hour, told } of sample) groups[stateOf(cycle, told, value)]?.push(value - hour);
  const all = groups.map(sorted);
  cycle.center = all.map((group) =>
    group.length >= ENOUGH ? location(group, widthOf(group) || 1e-9) : null,
  );
  const often = cycle.center.map((center, state) =>
    center !== null && (all[state] as number[]).length >= OFTEN * values.length ? center : null,
  );
  const candidates = often.some((center) => center !== null) ? often : cycle.center;
  cycle.main = candidates.reduce<number>(
    (best, center, state) =>
      Math.abs(center ?? 0) > Math.abs(candidates[best] ?? 0) || candidates[best] === null ? state : best,
    0,
  );
  if ((cycle.center[cycle.main] ?? null) === null) {
    forget(cycle);
    return;
  }
  const main = widthOf(all[cycle.main] as number[]);
  cycle.noise = all.map((group, state) =>
    state === cycle.main || group.length < ENOUGH || main <= 0
      ? 1
      : Math.max(LEAST_NOISE, Math.min(10, Number((widthOf(group) / main).toPrecision(3)))),
  );
  const known = cycle.center.filter((center) => center !== null);
  const spread = Math.max(...known) - Math.min(...known);
  // States that make no difference to this signal are one.
  if (spread <= 0.7 * median(all.filter(({ length }) => length >= ENOUGH).map(widthOf))) {
    const one = location(all.flat(), main || 1e-9);
    cycle.center = cycle.center.map(() => one);
    cycle.noise = cycle.noise.map(() => 1);
  }
};
