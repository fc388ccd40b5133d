import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newPlot, newStretches, plotPage } from './detect.plot.ts';
import { fileProgress, progressLine } from './detect.progress.ts';

const row = (i: number, value: number | null, alert = false) => ({
  tsMs: 1_000 * i,
  values: [value],
  score: i === 7 ? 0.9 : 0.1,
  alert,
});

test('a long history is drawn by stretches that keep its extremes, its top score and its alerts', () => {
  const stretches = newStretches(10);
  for (let i = 0; i < 1_000; i++) stretches.add(row(i, i === 501 ? -40 : i === 502 ? null : 1, i === 600));
  const all = stretches.all();
  expect(all.length).toBeLessThan(20);
  expect(Math.min(...all.map(({ low }) => low[0] ?? 0))).toBe(-40);
  expect(Math.max(...all.map(({ high }) => high[0] ?? 0))).toBe(1);
  expect(Math.max(...all.map(({ score }) => score))).toBe(0.9);
  expect(all.filter(({ alert }) => alert)).toHaveLength(1);
  expect(all.map(({ tsMs }) => tsMs)).toEqual(all.map(({ tsMs }) => tsMs).toSorted((a, b) => a - b));
});

test('the page needs nothing beside it, and a name cannot break out of it', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'precall-plot-')), 'out.html');
  const plot = newPlot(path, 'a <b> & c');
  const name = '</script><script>alert(1)</script>';
  for (let i = 0; i < 20; i++) plot.add([name], row(i, i, i > 4 && i < 8));
  await plot.save();
  const page = await readFile(path, 'utf8');
  expect(page).toContain('uPlot=function');
  expect(page).not.toMatch(/(?:src|href)=/);
  expect(page).not.toContain(name);
  expect(page).toContain('a &lt;b> &amp; c');
  expect(page).toContain('"alerts":[[5,7]]');
});

test('a file that cannot be written is named', async () => {
  await expect(newPlot('/no/such/folder/x.html', 'x').save()).rejects.toThrow(/--plot \/no\/such\/folder/);
});

test('times that go back are drawn in order', async () => {
  const stretches = newStretches();
  for (const at of [3, 1, 2]) stretches.add(row(at, at));
  expect(await plotPage('x', ['a'], stretches.all())).toContain('"ts":[1,2,3]');
});

test('progress goes to a terminal only', () => {
  const said: string[] = [];
  const screen = { write: (text: string) => said.push(text) > 0 };
  const quiet = fileProgress(screen as never, 1);
  quiet.row(10, 100);
  quiet.end();
  expect(said).toEqual([]);
  const loud = fileProgress({ ...screen, isTTY: true } as never, 2);
  loud.row(10, 100);
  loud.row(25, 100);
  expect(said.join('')).toContain('[######------------------] 25 % \u00b7 2 rows');
  expect(progressLine(0, 0, 0)).toContain('100 %');
});
