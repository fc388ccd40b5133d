/**
 * How rare a figure is among those seen before it: its rank in a bounded past. Needs no model of how the
 * figure is distributed, so figures of different kinds can be added up.
 */
export interface Past {
  /** The newest figures, oldest first, and the same ones ascending. */
  readonly queue: number[];
  readonly ascending: number[];
}

const MAX_PAST = 4_000;

export const newPast = (): Past => ({ queue: [], ascending: [] });

/** How many of the past are less than `figure`. */
const below = (past: Past, figure: number): number => {
  let low = 0;
  let high = past.ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((past.ascending[middle] as number) < figure) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const addToPast = (past: Past, figure: number): void => {
  past.ascending.splice(below(past, figure), 0, figure);
  past.queue.push(figure);
  if (past.queue.length <= MAX_PAST) return;
  const oldest = past.queue.shift() as number;
  past.ascending.splice(below(past, oldest), 1);
};

/** Minus the logarithm of the share of the past that was at least as high: 0 for the common, 8.3 at most. */
export const rarity = (past: Past, figure: number): number => {
  const n = past.ascending.length;
  return -Math.log((n - below(past, figure) + 1) / (n + 1));
};

export const pastQuantile = (past: Past, p: number): number =>
  past.ascending[Math.min(past.ascending.length - 1, Math.floor(past.ascending.length * p))] ?? 0;
