import type { Random } from '../../random/stream.ts';
import type { Effects } from '../effect.ts';
import type { Stress } from '../wear/stress.ts';

/** In which motion of its unit a defect wears and fails; `any`: in both, half a cycle each. */
export type WearsIn = 'up' | 'down' | 'any';

/** A way in which a unit can wear: what moves it, what it does to the signals, what it ends in, what mends it. */
export interface Defect<S> {
  /** The item whose repair ends it. */
  readonly component: string;
  /** The codes that it may end in, likelier ones more often. */
  readonly codes: readonly string[];
  /** A harmless code that comes and goes before the end, more and more often. */
  readonly precursor: string;
  readonly wearsIn: WearsIn;
  /** `aged`: as it is found in a machine that has run for years; else new. */
  fresh(random: Random, aged: boolean): S;
  /** From now on it fails after about `lifeCycles` cycles at rated load. */
  begin(state: S, lifeCycles: number): S;
  /** One cycle, or the given part of one. */
  after(state: S, stress: Stress, part: number, random: Random): S;
  /** How much of its life is used: 0 sound … 1 failed. */
  share(state: S): number;
  affect(state: S, effects: Effects): void;
}

/** A defect whose state is known only to itself. */
export type AnyDefect = Defect<unknown>;

/** Hides what a defect's state is, so that all of them fit one table. */
export const hidden = <S>(defect: Defect<S>): AnyDefect => defect as unknown as AnyDefect;
