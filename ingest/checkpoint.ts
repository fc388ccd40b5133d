import { noteDue } from '../core/detect/due.ts';
import { awaitsTick } from '../core/detect/engine.ts';
import type { ModelPopulation } from '../core/detect/population.ts';
import { headOf, restore, unitOf } from '../core/detect/state.ts';
import { heardFromJson, heardToJson } from '../core/telemetry/dedupe.ts';
import { waitingFromJson, waitingToJson } from '../core/telemetry/order.ts';
import {
  type Dirty,
  type Memory,
  newMemory,
  type Remembered,
  type Shared,
  type ToldRules,
} from './memory.ts';
import { forgetRaised } from './raised.ts';

export interface Checkpoint {
  readonly key: string;
  readonly state: string;
}

/** What a commit saves of the memory. */
export interface Saved {
  readonly checkpoints: readonly Checkpoint[];
  /** A restart must begin after this record: everything older is in the checkpoints of whom it concerns. */
  readonly offset: number;
  /** Up to this record everything is told. */
  readonly told: number;
  /** What has changed and is left for the next time: nothing, what changed lately, or more than there was room for. */
  readonly left: 'nothing' | 'young' | 'much';
}

/** Equipment ids cannot hold `#`, nor unit ids `/`. */
const PARTITION_KEY = '#partition';
const RULES_KEY = '#rules';
const RAISED_KEY = '#raised';
const POPULATION_KEY = '#population/';

const checkpointsOf = (
  id: string,
  { heard, waiting, state }: Remembered,
  { units }: Dirty,
  fence: number,
): readonly Checkpoint[] => {
  const head = { fence, heard: heardToJson(heard), waiting: waitingToJson(waiting), head: headOf(state) };
  return [
    { key: id, state: JSON.stringify(head) },
    ...[...units].map((unit) => ({ key: `${id}/${unit}`, state: JSON.stringify(unitOf(state, unit)) })),
  ];
};

/** What held for everybody at `offset`; what held before it is forgotten. */
const sharedAt = ({ history }: Memory, offset: number): Shared => {
  while ((history[1]?.since ?? Number.POSITIVE_INFINITY) <= offset) history.shift();
  return (history[0] as Memory['history'][number]).shared;
};

const sharedCheckpoints = (memory: Memory, offset: number, told: number): readonly Checkpoint[] => {
  const { lastTickMs, rules, populations } = sharedAt(memory, offset);
  const changed: Checkpoint[] = [{ key: PARTITION_KEY, state: JSON.stringify({ lastTickMs, told }) }];
  if (rules !== memory.savedRules) changed.push({ key: RULES_KEY, state: JSON.stringify(rules) });
  if (populations !== memory.savedPopulations)
    for (const [model, population] of populations)
      if (population !== memory.savedPopulations.get(model))
        changed.push({ key: `${POPULATION_KEY}${model}`, state: JSON.stringify(population) });
  const raised = JSON.stringify([...memory.raised]);
  if (raised !== memory.savedRaised) changed.push({ key: RAISED_KEY, state: raised });
  memory.savedRaised = raised;
  memory.savedRules = rules;
  memory.savedPopulations = populations;
  return changed;
};

/** What may be saved in one go. */
export interface Share {
  /** About so much. */
  readonly maxBytes: number;
  /**
   * Who raised nothing is not saved before so many turns have passed since it changed: what changes all the time
   * would be written all the time. Infinity: not now.
   */
  readonly minTurns: number;
}

export const EVERYTHING: Share = { maxBytes: Number.POSITIVE_INFINITY, minTurns: 0 };

/**
 * Takes checkpoints of the memory as it is after the record `upTo`: first of those equipments that raised something,
 * then of those that have waited longest. So a commit stays small however many machines have changed, and each
 * machine's checkpoint says by its fence up to which record it is true.
 */
export const takeCheckpoints = (memory: Memory, upTo: number, share: Share = EVERYTHING): Saved => {
  const checkpoints: Checkpoint[] = [];
  let bytes = 0;
  const save = (id: string, dirty: Dirty): void => {
    memory.dirty.delete(id);
    forgetRaised(memory.raised, id, upTo);
    for (const checkpoint of checkpointsOf(id, memory.equipment.get(id) as Remembered, dirty, upTo)) {
      bytes += checkpoint.state.length;
      checkpoints.push(checkpoint);
    }
  };
  const isRipe = ({ turn }: Dirty): boolean => memory.turn - turn >= share.minTurns;
  for (const id of memory.raised.keys()) {
    const dirty = memory.dirty.get(id);
    if (bytes >= share.maxBytes) break;
    if (dirty) save(id, dirty);
  }
  for (const [id, dirty] of memory.dirty) {
    if (bytes >= share.maxBytes || !isRipe(dirty)) break;
    save(id, dirty);
  }
  if (share.minTurns < Number.POSITIVE_INFINITY) memory.turn += 1;
  const [oldest] = memory.dirty.values();
  const offset = oldest ? Math.min(oldest.since - 1, upTo) : upTo;
  const told = Math.max(memory.told, upTo);
  checkpoints.push(...sharedCheckpoints(memory, offset, told));
  const left = !oldest ? 'nothing' : bytes >= share.maxBytes ? 'much' : 'young';
  return { checkpoints, offset, told, left };
};

interface SavedHead {
  /** Absent in checkpoints from before each machine had its own: they are true at the committed offset. */
  readonly fence?: number;
  readonly heard: ReturnType<typeof heardToJson>;
  readonly waiting: ReturnType<typeof waitingToJson>;
  readonly head: ReturnType<typeof headOf>;
}
type SavedUnit = ReturnType<typeof unitOf>;

export const restoreMemory = (checkpoints: readonly Checkpoint[]): Memory => {
  let partition: { readonly lastTickMs: number | null; readonly told?: number } = { lastTickMs: null };
  let rules: ToldRules | null = null;
  let raised = '[]';
  const saved: ModelPopulation[] = [];
  const heads = new Map<string, SavedHead>();
  const units = new Map<string, [string, SavedUnit][]>();
  for (const { key, state } of checkpoints) {
    const slash = key.indexOf('/');
    if (key === PARTITION_KEY) partition = JSON.parse(state) as typeof partition;
    else if (key === RULES_KEY) rules = JSON.parse(state) as ToldRules;
    else if (key === RAISED_KEY) raised = state;
    else if (key.startsWith(POPULATION_KEY)) saved.push(JSON.parse(state) as ModelPopulation);
    else if (slash < 0) heads.set(key, JSON.parse(state) as SavedHead);
    else {
      const id = key.slice(0, slash);
      const list = units.get(id) ?? [];
      list.push([key.slice(slash + 1), JSON.parse(state) as SavedUnit]);
      units.set(id, list);
    }
  }
  saved.sort((a, b) => a.atMs - b.atMs || (a.model < b.model ? -1 : 1));
  const populations = new Map(saved.map((one) => [one.model, one] as const));
  const { lastTickMs, told = -1 } = partition;
  const memory = newMemory({
    shared: { lastTickMs, rules, populations },
    told,
    raised: new Map(JSON.parse(raised) as [string, [number, number][]][]),
  });
  memory.savedRaised = raised;
  for (const [id, { fence = -1, heard, waiting, head }] of heads) {
    const state = restore(head, units.get(id) ?? []);
    memory.equipment.set(id, {
      heard: heardFromJson(heard),
      waiting: waitingFromJson(waiting),
      state,
      fence,
    });
    if (waiting.buffer.length > 0) memory.waiting.add(id);
    if (awaitsTick(state)) memory.awaiting.add(id);
    noteDue(memory.due, id, state.dueMs);
  }
  return memory;
};
