import { poisson } from '../../random/draw.ts';
import type { Random } from '../../random/stream.ts';

/** A wire rope under bending fatigue: wires break by chance, ever more of them, and the rope gets thinner. */
export interface RopeState {
  /** Visible broken wires on the reference length, as one counts them at the service. */
  readonly brokenWires: number;
  /** % of the nominal diameter. */
  readonly diameterPct: number;
  /** 0 sound … 1: the strand lets go. */
  readonly progress: number;
  readonly rate: number;
}

/** When the rope is at its end; ropes are discarded well before (ISO 4309; the maker's limit counts). */
const WIRES_AT_END = 24;
const THINNER_AT_END_PCT = 9;
/** How much faster wires break at the end than at the beginning: e^3. */
const GROWTH = 3;

export const freshRope = (brokenWires = 0, diameterPct = 100): RopeState => ({
  brokenWires,
  diameterPct,
  progress: 0,
  rate: 0,
});

export const fatiguedRope = (rope: RopeState, lifeCycles: number): RopeState => ({
  ...rope,
  rate: 1 / lifeCycles,
});

/** Wires that break, on average, between two points of the life. */
const expectedWires = (from: number, to: number): number =>
  (WIRES_AT_END * (Math.exp(GROWTH * to) - Math.exp(GROWTH * from))) / (Math.exp(GROWTH) - 1);

export const afterBending = (rope: RopeState, stress: number, random: Random): RopeState => {
  if (rope.rate === 0) return rope;
  const progress = Math.min(1, rope.progress + rope.rate * stress);
  const added = progress - rope.progress;
  return {
    ...rope,
    progress,
    brokenWires: rope.brokenWires + poisson(random, expectedWires(rope.progress, progress)),
    diameterPct: rope.diameterPct - THINNER_AT_END_PCT * added,
  };
};
