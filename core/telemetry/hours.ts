export const HOUR_MS = 3_600_000;

/** Start of the full hour (UTC) that holds an instant, Unix ms. */
export const hourOf = (tsMs: number): number => Math.floor(tsMs / HOUR_MS) * HOUR_MS;

/** What one metric showed in an hour. */
export interface Hourly {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly count: number;
}

/** The parts of an hourly value, in the order in which stores ask for them. */
export const HOURLY_PARTS = ['min', 'max', 'mean', 'count'] as const satisfies readonly (keyof Hourly)[];

/** As stores name them: no metric's name has a dot. */
export const hourlyName = (metric: string, part: keyof Hourly): string => `${metric}.${part}`;

/** Hours side by side are computed in one go. */
export interface HourRun {
  readonly fromMs: number;
  readonly toMs: number;
}

const LONGEST_MS = 168 * HOUR_MS;

/** Full hours, in any order, as runs of at most a week. */
export const hourRuns = (hours: readonly number[]): readonly HourRun[] => {
  const runs: { fromMs: number; toMs: number }[] = [];
  for (const hourMs of [...new Set(hours.map(hourOf))].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run?.toMs === hourMs && run.toMs - run.fromMs < LONGEST_MS) run.toMs += HOUR_MS;
    else runs.push({ fromMs: hourMs, toMs: hourMs + HOUR_MS });
  }
  return runs;
};
