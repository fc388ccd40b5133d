import type { OpenWear, WearOrder } from '../machine.ts';
import { type Random, stream } from '../random/stream.ts';
import { mends, openWear } from '../truth/record.ts';
import type { AnyDefect } from './defect/defect.ts';
import { DEFECTS, type DefectName, drawCode } from './defects.ts';
import { noEffects } from './effect.ts';
import type { UnitKind } from './kinds.ts';
import { type Installed, loadOf, type Motion, type Values } from './part/part.ts';

/** One part of a unit that can wear, as far as it has worn. */
interface Worn {
  readonly mechanism: DefectName;
  readonly defect: AnyDefect;
  state: unknown;
  /** Null while it is sound. */
  record: OpenWear | null;
  lifeCycles: number;
}

/** A bay, a lift, a crane, a door, a turntable, or the house around them (`''`). */
export interface Unit {
  readonly name: string;
  readonly kind: UnitKind;
  readonly parts: readonly Installed[];
  readonly worn: readonly Worn[];
  readonly noise: Random;
  occupied: boolean;
  carT: number;
  cycles: number;
  /** The code that locks it out. */
  code: string | null;
  /** When it last moved, and when it does so next while people don't matter. */
  lastMs: number;
  nextMs: number;
}

export const createUnit = (
  seed: number,
  machine: string,
  name: string,
  kind: UnitKind,
  fromMs: number,
): Unit => {
  const build = stream(seed, `${machine}/${name}/build`);
  return {
    name,
    kind,
    parts: kind.parts.map((part) => part(build)),
    worn: kind.defects.map((mechanism) => ({
      mechanism,
      defect: DEFECTS[mechanism],
      state: DEFECTS[mechanism].fresh(build, true),
      record: null,
      lifeCycles: 0,
    })),
    noise: stream(seed, `${machine}/${name}/noise`),
    occupied: false,
    carT: 0,
    cycles: Math.round(18_000 + 42_000 * build()),
    code: null,
    lastMs: fromMs,
    nextMs: Number.POSITIVE_INFINITY,
  };
};

/** What one motion of a unit came to. */
export interface Outcome {
  readonly values: Values;
  readonly durationS: number;
  /** The wear that has just come to its end. */
  readonly failed: OpenWear | null;
  /** A harmless code of a wear that goes on. */
  readonly warning: string | null;
}

/** Harmless codes begin when a third of the life is used, and come ever more often: about sixteen in all. */
const WARNS_FROM = 0.3;
const WARNINGS = 100;

const warns = ({ defect, state, lifeCycles }: Worn, part: number, noise: Random): boolean => {
  const late = defect.share(state) - WARNS_FROM;
  return late > 0 && noise() < (WARNINGS * part * late ** 1.5) / lifeCycles;
};

/** One motion: its signals, and what it does to every part. `part`: of a cycle, for what wears in both directions. */
export const move = (unit: Unit, around: Omit<Motion, 'effects'>, part: number): Outcome => {
  const effects = noEffects();
  for (const { defect, state } of unit.worn) defect.affect(state, effects);
  const values: Values = {};
  const strain = { tempC: around.ambientC, durationS: 0 };
  const motion = { ...around, effects };
  for (const use of unit.parts) use(motion, values, strain, unit.noise);
  unit.cycles += 1;
  const { ambientC, humidityPct, wetMm, isUp } = around;
  const stress = { load: loadOf(around.carT), tempC: strain.tempC, ambientC, humidityPct, wetMm };
  let failed: OpenWear | null = null;
  let warning: string | null = null;
  for (const worn of unit.worn) {
    const { wearsIn } = worn.defect;
    if (wearsIn !== 'any' && (wearsIn === 'up') !== isUp) continue;
    const share = wearsIn === 'any' ? part : 1;
    worn.state = worn.defect.after(worn.state, stress, share, unit.noise);
    if (!worn.record || failed || worn.record.failureMs !== null) continue;
    if (worn.defect.share(worn.state) >= 1) failed = worn.record;
    else if (warns(worn, share, unit.noise)) warning = worn.defect.precursor;
  }
  return { values, durationS: strain.durationS, failed, warning };
};

/** Null where the unit has this wear already, or is locked out. Throws where it can't have it. */
export const beginWear = (
  unit: Unit,
  machine: string,
  order: WearOrder,
  atMs: number,
  codes: Random,
): OpenWear | null => {
  const worn = unit.worn.find(({ mechanism }) => mechanism === order.mechanism);
  if (!worn) {
    const known = unit.kind.defects.join(', ');
    throw new Error(`${machine}: unit "${unit.name}" knows no wear ${order.mechanism}; it knows ${known}`);
  }
  if (worn.record || unit.code !== null) return null;
  const { defect } = worn;
  worn.state = defect.begin(worn.state, order.lifeCycles);
  worn.lifeCycles = order.lifeCycles;
  worn.record = openWear(machine, order, defect.component, drawCode(defect, codes), atMs);
  return worn.record;
};

/** New parts for all of this item that had begun to wear by then. Returns what was worn. */
export const mendItem = (unit: Unit, component: string, repairedMs: number): readonly OpenWear[] => {
  const mended: OpenWear[] = [];
  for (const worn of unit.worn) {
    const { record, defect } = worn;
    if (!record || !mends(record, [defect.component], component, repairedMs)) continue;
    worn.state = defect.fresh(unit.noise, false);
    worn.record = null;
    record.repairedMs = repairedMs;
    mended.push(record);
  }
  return mended;
};

/** What a person gauges at the monthly service. */
export const gauge = (unit: Unit): Values => {
  const effects = noEffects();
  for (const { defect, state } of unit.worn) defect.affect(state, effects);
  const values: Values = {};
  const { defects } = unit.kind;
  const about = (value: number, error: number, digits: number): number =>
    Number((value + error * (2 * unit.noise() - 1)).toFixed(digits));
  if (defects.includes('chain') || defects.includes('leafChain'))
    values.chainElongationPct = Math.max(0, about(effects.elongationPct, 0.03, 2));
  if (defects.includes('rope')) {
    values.ropeBrokenWires = effects.brokenWires;
    values.ropeDiameterPct = about(effects.diameterPct, 0.2, 1);
  }
  if (defects.includes('brake')) values.brakeLiningMm = about(effects.liningMm, 0.1, 1);
  return values;
};
