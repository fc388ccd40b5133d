import type { AlertEvent } from '../../alert/alert.ts';
import type { Catalogue } from '../../fault/catalogue.ts';
import { DEFAULT_BOOK, type RuleBook } from '../../rules/parameters.ts';
import { type Input, step } from '../engine.ts';
import { type EquipmentState, newState } from '../state.ts';

/** Uniform in [0, 1) from a seed (mulberry32). */
export const uniform = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());

export const T0 = Date.UTC(2026, 0, 1);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** One equipment's engine with a log of its own. */
export interface Player {
  readonly events: AlertEvent[];
  /** What it is judged by; a test may change it, and tell `{ kind: 'rules' }`. */
  rules: RuleBook;
  state: EquipmentState;
  tell(input: Input, receivedAtMs: number): readonly AlertEvent[];
  /** A reading of unit `bay1`. */
  read(atMs: number, values: Readonly<Record<string, number>>, unit?: string): readonly AlertEvent[];
  fault(atMs: number, code: string, active: boolean, seq?: number | null): readonly AlertEvent[];
  repaired(atMs: number, component: string, unit?: string): readonly AlertEvent[];
}

export const player = (catalogue: Catalogue, state: EquipmentState = newState()): Player => {
  let offset = 0;
  const self: Player = {
    events: [],
    rules: DEFAULT_BOOK,
    state,
    tell: (input, receivedAtMs) => {
      const place = { partition: 0, offset: offset++, receivedAtMs, nextIndex: 0 };
      const result = step({ catalogue, rules: self.rules }, 'E', self.state, input, place);
      self.state = result.state;
      self.events.push(...result.events);
      return result.events;
    },
    read: (atMs, values, unit = 'bay1') =>
      self.tell(
        {
          kind: 'reading',
          reading: {
            equipment: 'E',
            unit,
            tsMs: atMs,
            tsSource: 'device',
            seq: null,
            receivedAtMs: atMs,
            values,
          },
        },
        atMs,
      ),
    fault: (atMs, code, active, seq = null) =>
      self.tell(
        {
          kind: 'fault',
          report: {
            equipment: 'E',
            unit: 'bay1',
            tsMs: atMs,
            tsSource: 'device',
            seq,
            receivedAtMs: atMs,
            code,
            active,
            detail: 'words',
          },
        },
        atMs,
      ),
    repaired: (atMs, component, unit = 'bay1') =>
      self.tell({ kind: 'repaired', unit, component, repairedAtMs: atMs }, atMs),
  };
  return self;
};
