/** What a machine says about one of its units at one instant. `unit` is `''` for the machine as a whole. */
export interface SentReading {
  readonly kind: 'reading';
  readonly tsMs: number;
  readonly unit: string;
  readonly values: Readonly<Record<string, number>>;
}

export interface SentFault {
  readonly kind: 'fault';
  readonly tsMs: number;
  readonly unit: string;
  readonly code: string;
  readonly active: boolean;
  readonly detail: string;
}

export type Emission = SentReading | SentFault;

/**
 * How much of a machine is instrumented. 1: fault codes and status only, as its controller has them. 2: current
 * clamps, supply and cycle times as well. 3: everything.
 */
export type Tier = 1 | 2 | 3;

/** A way in which a class of machine can go wrong: what evaluations and towns choose from. */
export interface WearKind {
  readonly mechanism: string;
  /** `lie`: the machine is well, one of its sensors (or its clock) is not. */
  readonly kind: 'wear' | 'lie';
  /** The maintainable item (catalogue/items.json) whose repair ends it. */
  readonly component: string;
  /** The fault codes that it may end in; none where nothing fails (lies). */
  readonly codes: readonly string[];
}

/** The truth about one wear or lie: what no detector is ever told. Times are device time, Unix ms. */
export interface WearRecord {
  readonly equipment: string;
  readonly unit: string;
  readonly component: string;
  readonly mechanism: string;
  /** The fault code that it ends in; `''` for a lie, which never fails. */
  readonly code: string;
  readonly onsetMs: number;
  readonly failureMs: number | null;
  readonly repairedMs: number | null;
  /** Lies only: the metric that isn't true; `''` is the clock. */
  readonly metric?: string;
}

/** The record as the machine that wears writes it. */
export type OpenWear = { -readonly [K in keyof WearRecord]: WearRecord[K] };

/** A defect that begins: from now on this unit wears, and fails after about `lifeCycles` more cycles at rated load. */
export interface WearOrder {
  readonly unit: string;
  readonly mechanism: string;
  readonly lifeCycles: number;
  /** Lies only: which metric; by default one that the unit's alarms depend on. */
  readonly metric?: string;
}

/** The truth about something that befell a unit: a stop, a person inside, a power cut, the failure at the end of a wear. */
export interface IncidentRecord {
  readonly equipment: string;
  readonly unit: string;
  /** `''`: the mains went while something was on its way. */
  readonly code: string;
  readonly atMs: number;
  readonly clearedMs: number | null;
  /** A car was on its way and did not arrive. */
  readonly trapped: boolean;
}

/**
 * How time passes. By the clock: as people live, hour by hour. Fast: without waiting for people, something happens
 * in every unit after a pause between these two; loads, pauses and warmth are those of a working day, so that the
 * level of every series is the one it had by the clock.
 */
export type Tempo =
  | { readonly kind: 'clock' }
  | { readonly kind: 'fast'; readonly pauseMs: readonly [number, number] };

/**
 * What one class of machine has to know by itself. Pure but for its own state: time is passed in, randomness comes
 * from its seed. `createMachine` makes a `Machine` of it: lies, power and firmware are the same for all.
 */
export interface BareMachine {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly firmware: string;
  /** Units that can wear. `''`: the machine as a whole. */
  readonly units: readonly string[];
  /** Every wear that some unit knows. */
  readonly mechanisms: readonly string[];
  /** The wears of one unit, where not every unit knows all of `mechanisms`. */
  mechanismsOf?(unit: string): readonly string[];
  /** When something happens next, Unix ms; Infinity where nothing will. */
  nextAtMs(): number;
  /** Lets the next thing happen, at its own time or (for load) at the given one. */
  step(atMs?: number): readonly Emission[];
  setTempo(tempo: Tempo, atMs: number): void;
  /** Null where this unit has that wear already. Throws on a unit or mechanism that the machine hasn't. */
  begin(order: WearOrder, atMs: number): WearRecord | null;
  /**
   * The item was repaired at `repairedMs`: every wear of it that had begun by then is gone, its fault codes fall.
   * `unit` `''` means the whole machine.
   */
  repair(unit: string, component: string, repairedMs: number, nowMs: number): readonly Emission[];
  /** About how many cycles (the measure of `lifeCycles`) a unit makes in a day by the clock. */
  cyclesPerDay?(unit: string, mechanism: string): number;
  /** Something that is no wear happens (a stop, a person inside, fire); people clear it after a while. Garages only. */
  happen?(code: string, unit: string, atMs: number): readonly Emission[];
  /** Stops, rescues and the like so far, newest last; at most 1,000. */
  readonly incidents?: readonly IncidentRecord[];
  /** The mains go: what it can still say of a motion that does not end. */
  interrupted?(atMs: number): readonly Emission[];
  /** The mains are back, or new firmware starts: what it says first. */
  restarted?(atMs: number): readonly Emission[];
}

/** What became of a machine whose mains went. */
export interface PowerLoss {
  /** Its last words. */
  readonly emissions: readonly Emission[];
  /** Whether what it has not sent yet survives (and is sent late), or is gone with its memory. */
  readonly keepsUnsent: boolean;
}

/** A machine that started anew: its `seq` begins at 1 again, its status is said anew. */
export interface Restart {
  readonly emissions: readonly Emission[];
  readonly firmware: string;
}

/** A simulated machine. */
export interface Machine extends BareMachine {
  readonly tier: Tier;
  mechanismsOf(unit: string): readonly string[];
  cyclesPerDay(unit: string, mechanism: string): number;
  readonly incidents: readonly IncidentRecord[];
  /** No power: nothing happens and nothing is said until it is back. A second loss changes nothing. */
  powerLost(atMs: number): PowerLoss;
  /** Null where it had power. */
  powerBack(atMs: number): Restart | null;
  /** New firmware: a restart. Null without power. */
  update(firmware: string, atMs: number): Restart | null;
}
