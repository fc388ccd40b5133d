import { awaitsTick } from '../core/detect/engine.ts';
import { type EquipmentState, headOf, newState, restore, unitOf } from '../core/detect/state.ts';
import { compiled, completed } from '../core/rules/book.ts';
import { DEFAULT_BOOK, type RuleBook } from '../core/rules/parameters.ts';
import type { Rules } from '../core/rules/rules.ts';
import { type Heard, heardFromJson, heardToJson, newHeard } from '../core/telemetry/dedupe.ts';
import { newWaiting, type Waiting, waitingFromJson, waitingToJson } from '../core/telemetry/order.ts';

/** What the watcher remembers of one equipment: each operator changes its own part only. */
export interface Remembered {
  readonly heard: Heard;
  readonly waiting: Waiting;
  state: EquipmentState;
}

/** Rules as the log told them. */
export interface ToldRules {
  readonly version: string;
  readonly rules: Rules;
}

/** The watcher's memory of a partition, and what of it has changed since the last checkpoint. */
export interface Memory {
  readonly equipment: Map<string, Remembered>;
  /** Equipment with readings that wait for older ones, and with limits that wait for their hold time. */
  readonly waiting: Set<string>;
  readonly awaiting: Set<string>;
  /** Receive time of the newest tick; null before the first. */
  lastTickMs: number | null;
  /** What is judged by now: the newest rules of the log up to here; the defaults before the first. */
  rules: RuleBook;
  /** Rules that the checkpoint does not hold yet. */
  dirtyRules: ToldRules | null;
  readonly dirtyHeads: Set<string>;
  readonly dirtyUnits: Map<string, Set<string>>;
  /** Messages of equipment beyond the limit, which are stored but not watched. */
  unwatched: number;
}

export interface Checkpoint {
  readonly key: string;
  readonly state: string;
}

/** Equipment watched by one process; a reader of more partitions, in more processes, takes the rest. */
export const MAX_EQUIPMENT = 50_000;
/** Equipment ids cannot hold `#`, nor unit ids `/`. */
const PARTITION_KEY = '#partition';
const RULES_KEY = '#rules';

export const newMemory = (): Memory => ({
  equipment: new Map(),
  waiting: new Set(),
  awaiting: new Set(),
  lastTickMs: null,
  rules: DEFAULT_BOOK,
  dirtyRules: null,
  dirtyHeads: new Set(),
  dirtyUnits: new Map(),
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
  const fresh = { heard: newHeard(), waiting: newWaiting(), state: newState() };
  memory.equipment.set(id, fresh);
  return fresh;
};

const bookOf = ({ version, rules }: ToldRules): RuleBook => compiled(completed(rules), version);

/** Other rules hold from here on. Returns false where they are those that hold already. */
export const takeRules = (memory: Memory, { version, rules }: ToldRules): boolean => {
  if (memory.rules.version === version) return false;
  memory.dirtyRules = { version, rules };
  memory.rules = bookOf(memory.dirtyRules);
  return true;
};

export const touch = (memory: Memory, id: string): void => {
  memory.dirtyHeads.add(id);
};

export const touchUnit = (memory: Memory, id: string, unit: string): void => {
  const units = memory.dirtyUnits.get(id);
  if (units) units.add(unit);
  else memory.dirtyUnits.set(id, new Set([unit]));
};

/** Everything that changed since the last call, as it is at this instant. */
export const takeCheckpoints = (memory: Memory): readonly Checkpoint[] => {
  const checkpoints: Checkpoint[] = [];
  const add = (key: string, state: unknown): void => {
    checkpoints.push({ key, state: JSON.stringify(state) });
  };
  if (memory.lastTickMs !== null) add(PARTITION_KEY, { lastTickMs: memory.lastTickMs });
  if (memory.dirtyRules !== null) add(RULES_KEY, memory.dirtyRules);
  for (const id of memory.dirtyHeads) {
    const { heard, waiting, state } = memory.equipment.get(id) as Remembered;
    add(id, { heard: heardToJson(heard), waiting: waitingToJson(waiting), head: headOf(state) });
  }
  for (const [id, units] of memory.dirtyUnits) {
    const { state } = memory.equipment.get(id) as Remembered;
    for (const unit of units) add(`${id}/${unit}`, unitOf(state, unit));
  }
  memory.dirtyRules = null;
  memory.dirtyHeads.clear();
  memory.dirtyUnits.clear();
  return checkpoints;
};

interface SavedHead {
  readonly heard: ReturnType<typeof heardToJson>;
  readonly waiting: ReturnType<typeof waitingToJson>;
  readonly head: ReturnType<typeof headOf>;
}
type SavedUnit = ReturnType<typeof unitOf>;

export const restoreMemory = (checkpoints: readonly Checkpoint[]): Memory => {
  const memory = newMemory();
  const heads = new Map<string, SavedHead>();
  const units = new Map<string, [string, SavedUnit][]>();
  for (const { key, state } of checkpoints) {
    const slash = key.indexOf('/');
    if (key === PARTITION_KEY)
      memory.lastTickMs = (JSON.parse(state) as { readonly lastTickMs: number }).lastTickMs;
    else if (key === RULES_KEY) memory.rules = bookOf(JSON.parse(state) as ToldRules);
    else if (slash < 0) heads.set(key, JSON.parse(state) as SavedHead);
    else {
      const id = key.slice(0, slash);
      const list = units.get(id) ?? [];
      list.push([key.slice(slash + 1), JSON.parse(state) as SavedUnit]);
      units.set(id, list);
    }
  }
  for (const [id, head] of heads) {
    const state = restore(head.head, units.get(id) ?? []);
    const waiting = waitingFromJson(head.waiting);
    memory.equipment.set(id, { heard: heardFromJson(head.heard), waiting, state });
    if (head.waiting.buffer.length > 0) memory.waiting.add(id);
    if (awaitsTick(state)) memory.awaiting.add(id);
  }
  return memory;
};
