import { type DueTimes, newDueTimes } from '../core/detect/due.ts';
import { type ModelPopulation, NO_POPULATIONS, type Populations } from '../core/detect/population.ts';
import { type EquipmentState, newState } from '../core/detect/state.ts';
import { compiled, completed } from '../core/rules/book.ts';
import { DEFAULT_BOOK, type RuleBook } from '../core/rules/parameters.ts';
import type { Rules } from '../core/rules/rules.ts';
import { type Heard, newHeard } from '../core/telemetry/dedupe.ts';
import { newWaiting, type Waiting } from '../core/telemetry/order.ts';
import type { Raised } from './raised.ts';

/** What the watcher remembers of one equipment: each operator changes its own part only. */
export interface Remembered {
  readonly heard: Heard;
  readonly waiting: Waiting;
  state: EquipmentState;
  /** It was restored as it was after this record: up to here the log tells it nothing new. -1: from the beginning. */
  readonly fence: number;
}

/** Rules as the log told them. */
export interface ToldRules {
  readonly version: string;
  readonly rules: Rules;
}

/** What holds for every equipment of the partition. */
export interface Shared {
  /** Receive time of the newest tick; null before the first. */
  readonly lastTickMs: number | null;
  /** Null: the defaults. */
  readonly rules: ToldRules | null;
  /** What each model's machines are compared with. */
  readonly populations: Populations;
}

/** An equipment that has changed since it was saved, and units of it: by no record before `since`. */
export interface Dirty {
  readonly since: number;
  /** `Memory.turn` then. */
  readonly turn: number;
  readonly units: Set<string>;
}

/**
 * The watcher's memory of a partition, and what of it is not saved yet (checkpoint.ts).
 *
 * Every equipment is saved at a time of its own, and after a restart told again what came since: so its state must
 * be a function of the records that concern it, of the ticks and of `Shared`, never of another equipment's state.
 */
export interface Memory {
  readonly equipment: Map<string, Remembered>;
  /** Equipment with readings that wait for older ones, and with limits that wait for their hold time. */
  readonly waiting: Set<string>;
  readonly awaiting: Set<string>;
  /** When time alone can concern an equipment next. */
  readonly due: DueTimes;
  shared: Shared;
  /** `shared` since each of these records, oldest first: a restart begins with what held at the offset it begins at. */
  readonly history: { readonly since: number; readonly shared: Shared }[];
  /** What is judged by now: `shared.rules`, compiled. */
  rules: RuleBook;
  /** `raised` as it is saved. */
  savedRaised: string;
  /** The rules that are saved. */
  savedRules: ToldRules | null;
  /** The populations that are saved. */
  savedPopulations: Populations;
  /** The one that has waited longest first. */
  readonly dirty: Map<string, Dirty>;
  readonly raised: Raised;
  /** How often some of what had changed was saved. */
  turn: number;
  /** What the records up to this one led to was committed before a restart: it need not be told again. */
  readonly told: number;
  /** Messages of equipment beyond the limit, which are stored but not watched. */
  unwatched: number;
}

/** Equipment watched by one process; a reader of more partitions, in more processes, takes the rest. */
export const MAX_EQUIPMENT = 50_000;

export const bookOf = (told: ToldRules | null): RuleBook =>
  told ? compiled(completed(told.rules), told.version) : DEFAULT_BOOK;

/** What a restart begins with. */
export interface Beginning {
  readonly shared: Shared;
  readonly told: number;
  readonly raised: Raised;
}

const NOTHING_SHARED: Shared = { lastTickMs: null, rules: null, populations: NO_POPULATIONS };

export const newMemory = ({
  shared = NOTHING_SHARED,
  told = -1,
  raised = new Map(),
}: Partial<Beginning> = {}): Memory => ({
  equipment: new Map(),
  waiting: new Set(),
  awaiting: new Set(),
  due: newDueTimes(),
  shared,
  history: [{ since: -1, shared }],
  rules: bookOf(shared.rules),
  savedRaised: '[]',
  savedRules: shared.rules,
  savedPopulations: shared.populations,
  dirty: new Map(),
  raised,
  turn: 0,
  told,
  unwatched: 0,
});

/** Null when no more equipment can be watched. */
export const remembered = (memory: Memory, id: string): Remembered | null => {
  const known = memory.equipment.get(id);
  if (known) return known;
  if (memory.equipment.size >= MAX_EQUIPMENT) {
    memory.unwatched += 1;
    return null;
  }
  const fresh = { heard: newHeard(), waiting: newWaiting(), state: newState(), fence: -1 };
  memory.equipment.set(id, fresh);
  return fresh;
};

/** What this record of the log changes for everybody. */
export const share = (memory: Memory, offset: number, changed: Partial<Shared>): void => {
  memory.shared = { ...memory.shared, ...changed };
  memory.history.push({ since: offset, shared: memory.shared });
};

/** Other rules hold from this record on. Returns false where they are those that hold already. */
export const takeRules = (memory: Memory, offset: number, { version, rules }: ToldRules): boolean => {
  if (memory.rules.version === version) return false;
  share(memory, offset, { rules: { version, rules } });
  memory.rules = bookOf(memory.shared.rules);
  return true;
};

/** Models whose machines are compared; of more, those told last. */
export const MAX_MODELS = 500;

/** How the machines of a model are from this record on. */
export const takePopulation = (memory: Memory, offset: number, population: ModelPopulation): void => {
  const populations = new Map(memory.shared.populations);
  // The newest stands last, so that the first is the oldest.
  populations.delete(population.model);
  populations.set(population.model, population);
  const [oldest] = populations.keys();
  if (populations.size > MAX_MODELS && oldest !== undefined) populations.delete(oldest);
  share(memory, offset, { populations });
};

/**
 * A record of the batch that begins with `since` has changed the equipment. Operators go through a batch one after
 * the other: only by batches is who was touched first the one that has waited longest.
 */
export const touch = (memory: Memory, id: string, since: number): Dirty => {
  const known = memory.dirty.get(id);
  if (known) return known;
  const dirty = { since, turn: memory.turn, units: new Set<string>() };
  memory.dirty.set(id, dirty);
  return dirty;
};

export const touchUnit = (memory: Memory, id: string, unit: string, since: number): void => {
  touch(memory, id, since).units.add(unit);
};
