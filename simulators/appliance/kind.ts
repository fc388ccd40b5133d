import type { Random } from '../random/stream.ts';

/** What surrounds an appliance for one step of its life. */
export interface Step {
  readonly ambientC: number;
  /** Wall time of its household, 0 ≤ hour < 24. */
  readonly hour: number;
  /** Whether people would use it if it were theirs to use by the clock; in fast motion they always would. */
  readonly wanted: (perHour: readonly number[]) => boolean;
  /** How far a wear has come: 0 sound … 1 failed. */
  readonly worn: (mechanism: string) => number;
  readonly random: Random;
}

export interface StepResult {
  readonly values: Readonly<Record<string, number>>;
  /**
   * How much this step wore: about 1 on average while it is in use all day. What a machine does seldom (a washing
   * programme) counts for more, so that lives in cycles compare between classes.
   */
  readonly cycles: Readonly<Record<string, number>>;
}

/** A wear of an appliance, and the code that it ends in. */
export interface ApplianceWear {
  /** The items whose repair ends it; the first is the one that is worn. */
  readonly items: readonly [string, ...string[]];
  readonly code: string;
  readonly detail: string;
}

/** One individual of a class of appliance, with its own tolerances. `step` is 5 to 10 minutes of its life. */
export interface Appliance {
  step(step: Step): StepResult;
}

export interface ApplianceKind {
  readonly firmware: string;
  readonly wears: Readonly<Record<string, ApplianceWear>>;
  create(build: Random): Appliance;
}
