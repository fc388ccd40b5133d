import uPlot from 'uplot';
import type { SeriesView } from '../../api/contract/schemas.ts';
import { at, DAY_MS, MINUTE_MS } from '../format/time.ts';
import { amount } from '../format/value.ts';
import { drawOver, drawUnder } from './draw.ts';
import { flagLayer } from './flags.ts';
import { gestures } from './gestures.ts';
import { type Marks, markRange } from './marks.ts';
import { palette } from './palette.ts';
import { lonely } from './prepare.ts';
import type { View } from './view.ts';

/** What is under the shared cursor, or null where nothing is. */
export interface UnderCursor {
  readonly atMs: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

export interface PlotInput {
  readonly series: SeriesView;
  readonly view: View;
  readonly marks: Marks;
  readonly nowMs: number;
  readonly zone: string;
  readonly stale: boolean;
}

export interface PlotOptions {
  /** Only the line: no axes, no cursor, no gestures. */
  readonly bare?: boolean;
  readonly syncKey?: string;
  readonly label?: () => string;
  readonly onCursor?: (under: UnderCursor | null) => void;
  readonly onView?: (view: View) => void;
  readonly onReset?: () => void;
}

export interface PlotHandle {
  readonly show: (input: PlotInput) => void;
  readonly redraw: () => void;
  readonly destroy: () => void;
}

const RATIO = (): number => uPlot.pxRatio;

/** Data, with the range of the marks in view, and a little air; a flat line stands in the middle. */
export const valueRange = (
  low: number | null,
  high: number | null,
  marks: readonly number[],
): [number, number] => {
  const all = [...marks];
  if (low !== null) all.push(low);
  if (high !== null) all.push(high);
  if (all.length === 0) return [0, 1];
  const [min, max] = [Math.min(...all), Math.max(...all)];
  const span = max - min;
  const air = span === 0 ? Math.max(Math.abs(max) * 0.1, 0.5) : span * 0.1;
  return [min - air, max + air];
};

const timeLabels =
  (zone: () => string) =>
  (_u: uPlot, splits: number[], _axis: number, _space: number, incrMs: number): string[] => {
    let lastDay = '';
    return splits.map((ms) => {
      const day = at('day', ms, zone());
      if (incrMs >= DAY_MS) return day;
      const time = at(incrMs < MINUTE_MS ? 'second' : 'time', ms, zone());
      // The day stands where it begins.
      const label = /^00:00(:00)?$/.test(time) && day !== lastDay ? day : time;
      lastDay = day;
      return label;
    });
  };

const INCRS = [
  1_000,
  2_000,
  5_000,
  10_000,
  15_000,
  30_000,
  60_000,
  120_000,
  300_000,
  600_000,
  900_000,
  1_800_000,
  3_600_000,
  7_200_000,
  10_800_000,
  21_600_000,
  43_200_000,
  ...[1, 2, 3, 7, 14, 30, 60, 90, 180, 365].map((n) => n * DAY_MS),
];

const axes = (zone: () => string): uPlot.Axis[] => {
  const look = {
    stroke: () => palette().text,
    font: palette().font,
    grid: { stroke: () => palette().grid, width: 1 },
    ticks: { show: false },
  };
  return [
    { ...look, space: 72, size: 26, gap: 6, incrs: INCRS, values: timeLabels(zone) },
    { ...look, space: 32, size: 46, gap: 6, values: (_u, splits) => splits.map(axisFigure) },
  ];
};

/** Splits are round by themselves: as few figures as they need. */
const axisFigure = (value: number): string =>
  Math.abs(value) >= 10_000 ? amount(value) : String(Number(value.toPrecision(6)));

/** Makes a plot in `host` and fills its width. The one place that knows uPlot. */
export const createPlot = (host: HTMLElement, first: PlotInput, options: PlotOptions): PlotHandle => {
  let input = first;
  const bare = options.bare ?? false;
  const quiet = { stroke: 'transparent', width: 0, points: { show: false } } as const;
  const data = (): uPlot.AlignedData => {
    const { ts, min, max, mean } = input.series;
    return [[...ts], [...min], [...max], [...mean]];
  };
  const size = (): { width: number; height: number } => ({
    width: Math.max(40, host.clientWidth),
    height: Math.max(20, host.clientHeight),
  });
  let flags: ReturnType<typeof flagLayer> | null = null;
  const u = new uPlot(
    {
      ...size(),
      ms: 1,
      tzDate: (ts) => zoned(ts, input.zone),
      pxAlign: bare ? 0 : 1,
      padding: bare ? [3, 3, 3, 3] : [8, 20, 0, 0],
      legend: { show: false },
      cursor: {
        show: !bare,
        y: false,
        drag: { x: false, y: false, setScale: false },
        points: { size: 7, stroke: () => palette().line, fill: () => palette().line },
        ...(options.syncKey === undefined ? {} : { sync: { key: options.syncKey, setSeries: false } }),
      },
      scales: {
        x: { time: true, auto: false, range: () => [input.view.fromMs, input.view.toMs] },
        y: {
          range: (_u, low, high) =>
            valueRange(low, high, markRange(input.marks, input.view.fromMs, input.view.toMs)),
        },
      },
      axes: bare ? [{ show: false }, { show: false }] : axes(() => input.zone),
      series: [
        {},
        quiet,
        quiet,
        {
          stroke: () => (input.stale ? palette().faded : palette().line),
          width: 1.5,
          points: {
            show: true,
            size: bare ? 3 : 4,
            width: 0,
            fill: () => (input.stale ? palette().faded : palette().line),
            filter: (self, index) => {
              const [from, to] = self.series[index]?.idxs ?? [0, self.data[0].length - 1];
              return lonely(self.data[index] as readonly (number | null)[], from, to);
            },
          },
        },
      ],
      bands: [{ series: [2, 1], fill: () => palette().band }],
      hooks: {
        drawAxes: bare ? [] : [(self) => drawUnder(self, input.marks, input.nowMs, RATIO())],
        draw: bare
          ? []
          : [
              (self) => {
                drawOver(self, input.marks, RATIO());
                flags?.place(input.marks.flags, (ms) => self.valToPos(ms, 'x'), self.over.clientWidth);
              },
            ],
        setCursor: [
          (self) => {
            const index = self.cursor.idx;
            options.onCursor?.(
              index == null || (self.cursor.left ?? -1) < 0 ? null : under(input.series, index),
            );
          },
        ],
      },
    },
    data(),
    host,
  );
  flags = bare ? null : flagLayer(u.over);
  const stopGestures = bare
    ? () => {}
    : gestures(u.over, {
        view: () => input.view,
        onView: (view) => options.onView?.(view),
        onReset: () => options.onReset?.(),
      });
  if (!bare) {
    u.over.tabIndex = 0;
    u.over.setAttribute('role', 'application');
  }
  const name = (): void => {
    if (options.label) u.over.setAttribute('aria-label', options.label());
  };
  name();
  const resize = new ResizeObserver(() => u.setSize(size()));
  resize.observe(host);
  return {
    show: (next) => {
      const sameData = next.series === input.series;
      const sameZone = next.zone === input.zone;
      input = next;
      if (sameData) u.setScale('x', { min: next.view.fromMs, max: next.view.toMs });
      else u.setData(data());
      // Marks may have changed alone; labels of the axis are kept until told otherwise.
      u.redraw(false, !sameZone);
      name();
    },
    redraw: () => u.redraw(false, true),
    destroy: () => {
      resize.disconnect();
      stopGestures();
      u.destroy();
    },
  };
};

const zoned = (ts: number, zone: string): Date => {
  try {
    return uPlot.tzDate(new Date(ts), zone);
  } catch {
    return new Date(ts);
  }
};

const under = (series: SeriesView, index: number): UnderCursor | null => {
  const mean = series.mean[index];
  const atMs = series.ts[index];
  if (mean == null || atMs === undefined) return null;
  return { atMs, mean, min: series.min[index] ?? mean, max: series.max[index] ?? mean };
};
