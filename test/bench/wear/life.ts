import { awaitsTick, type Input, step } from '../../../core/detect/engine.ts';
import type { ModelPopulation, Populations } from '../../../core/detect/population.ts';
import { type EquipmentState, newState } from '../../../core/detect/state.ts';
import type { Catalogue } from '../../../core/fault/catalogue.ts';
import { DEFAULT_BOOK } from '../../../core/rules/parameters.ts';
import type { Emission, WearRecord } from '../../../simulators/machine.ts';
import { createTrial, type TrialOptions } from '../../../simulators/trial.ts';
import { createDesk, type Visit } from './desk.ts';

/** One machine that lives by the clock before the service's own detectors and the desk's own decisions. */
export interface Life {
  readonly visits: readonly (Visit & { readonly isRescue: boolean })[];
  readonly truth: WearRecord | null;
  readonly endMs: number;
  readonly readings: number;
}

export interface LifeOptions {
  readonly catalogue: Catalogue;
  readonly trial: TrialOptions;
  readonly endMs: number;
  /** How the others of the model were, oldest first; more may come while it lives. */
  readonly populations?: readonly ModelPopulation[];
  /** Ends the life early. */
  readonly isOver?: (visit: Visit, truth: WearRecord | null) => boolean;
}

const HOUR_MS = 3_600_000;
const TICK_MS = 60_000;
/** A crew is there a day after its ticket was opened, finds nothing where nothing is, and puts the part right. */
const VISIT_MS = 24 * HOUR_MS;
/** A stop that a person cleared, a trapped car, a power cut: whoever goes there goes for a reason. */
const AROUND_MS = 30 * 60_000;

/** Hands over after each hour what the engine remembers, so that several machines can live side by side. */
export function* living(options: LifeOptions): Generator<EquipmentState, Life> {
  const { catalogue, trial: given, endMs, populations = [] } = options;
  const trial = createTrial(given);
  const id = trial.machine.id;
  const state = newState();
  const desk = createDesk(catalogue);
  const visits: (Visit & { isRescue: boolean })[] = [];
  const due: { readonly visit: Visit; readonly atMs: number }[] = [];
  let offset = 0;
  let readings = 0;
  let known: Populations = new Map();
  let toldTo = 0;
  let isOver = false;

  const note = (made: readonly Visit[]): void => {
    for (const visit of made) {
      const isRescue = trial.machine.incidents.some(
        ({ unit, atMs, clearedMs }) =>
          (unit === visit.unit || unit === '' || visit.unit === '') &&
          visit.atMs >= atMs - AROUND_MS &&
          visit.atMs <= (clearedMs ?? visit.atMs) + AROUND_MS,
      );
      visits.push({ ...visit, isRescue });
      due.push({ visit, atMs: visit.atMs + VISIT_MS });
      if (options.isOver?.(visit, trial.truth())) isOver = true;
    }
  };
  const tell = (input: Input, receivedAtMs: number): void => {
    offset += 1;
    const place = { partition: 0, offset, nextIndex: 0, receivedAtMs };
    const book = { catalogue, rules: DEFAULT_BOOK, populations: known };
    note(desk.hear(step(book, id, state, input, place).events, receivedAtMs));
  };
  const say = (said: readonly Emission[]): void => {
    for (const one of said) {
      const { tsMs, unit } = one;
      const stamp = { equipment: id, unit, tsMs, tsSource: 'device', seq: null, receivedAtMs: tsMs } as const;
      if (one.kind === 'reading') {
        readings += 1;
        tell({ kind: 'reading', reading: { ...stamp, values: one.values } }, tsMs);
      } else {
        const { code, active, detail } = one;
        tell({ kind: 'fault', report: { ...stamp, code, active, detail } }, tsMs);
      }
    }
  };
  const pass = (nowMs: number): void => {
    note(desk.pass(nowMs));
    while (due[0] && due[0].atMs <= nowMs) {
      const { visit } = due.shift() as (typeof due)[number];
      desk.visited(visit);
      const { unit, component } = visit;
      tell({ kind: 'repaired', unit, component, repairedAtMs: nowMs }, nowMs);
      say(trial.machine.repair(unit, component, nowMs, nowMs));
    }
    if (state.dueMs <= nowMs || awaitsTick(state)) tell({ kind: 'tick', afterGapSince: null }, nowMs);
  };

  tell({ kind: 'registered', model: given.model }, given.fromMs);
  tell({ kind: 'connected', connectionId: 'c1' }, given.fromMs);
  let lastMs = given.fromMs;
  for (let nowMs = given.fromMs; nowMs < endMs && !isOver; nowMs += TICK_MS) {
    lastMs = nowMs;
    for (const said of trial.until(nowMs)) say(said);
    pass(nowMs);
    if ((nowMs - given.fromMs) % HOUR_MS !== 0) continue;
    while (populations[toldTo] && (populations[toldTo] as ModelPopulation).atMs <= nowMs) {
      const population = populations[toldTo++] as ModelPopulation;
      known = new Map([[population.model, population]]);
    }
    yield state;
  }
  return { visits, truth: trial.truth(), endMs: lastMs, readings };
}

export const live = (options: LifeOptions): Life => {
  const life = living(options);
  for (;;) {
    const { done, value } = life.next();
    if (done) return value;
  }
};
