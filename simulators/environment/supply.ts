import type { LocalTime } from '../calendar/local.ts';
import { uniform } from '../random/draw.ts';
import { slowNoise } from '../random/slow.ts';
import { stream } from '../random/stream.ts';

/** A time in which the mains are low: a feeder at its limit on a hot evening, a fault far away. */
export interface Sag {
  readonly fromMs: number;
  readonly toMs: number;
  /** What is left of the voltage, 0 … 1. */
  readonly share: number;
}

/** The mains of a feeder as a share of their nominal voltage. */
export interface Supply {
  at(tsMs: number, time: LocalTime): number;
  sag(sag: Sag): void;
}

/** Standard deviation of the wandering, and what the evening takes. */
const WANDER = 0.006;
const EVENING = 0.012;
const WANDER_MS = 20 * 60_000;
const MOST_SAGS = 1_000;

export const createSupply = (seed: number, feeder: string): Supply => {
  const level = uniform(stream(seed, `feeder/${feeder}`), 1, 1.012);
  const wander = slowNoise(seed, `feeder/${feeder}/wander`, WANDER_MS);
  const sags: Sag[] = [];
  return {
    at: (tsMs, { hour }) => {
      const evening = Math.max(0, Math.cos(((hour - 20) / 8) * Math.PI));
      let share = level - (hour > 16 ? EVENING * evening : 0);
      share += WANDER * Math.max(-2, Math.min(2, wander(tsMs)));
      for (const sag of sags) if (tsMs >= sag.fromMs && tsMs < sag.toMs) share *= sag.share;
      return share;
    },
    sag: (sag) => {
      sags.push(sag);
      if (sags.length > MOST_SAGS) sags.shift();
    },
  };
};
