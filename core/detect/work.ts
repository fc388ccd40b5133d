import type { Catalogue } from '../fault/catalogue.ts';
import type { Reading } from '../telemetry/reading.ts';
import { moves } from './run.ts';
import type { SeriesState } from './series.ts';

/** What one reading shows of its unit's work, before its values are taken. */
export interface Work {
  /** A cycle counter went on; null where the reading has none. */
  readonly counted: boolean | null;
  /** Measured values in the reading, and those that differ from the ones before. */
  readonly measured: number;
  readonly moved: number;
}

export const workOf = (
  catalogue: Catalogue,
  known: ReadonlyMap<string, SeriesState> | undefined,
  { values }: Reading,
): Work => {
  let counted: boolean | null = null;
  let measured = 0;
  let moved = 0;
  for (const metric in values) {
    const signal = catalogue.signals.get(metric);
    if (signal?.state) continue;
    const run = known?.get(metric)?.run;
    const hasMoved = run ? moves(run, values[metric] as number) : false;
    if (signal?.counter) {
      counted = counted === true || hasMoved;
      continue;
    }
    measured += 1;
    if (hasMoved) moved += 1;
  }
  return { counted, measured, moved };
};

/** Whether a third of the other values moved; a single wandering one may be the weather. */
export const othersMove = (work: Work, isMeasured: boolean, hasMoved: boolean): boolean => {
  const others = work.measured - (isMeasured ? 1 : 0);
  const moved = work.moved - (isMeasured && hasMoved ? 1 : 0);
  return moved >= Math.max(1, others / 3);
};
