import { type Connection, UNHEARD } from '../equipment/connection.ts';
import type { FaultState } from './fault-code.ts';
import { awaitsHold } from './limit.ts';
import type { SeriesState } from './series.ts';

/** What the engine remembers of one equipment. It owns this value: `step` changes it in place. */
export interface EquipmentState {
  connection: Connection;
  /** Newest event time released, and when it was received: their difference is the device's clock. */
  clock: { eventMs: number; receivedAtMs: number };
  faults: Map<string, FaultState>;
  /** Series by metric, by unit. */
  units: Map<string, Map<string, SeriesState>>;
  seriesCount: number;
  /** Series (unit, metric) that time alone can still bring over a limit. */
  awaiting: Map<string, readonly [unit: string, metric: string]>;
  /** Series over the limit, whose readings were not judged. */
  unjudged: number;
}

/** A garage of 200 bays with ten signals each. */
export const MAX_SERIES = 2_000;

const VERSION = 1;

export const newState = (): EquipmentState => ({
  connection: UNHEARD,
  clock: { eventMs: 0, receivedAtMs: 0 },
  faults: new Map(),
  units: new Map(),
  seriesCount: 0,
  awaiting: new Map(),
  unjudged: 0,
});

/** Checkpoint of everything but the series, as JSON values. */
export const headOf = (state: EquipmentState) => ({
  version: VERSION,
  connection: state.connection,
  clock: state.clock,
  faults: [...state.faults],
  unjudged: state.unjudged,
});

/** Checkpoint of the series of one unit, as JSON values: units that are idle need not be saved again. */
export const unitOf = (state: EquipmentState, unit: string) => ({
  version: VERSION,
  series: [...(state.units.get(unit) ?? [])],
});

export const noteHold = (state: EquipmentState, unit: string, metric: string, series: SeriesState): void => {
  const key = `${unit}|${metric}`;
  if (awaitsHold(series)) state.awaiting.set(key, [unit, metric]);
  else state.awaiting.delete(key);
};

type Head = ReturnType<typeof headOf>;
type Unit = ReturnType<typeof unitOf>;

const expectVersion = (saved: { readonly version: number }): void => {
  if (saved.version !== VERSION)
    throw new Error(`checkpoint of version ${saved.version}: this engine reads version ${VERSION}; relearn`);
};

export const restore = (head: Head | null, units: readonly (readonly [string, Unit])[]): EquipmentState => {
  const state = newState();
  if (head) {
    expectVersion(head);
    state.connection = head.connection;
    state.clock = head.clock;
    state.faults = new Map(head.faults);
    state.unjudged = head.unjudged;
  }
  for (const [unit, saved] of units) {
    expectVersion(saved);
    state.units.set(unit, new Map(saved.series));
    state.seriesCount += saved.series.length;
    for (const [metric, series] of saved.series) noteHold(state, unit, metric, series);
  }
  return state;
};
