import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Curve } from './detect.curve.ts';

/** What stands in the page: never `</script>`, and no line separator that a script would stumble over. */
const json = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');

const html = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const STYLE = `
:root { color-scheme: light dark; --ink: #1b2126; --quiet: #5b6770; --page: #f5f7f8; --panel: #fff; --edge: #dde3e6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8edef; --quiet: #9aa7af; --page: #101418; --panel: #171c21; --edge: #2a3238; }
}
body { margin: 0; padding: 20px; background: var(--page); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
main { max-width: 1400px; margin: 0 auto; }
h1 { font-size: 20px; margin: 0 0 4px; overflow-wrap: anywhere; }
p { margin: 0 0 16px; color: var(--quiet); }
section { background: var(--panel); border: 1px solid var(--edge); border-radius: 8px; padding: 12px; margin-bottom: 12px; }
h2 { font-size: 14px; margin: 0 0 4px; overflow-wrap: anywhere; }
.u-legend { color: var(--quiet); text-align: left; }
`;

/** Runs in the page. `data` is a Curve; uPlot is there. */
const SCRIPT = `
const data = JSON.parse(document.getElementById('data').textContent);
// A file may go back in time; a plot can't.
let newest = -Infinity;
const ts = data.ts.map((ms) => (newest = Math.max(newest, ms / 1000)));
const dark = matchMedia('(prefers-color-scheme: dark)').matches;
const ink = dark ? '#e8edef' : '#1b2126';
const axis = { stroke: dark ? '#9aa7af' : '#5b6770', grid: { stroke: dark ? '#2a3238' : '#e6ebee', width: 1 }, ticks: { show: false } };
const sync = uPlot.sync('detect');
const alerting = (u) => {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = dark ? 'rgba(240,150,40,.28)' : 'rgba(216,120,10,.22)';
  for (let i = 0; i < ts.length; i++) {
    if (data.alert[i] === 0) continue;
    const left = Math.max(bbox.left, u.valToPos(ts[i], 'x', true));
    const next = ts[i + 1] ?? ts[i];
    const right = Math.min(bbox.left + bbox.width, Math.max(u.valToPos(next, 'x', true), left + devicePixelRatio));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
};
const plots = [];
const draw = (title, series, columns, height, range) => {
  const section = document.createElement('section');
  const head = document.createElement('h2');
  head.textContent = title;
  section.append(head);
  document.querySelector('main').append(section);
  const plot = new uPlot({
    width: section.clientWidth - 24, height,
    series: [{}, ...series],
    bands: series.length === 3 ? [{ series: [3, 2], fill: dark ? 'rgba(150,165,175,.3)' : 'rgba(90,105,115,.22)' }] : [],
    axes: [axis, { ...axis, size: 64 }],
    scales: range ? { y: { range } } : {},
    cursor: { sync: { key: sync.key }, drag: { x: true, y: false } },
    hooks: { drawClear: [alerting], setScale: [follow] },
  }, [ts, ...columns], section);
  plots.push([plot, section]);
};
let following = false;
const follow = (u, key) => {
  if (key !== 'x' || following) return;
  following = true;
  for (const [other] of plots) if (other !== u) other.setScale('x', { min: u.scales.x.min, max: u.scales.x.max });
  following = false;
};
const edge = { width: 0, points: { show: false } };
data.columns.forEach((name, i) => draw(
  name,
  [{ label: 'mean', stroke: ink, width: 1.25, points: { show: false } }, { ...edge, label: 'min' }, { ...edge, label: 'max' }],
  [data.mean[i], data.min[i], data.max[i]], data.columns.length > 4 ? 140 : 220));
draw('anomaly_score', [{ label: 'score', stroke: dark ? '#f0a63c' : '#b35c00', width: 1.25, points: { show: false } }], [data.score], 140, [0, 1]);
addEventListener('resize', () => { for (const [plot, section] of plots) plot.setSize({ width: section.clientWidth - 24, height: plot.height }); });
`;

const uplot = (file: string): string =>
  readFileSync(join(dirname(createRequire(import.meta.url).resolve('uplot')), file), 'utf8');

/** A page that stands by itself: series, score and alerts under one cursor. Drag zooms, a double click shows all. */
export const plotPage = (title: string, curve: Curve): string => {
  const alerts = curve.alert.filter((share, i) => share > 0 && (curve.alert[i - 1] ?? 0) === 0).length;
  const per = curve.rows > curve.ts.length ? `, ${Math.ceil(curve.rows / curve.ts.length)} rows a point` : '';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)} · precall detect</title>
<style>${uplot('uPlot.min.css')}${STYLE}</style>
<main>
<h1>${html(title)}</h1>
<p>${curve.rows} rows, ${alerts} stretches in alert (shaded)${per}. Times in your zone. Drag to zoom, double click for all.</p>
</main>
<script type="application/json" id="data">${json(curve)}</script>
<script>${uplot('uPlot.iife.min.js').replaceAll('</script', '<\\/script')}</script>
<script>${SCRIPT}</script>
</html>
`;
};
