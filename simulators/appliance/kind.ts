import type { Hours } from '../calendar/people.ts';
import type { Conditions } from '../environment/surroundings.ts';
import type { Random } from '../random/stream.ts';

/** What surrounds one use of an appliance. */
export interface Use {
  readonly conditions: Conditions;
  /** Mains voltage as a share of nominal. */
  readonly supply: number;
  /** How far a wear has come: 0 sound … 1 failed. */
  readonly worn: (mechanism: string) => number;
  readonly random: Random;
  /** A protection has tripped: what still runs on standby says so, the rest is silent. */
  readonly tripped: boolean;
}

export interface Used {
  /** What a fully instrumented machine says of this use; null: it says nothing. */
  readonly values: Readonly<Record<string, number>> | null;
  /** How much this use wore what it wears: 1 on average. What is not named did not wear. */
  readonly stress: Readonly<Record<string, number>>;
  /** How long it took. */
  readonly durationS: number;
}

/** A wear of an appliance, what it ends in, and how often it comes. */
export interface ApplianceWear {
  /** The items whose repair ends it; the first is the one that is worn. */
  readonly items: readonly [string, ...string[]];
  readonly code: string;
  readonly detail: string;
  /** The harmless code that comes and goes before the end: a retry that succeeds. */
  readonly warning?: string;
  /** Weibull life until the wear begins, in years of use: shape, and the age that 63 % reach. */
  readonly shape: number;
  readonly years: number;
  /** From onset to failure, in uses: from, to. */
  readonly course: readonly [number, number];
}

/** How it is used: by people at their hours, or running by itself every so often. */
export type Rhythm =
  | { readonly kind: 'people'; readonly hours: Hours; readonly typicalS: number }
  | { readonly kind: 'running'; readonly everyMs: readonly [number, number] };

/** One individual of a class of appliance, with its own tolerances. */
export interface Appliance {
  use(use: Use): Used;
}

export interface ApplianceKind {
  readonly firmware: string;
  readonly rhythm: Rhythm;
  readonly wears: Readonly<Record<string, ApplianceWear>>;
  /** What a machine with clamps and timers says, without further sensors. */
  readonly tier2: readonly string[];
  create(build: Random): Appliance;
}
