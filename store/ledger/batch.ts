/** Rows per statement: few round trips, and well below the limit of parameters of either database. */
export const BATCH_ROWS = 200;

export const batches = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / BATCH_ROWS) }, (_, at) =>
    items.slice(at * BATCH_ROWS, (at + 1) * BATCH_ROWS),
  );
