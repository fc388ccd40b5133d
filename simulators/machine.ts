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

/** The truth about one wear: what no detector is ever told. Times are device time, Unix ms. */
export interface WearRecord {
  readonly equipment: string;
  readonly unit: string;
  /** The maintainable item (catalogue/items.json) whose repair ends it. */
  readonly component: string;
  readonly mechanism: string;
  /** The fault code that it ends in. */
  readonly code: string;
  readonly onsetMs: number;
  readonly failureMs: number | null;
  readonly repairedMs: number | null;
}

/** The record as the machine that wears writes it. */
export type OpenWear = { -readonly [K in keyof WearRecord]: WearRecord[K] };

/** A defect that begins: from now on this unit wears, and fails after about `lifeCycles` more cycles at rated load. */
export interface WearOrder {
  readonly unit: string;
  readonly mechanism: string;
  readonly lifeCycles: number;
}

/**
 * How time passes. By the clock: as people live, hour by hour. Fast: without waiting for people, something happens
 * in every unit after a pause between these two; loads, pauses and warmth are those of a working day, so that the
 * level of every series is the one it had by the clock.
 */
export type Tempo =
  | { readonly kind: 'clock' }
  | { readonly kind: 'fast'; readonly pauseMs: readonly [number, number] };

/** A simulated machine. Pure but for its own state: time is passed in, randomness comes from its seed. */
export interface Machine {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly firmware: string;
  readonly units: readonly string[];
  /** The wears that it knows. */
  readonly mechanisms: readonly string[];
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
}
