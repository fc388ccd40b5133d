import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** What a page draws: columns of one length. */
export interface PageData {
  /** Seconds, ascending. */
  readonly ts: readonly number[];
  /** `high` null: each point is one row, whose value is `low`. */
  readonly columns: readonly {
    readonly name: string;
    readonly low: readonly (number | null)[];
    readonly high: readonly (number | null)[] | null;
  }[];
  readonly score: readonly number[];
  /** From and to, in seconds. */
  readonly alerts: readonly (readonly [number, number])[];
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b2126; --quiet: #5b6770; --page: #f5f7f8; --panel: #fff; --edge: #dde3e6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8edef; --quiet: #9aa7af; --page: #101418; --panel: #171c21; --edge: #2a3238; }
}
body { margin: 0; padding: 16px; background: var(--page); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
main { max-width: 1400px; margin: 0 auto; }
h1 { font-size: 20px; margin: 0 0 4px; overflow-wrap: anywhere; }
p { margin: 0 0 16px; color: var(--quiet); }
section { background: var(--panel); border: 1px solid var(--edge); border-radius: 8px; padding: 12px; margin-bottom: 12px; }
h2 { font-size: 14px; margin: 0 0 4px; overflow-wrap: anywhere; }
.u-legend { color: var(--quiet); text-align: left; }
`;

/** Runs in the page: `data` and uPlot are there. Score first, then the series, under one cursor and one zoom. */
const SCRIPT = `
const dark = matchMedia('(prefers-color-scheme: dark)').matches;
const ink = dark ? '#dfe6e9' : '#1b2126', amber = dark ? '#f0a63c' : '#b35c00';
const axis = { stroke: dark ? '#9aa7af' : '#5b6770', grid: { stroke: dark ? '#2a3238' : '#e6ebee', width: 1 }, ticks: { show: false } };
const two = (n) => String(n).padStart(2, '0');

const clock = (s) => { const d = new Date(s * 1000); const day = two(d.getMonth() + 1) + '-' + two(d.getDate()); const time = two(d.getHours()) + ':' + two(d.getMinutes()); return [day, time, two(d.getSeconds())]; };
const ticks = (u, splits) => { const near = u.scales.x.max - u.scales.x.min; return splits.map((s) => { const [day, time, sec] = clock(s); return near > 172800 ? day : near > 600 ? time : time + ':' + sec; }); };
const shade = (u) => {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = dark ? 'rgba(240,150,40,.26)' : 'rgba(216,120,10,.2)';
  for (const [from, to] of data.alerts) {
    const left = Math.max(bbox.left, u.valToPos(from, 'x', true));
    const right = Math.min(bbox.left + bbox.width, Math.max(left + 2, u.valToPos(to, 'x', true)));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
};
const plots = [];
let following = false;
const follow = (u, key) => {
  if (key !== 'x' || following) return;
  following = true;
  for (const [other] of plots) if (other !== u) other.setScale('x', { min: u.scales.x.min, max: u.scales.x.max });
  following = false;
};
const draw = (title, height, series, values, y) => {
  const section = document.createElement('section');
  const head = document.createElement('h2');
  head.textContent = title;
  section.append(head);
  document.querySelector('main').append(section);
  const plot = new uPlot({
    width: section.clientWidth - 24, height, scales: { y },
    series: [{ label: 'time', value: (u, s) => s == null ? '' : new Date(s * 1000).getFullYear() + '-' + clock(s)[0] + ' ' + clock(s)[1] + ':' + clock(s)[2] }, ...series],
    bands: values.length > 1 ? [{ series: [2, 1], fill: dark ? 'rgba(150,165,175,.3)' : 'rgba(90,105,115,.22)' }] : [],
    axes: [{ ...axis, values: ticks }, { ...axis, size: 64 }],
    cursor: { sync: { key: 'precall' }, drag: { x: true, y: false } },
    hooks: { drawClear: [shade], setScale: [follow] },
  }, [data.ts, ...values], section);
  plots.push([plot, section]);
};
const line = (label, stroke) => ({ label, stroke, width: 1.25, points: { show: false } });
draw('anomaly_score', 140, [line('score', amber)], [data.score], { range: [0, 1] });
const height = data.columns.length > 4 ? 140 : 220;
for (const { name, low, high } of data.columns)
  if (high === null) draw(name, height, [line('value', ink)], [low], {});
  else draw(name, height, [line('lowest', ink), line('highest', ink)], [low, high], {});
addEventListener('resize', () => { for (const [plot, section] of plots) plot.setSize({ width: section.clientWidth - 24, height: plot.height }); });
`;

/** A name of a column may hold anything: as JSON inside a script it must not end it. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
const text = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A page that needs nothing beside it: the plotting library stands in it. Drag zooms, a double click shows all. */
export const detectPage = async (title: string, data: PageData): Promise<string> => {
  const from = createRequire(import.meta.url);
  const script = await readFile(from.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
  const style = await readFile(from.resolve('uplot/dist/uPlot.min.css'), 'utf8');
  const alerts = data.alerts.length === 1 ? '1 alert' : `${data.alerts.length} alerts`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${style}${STYLE}</style></head>
<body><main><h1>${text(title)}</h1>
<p>${alerts} (shaded) in ${data.ts.length} points. Times in your zone. Drag to zoom, double click for all.</p></main>
<script>${script}</script>
<script>const data = ${json(data)};${SCRIPT}</script>
</body></html>
`;
};
