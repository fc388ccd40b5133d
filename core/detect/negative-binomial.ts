/**
 * The chance of at least `n` events in `window`, where the rate is not known but for `shape` events seen in
 * `exposure` (a Gamma posterior): a negative binomial. Times in one unit, `shape` and `exposure` positive.
 */
export const chanceOfAtLeast = (n: number, window: number, shape: number, exposure: number): number => {
  const share = window / (exposure + window);
  let term = (1 - share) ** shape;
  let below = 0;
  for (let k = 0; k < n; k++) {
    below += term;
    term *= ((shape + k) / (k + 1)) * share;
  }
  return Math.max(0, 1 - below);
};
