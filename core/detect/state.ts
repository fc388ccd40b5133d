import { type Connection, UNHEARD } from '../equipment/connection.ts';
import { type DeviceClock, newClock } from './clock.ts';
import { type FaultState, faultKey } from './fault-code.ts';
import { awaitsHold } from './limit.ts';
import { newPart, type Part } from './part.ts';
import { newSeries, type SeriesState } from './series.ts';
import { newSilence, type Silence } from './silence.ts';
import { savedTogether, type Together } from './together.ts';

export interface Newest {
  readonly tsMs: number;
  readonly receivedAtMs: number;
}

/** What the engine remembers of one equipment. It owns this value: `step` changes it in place. */
export interface EquipmentState {
  connection: Connection;
  /** When it was first heard of, by its own clock, since it may have told its past; null: not yet. */
  sinceMs: number | null;
  /** The model as a person entered it; null: nobody did. */
  registered: string | null;
  clock: DeviceClock;
  faults: Map<string, FaultState>;
  /** Keys of the faults whose item was repaired while they were active. */
  repairedFaults: Set<string>;
  /** Faults that there was no room for, and those that gave way to worse ones. */
  refusedFaults: number;
  /** By unit: the newest device time released, and when it was received. A past may be told unit by unit. */
  newest: Map<string, Newest>;
  /** Series by metric, by unit. */
  units: Map<string, Map<string, SeriesState>>;
  seriesCount: number;
  /** By unit: its metrics together, where a rule asks for that. */
  together: Map<string, Together>;
  silence: Silence;
  /** By unit: when it was heard. */
  parts: Map<string, Part>;
  /** No later than when time alone can concern it next, receive time. Not part of a checkpoint. */
  dueMs: number;
  /** Series (unit, metric) that time alone can still bring over a limit. */
  awaiting: Map<string, readonly [unit: string, metric: string]>;
  /** Series over the limit, whose readings were not judged. */
  unjudged: number;
  /** Whether what was recorded of it before the engine first heard of it is still to be looked for. */
  isCold: boolean;
}

/** A garage of 200 bays with ten signals each. */
export const MAX_SERIES = 2_000;

const VERSION = 2;

export const newState = (): EquipmentState => ({
  connection: UNHEARD,
  sinceMs: null,
  registered: null,
  clock: newClock(),
  faults: new Map(),
  repairedFaults: new Set(),
  refusedFaults: 0,
  newest: new Map(),
  units: new Map(),
  seriesCount: 0,
  together: new Map(),
  silence: newSilence(),
  parts: new Map(),
  dueMs: Number.POSITIVE_INFINITY,
  awaiting: new Map(),
  unjudged: 0,
  isCold: true,
});

/** A person's word goes before the machine's own: firmware is seldom told what it drives. */
export const modelOf = ({ registered, connection }: EquipmentState): string | null =>
  registered ?? connection.model ?? null;

/** Checkpoint of everything but the series, as JSON values. */
export const headOf = (state: EquipmentState) => ({
  version: VERSION,
  connection: state.connection,
  registered: state.registered,
  sinceMs: state.sinceMs,
  deviceClock: state.clock,
  refusedFaults: state.refusedFaults,
  faults: [...state.faults],
  silence: state.silence,
  unjudged: state.unjudged,
  isCold: state.isCold,
});

const togetherOf = (state: EquipmentState, unit: string): Together | null => {
  const together = state.together.get(unit);
  return together ? savedTogether(together) : null;
};

/** Checkpoint of the series of one unit, as JSON values: units that are idle need not be saved again. */
export const unitOf = (state: EquipmentState, unit: string) => ({
  version: VERSION,
  newest: state.newest.get(unit) ?? null,
  part: state.parts.get(unit) ?? null,
  series: [...(state.units.get(unit) ?? [])],
  together: togetherOf(state, unit),
});

export const noteHold = (state: EquipmentState, unit: string, metric: string, series: SeriesState): void => {
  const key = `${unit}|${metric}`;
  if (awaitsHold(series)) state.awaiting.set(key, [unit, metric]);
  else state.awaiting.delete(key);
};

type Saved<T> = { readonly version: number } & { readonly [Key in keyof T]?: T[Key] };
type Head = Saved<ReturnType<typeof headOf>>;
type Unit = Saved<ReturnType<typeof unitOf>>;

const expectVersion = (saved: { readonly version: number }): void => {
  if (saved.version > VERSION)
    throw new Error(
      `checkpoint of version ${saved.version}: this engine reads up to ${VERSION}; run the newer Precall that wrote it`,
    );
};

/**
 * Before version 2 a series knew no rhythm, and its normal was as wide as that: it is learnt anew. Alerts that
 * stand are kept, so that they end; a series with a shift or drift keeps the normal that it was judged by.
 */
const seriesOf = (version: number, saved: SeriesState): SeriesState => {
  if (version >= VERSION) return saved;
  const fresh = newSeries();
  const { limitHigh, limitLow, shift, drift, repair, run, rate, counter, day, seen } = saved;
  const kept: SeriesState = { ...fresh, limitHigh, limitLow, shift, drift, repair };
  if (run) kept.run = run;
  if (rate) kept.rate = rate;
  if (counter) kept.counter = counter;
  if (day) kept.day = day;
  if (seen) kept.seen = seen;
  if (!shift && !drift) return kept;
  kept.normal = { ...saved.normal, context: saved.normal.sample.map(() => 0) };
  kept.n = saved.n;
  return kept;
};

const restoreFaults = (state: EquipmentState, saved: readonly (readonly [string, FaultState])[]): void => {
  for (const [key, fault] of saved) {
    // A checkpoint written before these were kept has none of them.
    const whole: FaultState = {
      ...fault,
      receivedAtMs: fault.receivedAtMs ?? fault.tsMs,
      heard: fault.heard ?? [],
      repair: fault.repair ?? null,
    };
    state.faults.set(key, whole);
    if (whole.repair) state.repairedFaults.add(faultKey(fault.unit, fault.code));
  }
};

/** What a checkpoint does not hold, because it was written before that was kept, is as in a new state. */
export const restore = (head: Head | null, units: readonly (readonly [string, Unit])[]): EquipmentState => {
  const state = newState();
  state.dueMs = 0;
  if (head) {
    expectVersion(head);
    state.connection = head.connection ?? state.connection;
    state.registered = head.registered ?? null;
    state.clock = head.deviceClock ?? state.clock;
    state.sinceMs = head.sinceMs ?? null;
    state.silence = { ...state.silence, ...head.silence };
    state.unjudged = head.unjudged ?? 0;
    // Before this was kept, it had lived through all that it was told.
    state.isCold = head.isCold ?? false;
    state.refusedFaults = head.refusedFaults ?? 0;
    restoreFaults(state, head.faults ?? []);
  }
  for (const [unit, saved] of units) {
    expectVersion(saved);
    const { series = [], newest = null, part = null, together = null } = saved;
    state.units.set(unit, new Map(series.map(([metric, one]) => [metric, seriesOf(saved.version, one)])));
    state.seriesCount += series.length;
    if (newest) state.newest.set(unit, newest);
    if (together) state.together.set(unit, together);
    if (part) state.parts.set(unit, { ...newPart(), ...part });
    for (const [metric, one] of state.units.get(unit) ?? []) noteHold(state, unit, metric, one);
  }
  return state;
};
