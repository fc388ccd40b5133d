import { APPLIANCES } from './appliance/kinds.ts';
import { createMachine, type MachineOptions } from './create.ts';
import { DEFECTS } from './garage/defects.ts';
import { defectsOf, GARAGES } from './garage/kinds.ts';
import { LIE_KINDS } from './lie/lie.ts';
import type { Emission, Machine, Tempo, Tier, WearKind, WearRecord } from './machine.ts';

/** A class of machine that is simulated, a model that stands for it, and all that can go wrong with it. */
export interface MachineClass {
  readonly id: string;
  readonly model: string;
  readonly wears: readonly WearKind[];
  readonly lies: readonly WearKind[];
}

export const TIERS: readonly Tier[] = [1, 2, 3];

const garageClasses = (): MachineClass[] =>
  Object.entries(GARAGES).map(([id, kind]) => ({
    id,
    model: `${id}-7`,
    wears: defectsOf(kind).map((mechanism) => {
      const { component, codes } = DEFECTS[mechanism];
      return { mechanism, kind: 'wear', component, codes: [...new Set(codes)] };
    }),
    lies: LIE_KINDS,
  }));

const applianceClasses = (): MachineClass[] =>
  APPLIANCES.map(({ id, model, kind }) => ({
    id,
    model,
    wears: Object.entries(kind.wears).map(([mechanism, { items, code }]) => ({
      mechanism,
      kind: 'wear',
      component: items[0],
      codes: [code],
    })),
    lies: LIE_KINDS,
  }));

/** Every class that is simulated, garages first. */
export const machineClasses = (): readonly MachineClass[] => [...garageClasses(), ...applianceClasses()];

export interface TrialOptions
  extends Pick<
    MachineOptions,
    'model' | 'seed' | 'fromMs' | 'bays' | 'people' | 'stopsPerMonth' | 'surroundings'
  > {
  readonly tier: Tier;
  /** A wear of the class or a lie; null: the machine stays well. */
  readonly mechanism: string | null;
  /** When it begins. */
  readonly onsetMs: number;
  /** Days by the clock from onset to failure, about. */
  readonly lifeDays: number;
  /** Default: one that can have it, drawn from the seed. */
  readonly unit?: string;
  /** Lies only. */
  readonly metric?: string;
  /** From the onset on. Default: by the clock all the time. */
  readonly tempo?: Tempo;
  /** Default `trial-SEED`. */
  readonly id?: string;
}

/** One machine that lives in virtual time, without MQTT, and begins to wear when it should. */
export interface Trial {
  readonly machine: Machine;
  /** Null before the onset, and where nothing wears. Failure and repair appear in it when they happen. */
  truth(): WearRecord | null;
  /** All that it says until `untilMs` (included), in the order in which it happens, one thing at a time. */
  until(untilMs: number): Generator<readonly Emission[], void>;
}

/**
 * A machine to try detectors on. `for (const said of trial.until(ms)) …` steps it; `machine.repair` mends it as a
 * crew would. Same options, same emissions.
 */
export const createTrial = (options: TrialOptions): Trial => {
  const { mechanism, onsetMs, lifeDays, unit: _unit, metric: _metric, tempo: _tempo, ...rest } = options;
  const { id = `trial-${options.seed}`, seed } = options;
  const machine = createMachine({ ...rest, id, site: `site-${id}`, timeZone: 'Asia/Shanghai' });
  let record: WearRecord | null = null;
  let hasBegun = false;

  const able = (name: string): string => {
    if (options.unit !== undefined) return options.unit;
    if (name === 'clockJump') return '';
    const units = machine.units.filter((unit) => machine.mechanismsOf(unit).includes(name));
    // A lie fits any unit.
    const fit = units.length > 0 ? units : machine.units;
    return fit[seed % fit.length] ?? '';
  };

  const onset = (): void => {
    hasBegun = true;
    if (options.tempo) machine.setTempo(options.tempo, onsetMs);
    if (mechanism === null) return;
    const unit = able(mechanism);
    const lifeCycles = Math.max(1, lifeDays * machine.cyclesPerDay(unit, mechanism));
    const { metric } = options;
    const order = { unit, mechanism, lifeCycles, ...(metric === undefined ? {} : { metric }) };
    record = machine.begin(order, onsetMs);
  };

  return {
    machine,
    truth: () => record,
    *until(untilMs) {
      for (;;) {
        const nextMs = machine.nextAtMs();
        if (!hasBegun && onsetMs <= Math.min(nextMs, untilMs)) onset();
        else if (nextMs <= untilMs) yield machine.step();
        else return;
      }
    },
  };
};
