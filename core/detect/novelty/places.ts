import { type Chance, draw } from './chance.ts';

/**
 * Where a series is and how it came there: its value against averages over the last few, some ten and some sixty
 * readings, and the slowest of these. Such places are compared with those that the series was at before.
 */
export interface Places extends Chance {
  n: number;
  /** Exponential averages, the fastest first: that over one reading is the value itself. */
  average: number[];
  /** Of each coordinate. */
  mean: number[];
  variance: number[];
  /** Places of the past, one after the other, at most `PLACES`. */
  past: number[];
}

const SPANS = [1, 4, 16, 64] as const;
const SIZE = SPANS.length;
const PLACES = 600;
/** Fewer places than this, and everything is new. */
const ENOUGH = 20;
/** A reading replaces one of the places with at least this chance: what was long ago fades. */
const LEAST_CHANCE = 0.03;
/** Readings over which the width of a coordinate is taken. */
const WIDTH_READINGS = 5_000;

export const newPlaces = (): Places => ({
  seed: 7,
  n: 0,
  average: SPANS.map(() => 0),
  mean: SPANS.map(() => 0),
  variance: SPANS.map(() => 0),
  past: [],
});

const follow = (places: Places, value: number): void => {
  const { average } = places;
  places.n += 1;
  for (let i = 0; i < SIZE; i++) {
    const share = Math.max(1 / places.n, 1 / (SPANS[i] as number));
    average[i] = (average[i] as number) + share * (value - (average[i] as number));
  }
};

/** Each average against the next slower one, and the slowest. */
const placeOf = ({ average }: Places): number[] => {
  const [a, b, c, d] = average as [number, number, number, number];
  return [a - b, b - c, c - d, d];
};

const learnWidth = ({ n, mean, variance }: Places, place: readonly number[]): void => {
  const share = 1 / Math.min(n, WIDTH_READINGS);
  for (let i = 0; i < SIZE; i++) {
    const off = (place[i] as number) - (mean[i] as number);
    mean[i] = (mean[i] as number) + share * off;
    variance[i] = (1 - share) * ((variance[i] as number) + share * off * off);
  }
};

/** Squared distance to the nearest place of the past, in widths of the coordinates; `slow`: what the slowest counts. */
const nearest = ({ past, variance }: Places, place: readonly number[], slow: number): number => {
  const [a, b, c, d] = place as [number, number, number, number];
  const [wa, wb, wc, weight] = variance.map((v) => 1 / (v + 1e-12)) as [number, number, number, number];
  const wd = slow * weight;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < past.length; i += SIZE) {
    const da = a - (past[i] as number);
    const db = b - (past[i + 1] as number);
    const dc = c - (past[i + 2] as number);
    const dd = d - (past[i + 3] as number);
    const distance = da * da * wa + db * db * wb + dc * dc * wc + dd * dd * wd;
    if (distance < best) best = distance;
  }
  return best;
};

const remember = (places: Places, place: readonly number[]): void => {
  const { past, n } = places;
  if (past.length < PLACES * SIZE) past.push(...place);
  else if (draw(places) < Math.max(PLACES / n, LEAST_CHANCE)) {
    const at = Math.floor(draw(places) * PLACES) * SIZE;
    for (let i = 0; i < SIZE; i++) past[at + i] = place[i] as number;
  }
};

/**
 * How far `value` brings the series from where it has been; then it has been there. `slow` (0 to 1) is what its slowest
 * average counts: a level that only wanders says nothing of a series that is known by its turns. Changes `places`.
 */
export const distanceTo = (places: Places, value: number, slow = 1): number => {
  follow(places, value);
  const place = placeOf(places);
  learnWidth(places, place);
  const known = places.past.length > ENOUGH * SIZE;
  const distance = known ? Math.sqrt(nearest(places, place, slow)) : 0;
  remember(places, place);
  return distance;
};
