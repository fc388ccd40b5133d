import { NO_BAND, type NormalBand } from './normal.ts';
import type { MarkState } from './palette.ts';

/** What is drawn into a plot beside its signal. Times in Unix ms, values in the metric's unit. */
export interface Marks {
  /** Where it would have been expected: a hatched band. */
  readonly expected: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly low: number;
    readonly high: number;
  }[];
  /** Where normal readings lie, all along: drawn in the place of `expected`, which findings alone tell. */
  readonly normal: NormalBand;
  /** Anomalous stretches, underlined on the axis. */
  readonly anomalies: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly state: MarkState;
  }[];
  readonly crossing: Crossing | null;
  readonly flags: readonly Flag[];
}

/** The way to a limit: from where it stood, to when it is expected to meet it. */
export interface Crossing {
  readonly fromMs: number;
  readonly fromValue: number;
  readonly limit: number;
  readonly atMs: number;
  readonly earliestMs: number;
  readonly latestMs: number | null;
  readonly state: MarkState;
  readonly limitLabel: string;
}

export interface Flag {
  readonly id: string;
  readonly atMs: number;
  readonly kind: 'ticket' | 'fault' | 'alert' | 'repair';
  readonly state: MarkState;
  /** What it says when pointed at or read out. */
  readonly label: string;
  readonly open: () => void;
}

export const NO_MARKS: Marks = { expected: [], normal: NO_BAND, anomalies: [], crossing: null, flags: [] };

/** The range of values that the plot must show so that its marks in the view can be seen. */
export const markRange = (marks: Marks, fromMs: number, toMs: number): readonly number[] => {
  const values: number[] = [];
  for (const band of marks.expected)
    if (band.toMs >= fromMs && band.fromMs <= toMs) values.push(band.low, band.high);
  const { ts, low, high } = marks.normal;
  for (let i = 0; i < ts.length; i++)
    if (ts[i]! >= fromMs && ts[i]! <= toMs && low[i] != null && high[i] != null)
      values.push(low[i] as number, high[i] as number);
  const { crossing } = marks;
  if (crossing && crossing.fromMs <= toMs && crossing.earliestMs <= toMs) values.push(crossing.limit);
  return values.filter(Number.isFinite);
};
