import { type Daily, hasRhythm, newDaily, restOf } from './daily.ts';
import { periodOf } from './period.ts';
import { distanceTo, newPlaces, type Places } from './places.ts';
import { likenessOf, newShape, type Shape, savedShape } from './shape.ts';
import { addTo, newTail, quantileOf, rarity, type Tail } from './tail.ts';

/** What is remembered of one series to say how surprising its next reading is. */
export interface Column {
  n: number;
  readonly places: Places;
  readonly daily: Daily;
  /** The readings from which the length of a turn is learnt, then null. */
  early: number[] | null;
  /** Null until the length of a turn was looked for. */
  shape: Shape | null;
  readonly distance: Tail;
  readonly high: Tail;
  readonly low: Tail;
  byShape: Tail;
  bySize: Tail;
}

/** How surprising a reading is in each respect: minus the logarithm of how rarely it is so, or more. */
export interface Surprise {
  readonly place: number;
  readonly level: number;
  readonly shape: number;
  readonly size: number;
  readonly weights: Weights;
  /** All of them, weighted. */
  readonly total: number;
  /** From the next reading on there is more to be surprised by: what was usual until now is too little. */
  readonly widens: boolean;
}

export interface Weights {
  readonly place: number;
  readonly level: number;
  /** Of shape, and of size. */
  readonly shape: number;
}

/** Readings that each of these needs before it is believed. */
const ENOUGH_PLACES = 100;
const ENOUGH_LEVELS = 50;
/** The length of a turn is looked for in so many readings, then anew in more. */
const LOOKS = [500, 1_000, 2_000] as const;
const LAST_LOOK = 2_000;
/** Less alike than this is no turn, and this length as good as any. */
const LEAST_LIKENESS = 0.15;
const NO_TURN = 64;

export const newColumn = (): Column => ({
  n: 0,
  places: newPlaces(),
  daily: newDaily(),
  early: [],
  shape: null,
  distance: newTail(1),
  high: newTail(2),
  low: newTail(3),
  byShape: newTail(4),
  bySize: newTail(5),
});

/** Looks for the length of a turn in the readings so far, and lives through them again with what it found. */
const look = (column: Column, early: readonly number[]): void => {
  const found = periodOf(early);
  const turn = found && found.likeness > LEAST_LIKENESS ? found.length : NO_TURN;
  const mean = early.reduce((sum, value) => sum + value, 0) / early.length;
  const variance = early.reduce((sum, value) => sum + (value - mean) ** 2, 0) / early.length;
  const shape = newShape(turn, mean, Math.sqrt(variance));
  column.shape = shape;
  column.byShape = newTail(4);
  column.bySize = newTail(5);
  for (const value of early) {
    const { byShape, bySize } = likenessOf(shape, value);
    addTo(column.byShape, byShape);
    addTo(column.bySize, bySize);
  }
};

/** Whether the reading, which is among the early ones, made the turn be looked for anew. */
const looksAnew = (column: Column, value: number): boolean => {
  const { early } = column;
  if (early === null) return false;
  early.push(value);
  if (!LOOKS.some((n) => n === early.length)) return false;
  look(column, early);
  if (early.length >= LAST_LOOK) column.early = null;
  return true;
};

/** 1 where the series does the same again and again, 0 where no part of it is like another. */
const repeats = ({ byShape }: Column): number =>
  Math.max(0, Math.min(1, (0.5 - quantileOf(byShape, 0.5)) / 0.35));

const placeSurprise = (column: Column, value: number): number => {
  const { places, distance, n } = column;
  const figure = distanceTo(places, value, 1 - repeats(column));
  const surprise = n >= ENOUGH_PLACES ? rarity(distance, figure) : 0;
  addTo(distance, figure);
  return surprise;
};

const levelSurprise = ({ daily, high, low, n }: Column, tsMs: number, value: number): number => {
  const rest = restOf(daily, tsMs, value);
  const surprise = n >= ENOUGH_LEVELS ? Math.max(rarity(high, rest), rarity(low, -rest)) : 0;
  addTo(high, rest);
  addTo(low, -rest);
  return surprise;
};

const NOTHING = { shape: 0, size: 0 };

const shapeSurprise = (column: Column, value: number): { readonly shape: number; readonly size: number } => {
  if (looksAnew(column, value) || column.shape === null) return NOTHING;
  const { byShape, bySize } = likenessOf(column.shape, value);
  const surprise = { shape: rarity(column.byShape, byShape), size: rarity(column.bySize, bySize) };
  addTo(column.byShape, byShape);
  addTo(column.bySize, bySize);
  return surprise;
};

/**
 * A series that repeats itself speaks by its shape; one that does not, by its level. Where the time of day
 * explains the level, the level counts in full in any case.
 */
const weightsOf = (column: Column): Weights => {
  const likeness = repeats(column);
  return {
    place: 1 - 0.25 * likeness,
    level: hasRhythm(column.daily) ? 1 : 1 - 0.75 * likeness,
    shape: 0.4 + 0.5 * likeness,
  };
};

/** How surprising `value` is after all before it; then it is learnt. Changes `column`. */
export const surpriseOf = (column: Column, tsMs: number, value: number): Surprise => {
  const place = placeSurprise(column, value);
  const level = levelSurprise(column, tsMs, value);
  const knewShape = column.shape !== null;
  const { shape, size } = shapeSurprise(column, value);
  const weights = weightsOf(column);
  const total = weights.place * place + weights.level * level + weights.shape * (shape + size);
  column.n += 1;
  const widens = !knewShape && column.shape !== null;
  return { place, level, shape, size, weights, total, widens };
};

/** As JSON values. */
export const savedColumn = (column: Column): Column => ({
  ...column,
  shape: column.shape && savedShape(column.shape),
});
