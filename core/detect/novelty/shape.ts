/**
 * Whether the newest turn of a series looks like any stretch of that length before it (the left discord): its
 * distance to the most similar one, by shape alone and with its level and size.
 *
 * Values are kept as whole thousandths of the series' own standard deviation, so that the sums below are exact:
 * a state that was saved and read again goes on as if it had not been.
 */
export interface Shape {
  /** Readings that make one step: a turn has some 24 steps. */
  readonly every: number;
  readonly center: number;
  readonly width: number;
  /** Sum of the readings of the step that is being heard, and how many they are. */
  sum: number;
  n: number;
  /** Steps so far. */
  steps: number;
  /** The newest steps, oldest first, at most `KEPT`, as they were saved; they move to `derived` with the first step. */
  past: readonly number[];
  likeness: Likeness;
  /** What follows from the newest steps, kept because it is dear; not saved. */
  derived: Derived | null;
}

/** Distances to the most similar stretch: 0 for the same again. */
export interface Likeness {
  readonly byShape: number;
  readonly bySize: number;
}

interface Derived {
  /** The newest steps twice, one `RING` apart, so that those before a step always lie before it. */
  readonly step: Float32Array;
  /** Of the window that ends at a step: sum, sum of squares, one over its deviation. As `step`, twice. */
  readonly sum: Float32Array;
  readonly energy: Float32Array;
  readonly inverse: Float32Array;
  /** By lag: the product of the newest window with the one that many steps earlier. Exact: it is never made anew. */
  readonly product: Float64Array;
}

/** Steps in a turn, which is the window that is compared; and how far back it is looked for: 85 turns. */
const WINDOW = 24;
const LAGS = 2_048;
const KEPT = LAGS + WINDOW;
const RING = KEPT + 1;
const UNITS = 1_000;
const MOST = 30 * UNITS;
/** Windows flatter than this (in standard deviations) are flat, and not compared by their noise. */
const FLAT = 0.1 * UNITS;
const NONE: Likeness = { byShape: 0, bySize: 0 };

/** `turn`: readings in one turn. `center`, `width`: about the mean and the standard deviation of the series. */
export const newShape = (turn: number, center: number, width: number): Shape => ({
  every: Math.max(1, Math.round(turn / WINDOW)),
  center,
  width: width > 0 ? width : 1,
  sum: 0,
  n: 0,
  steps: 0,
  past: [],
  likeness: NONE,
  derived: null,
});

const newDerived = (): Derived => ({
  step: new Float32Array(2 * RING),
  sum: new Float32Array(2 * RING),
  energy: new Float32Array(2 * RING),
  inverse: new Float32Array(2 * RING),
  product: new Float64Array(LAGS + 1),
});

const put = (twice: Float32Array, at: number, value: number): void => {
  twice[at - RING] = value;
  twice[at] = value;
};

/** Takes the window's next step into the products of all lags. `known`: steps before this one. */
const multiply = ({ step, product }: Derived, at: number, known: number): void => {
  const value = step[at] as number;
  const furthest = Math.min(known, LAGS);
  const whole = Math.min(furthest, known - WINDOW);
  const left = known >= WINDOW ? (step[at - WINDOW] as number) : 0;
  for (let lag = 1; lag <= whole; lag++)
    product[lag] =
      (product[lag] as number) +
      value * (step[at - lag] as number) -
      left * (step[at - WINDOW - lag] as number);
  // These windows did not begin yet that long ago: nothing leaves them.
  for (let lag = Math.max(1, whole + 1); lag <= furthest; lag++)
    product[lag] = (product[lag] as number) + value * (step[at - lag] as number);
};

const summarise = ({ step, sum, energy, inverse }: Derived, at: number): void => {
  let total = 0;
  let squares = 0;
  for (let i = at - WINDOW + 1; i <= at; i++) {
    const value = step[i] as number;
    total += value;
    squares += value * value;
  }
  const variance = Math.max(0, squares - (total * total) / WINDOW) + WINDOW * FLAT * FLAT;
  put(sum, at, total);
  put(energy, at, squares);
  put(inverse, at, 1 / Math.sqrt(variance));
};

/** Compares the window that ends at `at` with all that do not overlap it. */
const compare = ({ sum, energy, inverse, product }: Derived, at: number, known: number): Likeness => {
  const furthest = Math.min(LAGS, known - WINDOW + 1);
  if (furthest < WINDOW) return NONE;
  const mean = (sum[at] as number) / WINDOW;
  let shape = -1e300;
  let size = 1e300;
  for (let lag = WINDOW; lag <= furthest; lag++) {
    const dot = product[lag] as number;
    const alike = (dot - mean * (sum[at - lag] as number)) * (inverse[at - lag] as number);
    if (alike > shape) shape = alike;
    const apart = (energy[at - lag] as number) - 2 * dot;
    if (apart < size) size = apart;
  }
  const byShape = Math.sqrt(Math.max(0, 1 - shape * (inverse[at] as number)));
  const bySize = Math.sqrt(Math.max(0, (size + (energy[at] as number)) / WINDOW)) / UNITS;
  return { byShape, bySize };
};

/** `number`: of the step, since the series began; `known`: steps before it that are at hand. */
const take = (
  derived: Derived,
  number: number,
  known: number,
  value: number,
  compares: boolean,
): Likeness => {
  const at = (number % RING) + RING;
  put(derived.step, at, value);
  multiply(derived, at, known);
  if (known + 1 < WINDOW) return NONE;
  summarise(derived, at);
  return compares ? compare(derived, at, known) : NONE;
};

/** The same as it was built step by step: sums of whole numbers do not depend on their order. */
const derivedFrom = ({ past, steps }: Shape): Derived => {
  const derived = newDerived();
  past.forEach((value, known) => {
    take(derived, steps - past.length + known, known, value, false);
  });
  return derived;
};

/** Takes one more reading; how like the past the newest turn is, as of the last full step. */
export const likenessOf = (shape: Shape, value: number): Likeness => {
  shape.sum += (value - shape.center) / shape.width;
  shape.n += 1;
  if (shape.n < shape.every) return shape.likeness;
  const mean = (shape.sum / shape.n) * UNITS;
  const step = Math.round(Math.max(-MOST, Math.min(MOST, mean)));
  shape.sum = 0;
  shape.n = 0;
  shape.derived ??= derivedFrom(shape);
  shape.likeness = take(shape.derived, shape.steps, shape.steps, step, true);
  shape.steps += 1;
  shape.past = [];
  return shape.likeness;
};

/** As JSON values. */
export const savedShape = (shape: Shape): Shape => {
  const { derived, steps } = shape;
  if (derived === null) return shape;
  const first = Math.max(0, steps - KEPT);
  const past = Array.from({ length: steps - first }, (_, i) => derived.step[(first + i) % RING] as number);
  return { ...shape, past, derived: null };
};
