import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { precall } from './service.ts';

/** `precall detect`: one row out per row in, causal to the row, and errors that name the thing. */
const ROWS = 2_000;
const STEP_AT = 1_500;
let folder: string;

/** A daily wave with some noise and a step near the end; made here, from a small congruential generator. */
const series = (): string[] => {
  let seed = 7;
  const noise = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648 - 0.5;
  };
  return Array.from({ length: ROWS }, (_, row) => {
    const at = new Date(Date.UTC(2026, 0, 1) + row * 300_000).toISOString().replace('T', ' ').slice(0, 19);
    const value = 50 + 5 * Math.sin((2 * Math.PI * row) / 288) + noise() + (row >= STEP_AT ? 25 : 0);
    return `${at},${value.toFixed(3)},${(20 + noise()).toFixed(3)},0`;
  });
};

const write = async (name: string, rows: readonly string[]): Promise<string> => {
  const path = join(folder, name);
  const text = `${['timestamp,a,b,label', ...rows].join('\n')}\n`;
  await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
};

const detect = async (path: string, ...more: string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await precall(['detect', path, '--ignore', 'label', ...more]);
  expect(code, stderr).toBe(0);
  return stdout.trimEnd().split('\n');
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precall-detect-'));
});

test('one row out per row in, in order, with a score and an alert; the step is found', async () => {
  const rows = series();
  const [header, ...out] = await detect(await write('all.csv', rows));
  expect(header).toBe('timestamp,a,b,anomaly_score,alert');
  expect(out).toHaveLength(ROWS);
  const parsed = out.map((line) => line.split(','));
  expect(parsed.map((cells) => cells[0])).toEqual(rows.map((line) => line.split(',')[0]));
  for (const cells of parsed) {
    expect(cells[3]).toMatch(/^[01]\.\d{6,}$/);
    expect(Number(cells[3])).toBeLessThanOrEqual(1);
    expect(['0', '1']).toContain(cells[4]);
  }
  const score = parsed.map((cells) => Number(cells[3]));
  const before = Math.max(...score.slice(600, STEP_AT));
  const after = Math.max(...score.slice(STEP_AT, STEP_AT + 20));
  expect(after).toBeGreaterThan(before);
});

test('cutting the file short changes no earlier row; gzip changes nothing; --warmup scores 0', async () => {
  const rows = series();
  const whole = await detect(await write('whole.csv', rows));
  const cut = await detect(await write('cut.csv', rows.slice(0, STEP_AT + 3)));
  expect(cut).toEqual(whole.slice(0, STEP_AT + 4));
  expect(await detect(await write('whole.csv.gz', rows))).toEqual(whole);
  const warm = await detect(await write('warm.csv', rows), '--warmup', '400');
  expect(warm.slice(1, 401).every((line) => Number(line.split(',')[3]) === 0 && line.endsWith(',0'))).toBe(
    true,
  );
});

test('--out writes the same rows to a file', async () => {
  const path = await write('out.csv', series());
  const rows = await detect(path);
  const out = join(folder, 'scores.csv');
  await precall(['detect', path, '--ignore', 'label', '--out', out]);
  expect((await readFile(out, 'utf8')).trimEnd().split('\n')).toEqual(rows);
});

test('what is wrong is said in one line that names it', async () => {
  const missing = await precall(['detect', join(folder, 'nowhere.csv')]);
  expect(missing.code).toBe(1);
  expect(missing.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(missing.stderr).toContain('nowhere.csv');
  const column = await precall(['detect', await write('c.csv', series()), '--time', 'when']);
  expect(column.code).toBeGreaterThan(0);
  expect(column.stderr).toContain('when');
  expect((await precall(['detect'])).code).toBe(2);
  expect((await precall(['no-such-command'])).code).toBe(2);
});
