import { normal } from './draw.ts';
import { stream } from './stream.ts';

/** Noise that wanders: a function of time alone, so that it does not matter in which steps time is asked for. */
export type SlowNoise = (tsMs: number) => number;

/**
 * Normal draws at knots `knotMs` apart, joined by half a cosine. Mean 0, standard deviation 1 at the knots and
 * some less between.
 */
export const slowNoise = (seed: number, name: string, knotMs: number): SlowNoise => {
  const knot = (index: number): number => normal(stream(seed, `${name}/${index}`), 0, 1);
  let at = Number.NaN;
  let from = 0;
  let to = 0;
  return (tsMs) => {
    const index = Math.floor(tsMs / knotMs);
    if (index !== at) {
      from = index === at + 1 ? to : knot(index);
      to = knot(index + 1);
      at = index;
    }
    const share = 0.5 - 0.5 * Math.cos(Math.PI * (tsMs / knotMs - index));
    return from + (to - from) * share;
  };
};

/** What was drawn for each day, drawn when it is first asked for and kept for the newest 32 days. */
export interface PerDay<T> {
  of(day: number): T;
  /** What the draws depend on has changed. */
  forget(): void;
}

export const perDay = <T>(draw: (day: number) => T): PerDay<T> => {
  const drawn = new Map<number, T>();
  return {
    of: (day) => {
      let value = drawn.get(day);
      if (value === undefined) {
        value = draw(day);
        drawn.set(day, value);
        for (const oldest of drawn.keys()) {
          if (drawn.size <= 32) break;
          drawn.delete(oldest);
        }
      }
      return value;
    },
    forget: () => drawn.clear(),
  };
};
