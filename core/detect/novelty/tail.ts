import { type Chance, draw } from './chance.ts';

/**
 * How rare a figure is among all those before it, in bounded room: the greatest ones are kept exactly, of the
 * others an even sample. Needs no model of how the figure is distributed, so that figures of different kinds can
 * be added up.
 */
export interface Tail extends Chance {
  /** Figures seen. */
  n: number;
  /** The greatest of them, ascending. */
  greatest: number[];
  /** An even sample of all, ascending, at most `room`. */
  sample: number[];
  readonly room: number;
}

const GREATEST = 64;
/** After so many figures half of what was seen is forgotten: years later a machine is not what it was. */
const FORGET_AT = 1 << 20;
/** What a figure beyond all before it can add, by how far beyond it is. */
const MOST_BEYOND = 5;

export const newTail = (seed: number, room = 256): Tail => ({ seed, n: 0, greatest: [], sample: [], room });

/** How many of `ascending` are less than `figure`. */
const below = (ascending: readonly number[], figure: number): number => {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < figure) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Puts `figure` in its place in an ascending list; `drop`: the index of the one that leaves, or -1. */
const insert = (ascending: number[], figure: number, drop: number): void => {
  let at = below(ascending, figure);
  if (drop < 0) {
    ascending.splice(at, 0, figure);
    return;
  }
  if (drop < at) {
    at -= 1;
    for (let i = drop; i < at; i++) ascending[i] = ascending[i + 1] as number;
  } else for (let i = drop; i > at; i--) ascending[i] = ascending[i - 1] as number;
  ascending[at] = figure;
};

export const addTo = (tail: Tail, figure: number): void => {
  const { greatest, sample, room } = tail;
  tail.n += 1;
  if (greatest.length < GREATEST) insert(greatest, figure, -1);
  else if (figure > (greatest[0] as number)) insert(greatest, figure, 0);
  if (sample.length < room) insert(sample, figure, -1);
  else if (draw(tail) < room / tail.n) insert(sample, figure, Math.floor(draw(tail) * room));
  if (tail.n < FORGET_AT) return;
  tail.n /= 2;
  tail.greatest = greatest.filter((_, i) => (greatest.length - 1 - i) % 2 === 0);
};

/** The figure that `p` of all are below. 0 while none is known. */
export const quantileOf = ({ sample }: Tail, p: number): number =>
  sample[Math.min(sample.length - 1, Math.floor(sample.length * p))] ?? 0;

/** How far beyond all before it, in widths of the upper half of them. */
const beyond = (tail: Tail, figure: number): number => {
  const most = tail.greatest.at(-1) as number;
  const width = most - quantileOf(tail, 0.5);
  return Math.min(MOST_BEYOND, (figure - most) / (width + 1e-12 * Math.abs(most) + 1e-300));
};

/**
 * Minus the logarithm of the share of the past that was at least as high; more for what is beyond all of it.
 * 0 for the common.
 */
export const rarity = (tail: Tail, figure: number): number => {
  const { n, greatest, sample } = tail;
  if (n === 0) return 0;
  const above = greatest.length - below(greatest, figure);
  if (above < greatest.length || greatest.length < GREATEST)
    return -Math.log((above + 1) / (n + 1)) + (above === 0 ? beyond(tail, figure) : 0);
  const share = (sample.length - below(sample, figure) + 1) / (sample.length + 1);
  return Math.min(-Math.log(share), -Math.log((GREATEST + 1) / (n + 1)));
};
