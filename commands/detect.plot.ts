import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
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

const SCRIPT = `
const seconds = data.ts, sync = uPlot.sync('precall'), width = () => document.body.clientWidth - 32;
const bands = (u) => {
  const { ctx, bbox } = u; ctx.save(); ctx.fillStyle = 'rgba(214,69,65,.18)';
  for (const [from, to] of data.alerts) {
    const left = u.valToPos(from, 'x', true), right = Math.max(left + 2, u.valToPos(to, 'x', true));
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
};
const plots = [];
const draw = (title, height, series, values, scale) => plots.push(new uPlot({
  title, width: width(), height, cursor: { sync: { key: sync.key } }, scales: { x: { time: true }, y: scale },
  series: [{}, ...series], hooks: { drawClear: [bands] },
  bands: values.length > 1 ? [{ series: [2, 1], fill: 'rgba(38,109,190,.25)' }] : [],
}, [seconds, ...values], document.body));
const line = (label, stroke) => ({ label, stroke, width: 1, points: { show: false } });
for (const { name, low, high } of data.columns)
  if (high === null) draw(name, 220, [line(name, '#266dbe')], [low], {});
  else draw(name, 220, [line('lowest', '#266dbe'), line('highest', '#266dbe')], [low, high], {});
draw('anomaly_score', 160, [line('score', '#8a5a00')], [data.score], { range: [0, 1] });
addEventListener('resize', () => plots.forEach((plot) => plot.setSize({ width: width(), height: plot.height })));
`;

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

/** A name of a column may hold anything: as JSON inside a script it must not end it. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
const text = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

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
  const from = createRequire(import.meta.url);
  const script = await readFile(from.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  const style = await readFile(from.resolve('uplot/dist/uPlot.min.css'), 'utf8');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${text(title)}</title>
<style>${style} body { font: 14px system-ui, sans-serif; margin: 16px; }</style></head>
<body><h1>${text(title)}</h1>
<p>Red: an alert. ${data.alerts.length} of them in ${stretches.length} points.</p>
<script>${script}</script>
<script>const data = ${json(data)};${SCRIPT}</script>
</body></html>
`;
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
