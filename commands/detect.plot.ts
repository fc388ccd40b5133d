import { writeFile } from 'node:fs/promises';
import { detectPage } from './detect.page.ts';
import { Failure } from './failure.ts';

/** One judged row, as a plot needs it. */
export interface Judged {
  readonly tsMs: number;
  readonly values: readonly (number | null)[];
  readonly score: number;
  readonly alert: boolean;
}

export interface Plot {
  /** Takes a row; its names are those of the value columns. */
  add(names: readonly string[], row: Judged): void;
  /** Writes the page. */
  save(): Promise<void>;
}

/** Points that a plot draws: a longer history is drawn by stretches, each with its lowest, highest, top score. */
const MAX_POINTS = 8_000;

/** A stretch of rows: of every column the lowest and the highest, and whether there was an alert in it. */
interface Stretch {
  tsMs: number;
  readonly low: (number | null)[];
  readonly high: (number | null)[];
  score: number;
  alert: boolean;
}

const least = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
const most = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

const join = (one: Stretch, two: Stretch): Stretch => ({
  tsMs: one.tsMs,
  low: one.low.map((value, i) => least(value, two.low[i] ?? null)),
  high: one.high.map((value, i) => most(value, two.high[i] ?? null)),
  score: Math.max(one.score, two.score),
  alert: one.alert || two.alert,
});

/** Keeps at most `MAX_POINTS` stretches of the same number of rows, however long the history. */
export const newStretches = (maxPoints = MAX_POINTS) => {
  let stretches: Stretch[] = [];
  let rowsEach = 1;
  let rows = 0;
  const add = ({ tsMs, values, score, alert }: Judged): void => {
    const one: Stretch = { tsMs, low: [...values], high: [...values], score, alert };
    if (rows % rowsEach === 0) stretches.push(one);
    else stretches[stretches.length - 1] = join(stretches.at(-1) as Stretch, one);
    rows += 1;
    if (stretches.length < 2 * maxPoints) return;
    stretches = Array.from({ length: maxPoints }, (_, i) =>
      join(stretches[2 * i] as Stretch, stretches[2 * i + 1] as Stretch),
    );
    rowsEach *= 2;
  };
  return { add, all: (): readonly Stretch[] => stretches };
};

/** From and to of each alert, in seconds. */
const alertsOf = (stretches: readonly Stretch[]): readonly (readonly [number, number])[] => {
  const alerts: [number, number][] = [];
  stretches.forEach(({ alert, tsMs }, i) => {
    if (!alert) return;
    if (stretches[i - 1]?.alert) (alerts.at(-1) as [number, number])[1] = tsMs / 1_000;
    else alerts.push([tsMs / 1_000, tsMs / 1_000]);
  });
  return alerts;
};

/** A page that needs nothing beside it: the plotting library stands in it. */
export const plotPage = async (
  title: string,
  names: readonly string[],
  unsorted: readonly Stretch[],
): Promise<string> => {
  // The axis of a plot goes one way; a history may not.
  const stretches = unsorted.toSorted((a, b) => a.tsMs - b.tsMs);
  const isExact = stretches.every(({ low, high }) => low.every((value, i) => value === high[i]));
  const data = {
    ts: stretches.map(({ tsMs }) => tsMs / 1_000),
    columns: names.map((name, i) => ({
      name,
      low: stretches.map(({ low }) => low[i] ?? null),
      high: isExact ? null : stretches.map(({ high }) => high[i] ?? null),
    })),
    score: stretches.map(({ score }) => Number(score.toFixed(4))),
    alerts: alertsOf(stretches),
  };
  return detectPage(title, data);
};

const written = async (path: string, page: string): Promise<void> => {
  try {
    await writeFile(path, page);
  } catch (cause) {
    throw new Failure(`--plot ${path}: ${(cause as Error).message}; name a file that can be written`);
  }
};

/** Collects what is judged for `--plot PATH`. */
export const newPlot = (path: string, title: string): Plot => {
  const stretches = newStretches();
  let columns: readonly string[] = [];
  return {
    add: (names, row) => {
      columns = names;
      stretches.add(row);
    },
    save: async () => written(path, await plotPage(title, columns, stretches.all())),
  };
};
