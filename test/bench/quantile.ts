/** The smallest value that at least `q` of all are not above; NaN of none. */
export const quantile = (values: readonly number[], q: number): number => {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.min(ascending.length - 1, Math.floor(q * ascending.length))] ?? Number.NaN;
};
