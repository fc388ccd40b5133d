import type { Parameters } from '../rules/parameters.ts';
import { parametersOf, type Scene } from './announce.ts';
import { endCodeRates } from './code-rate.ts';
import { endCounter } from './counter.ts';
import { endDrift } from './drift.ts';
import { endShift } from './level-shift.ts';
import { endMissing } from './missing.ts';
import { endPart } from './part.ts';
import { endPeers } from './peers.ts';
import { endRate } from './rate.ts';
import type { SeriesState } from './series.ts';
import { endNoData } from './silence.ts';
import { endSpread } from './spread.ts';
import type { EquipmentState } from './state.ts';
import { endStuck } from './stuck.ts';
import { endTogether, isWatchedTogether } from './together.ts';

type Section = keyof Parameters;

/** How what a detector holds up on one series is ended, with the reason `rule-removed`. */
const OF_SERIES: Readonly<
  Partial<Record<Section, (scene: Scene, metric: string, series: SeriesState) => void>>
> = {
  level: endShift,
  spread: endSpread,
  drift: endDrift,
  stuck: endStuck,
  rate: endRate,
  counter: endCounter,
  peers: endPeers,
  noData: endMissing,
};

/** The same for what is held up on a unit as a whole; the unit '' stands for the equipment. */
const OF_UNIT: Readonly<Partial<Record<Section, (scene: Scene, state: EquipmentState) => void>>> = {
  noData: (scene, state) => {
    if (scene.unit === '') endNoData(scene, state);
    endPart(scene, state);
  },
  codeRate: endCodeRates,
};

const sections = <T>(table: Readonly<Partial<Record<Section, T>>>): readonly (readonly [Section, T])[] =>
  Object.entries(table) as [Section, T][];

/** Other rules hold, or the model is known now: alerts of detectors that are switched off by them end. */
export const endSwitchedOff = (scene: Scene, state: EquipmentState): void => {
  for (const [unit, metrics] of state.units) {
    const here: Scene = { ...scene, unit };
    for (const [metric, series] of metrics) {
      const parameters = parametersOf(here, metric);
      for (const [section, end] of sections(OF_SERIES))
        if (!parameters[section].on) end(here, metric, series);
    }
  }
  for (const [unit, together] of state.together) {
    const here: Scene = { ...scene, unit };
    if (isWatchedTogether(here, together)) continue;
    endTogether(here, together);
    state.together.delete(unit);
  }
  const faulty = [...state.faults.values()].map(({ unit }) => unit);
  for (const unit of new Set(['', ...state.parts.keys(), ...faulty])) {
    const here: Scene = { ...scene, unit };
    const parameters = parametersOf(here, null);
    for (const [section, end] of sections(OF_UNIT)) if (!parameters[section].on) end(here, state);
  }
};
