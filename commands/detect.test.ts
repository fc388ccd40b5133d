import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { normal, uniform } from '../core/detect/testing/play.ts';
import { type DetectOptions, detectFile } from './detect.ts';
import type { Failure } from './failure.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precall-detect-'));
});
afterAll(() => rm(folder, { recursive: true }));

const collect = async (file: string, options: DetectOptions = {}): Promise<string> => {
  const chunks: Buffer[] = [];
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  await detectFile(file, out, options);
  return Buffer.concat(chunks).toString();
};
const save = async (name: string, text: string | Buffer): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};
const failure = async (text: string | Buffer, options: DetectOptions = {}, name = 'bad.csv') => {
  const error = await collect(await save(name, text), options).then(
    () => null,
    (cause: Failure) => cause,
  );
  expect(error?.message.split('\n')).toHaveLength(1);
  return `${error?.exitCode} ${error?.message.replace(folder, '')}`;
};

const rows = (n: number): string[] => {
  const random = uniform(4);
  return Array.from({ length: n }, (_, i) => {
    const at = new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString();
    return `${at},${(normal(random) + (i > 550 ? 9 : 0)).toFixed(4)},x`;
  });
};

test('a row out for each row in, as they came, with repeated times, holes and quotes kept', async () => {
  const file = await save(
    'holes.csv',
    '\uFEFFwhen,a,"b, c"\r\n2026-01-01 00:00:00,1,\r\n2026-01-01 00:00:00,NaN,"x ""y"""\r\n2025-01-01 00:00:00,,2\r\n',
  );
  expect(await collect(file)).toBe(
    [
      'when,a,"b, c",anomaly_score,alert',
      '2026-01-01 00:00:00,1,,0.000000000,0',
      '2026-01-01 00:00:00,NaN,"x ""y""",0.000000000,0',
      '2025-01-01 00:00:00,,2,0.000000000,0',
      '',
    ].join('\n'),
  );
});

test('causal to the row; gzip is the same; a warm-up scores 0', async () => {
  const text = (n: number) => `ts,a,label\n${rows(n).join('\n')}\n`;
  const options = { ignore: ['label'] };
  const whole = (await collect(await save('whole.csv', text(600)), options)).split('\n');
  const cut = (await collect(await save('cut.csv', text(555)), options)).split('\n');
  expect(cut.slice(0, 556)).toEqual(whole.slice(0, 556));
  expect(whole[0]).toBe('ts,a,anomaly_score,alert');
  const gz = await collect(await save('whole.csv.gz', gzipSync(text(600))), options);
  expect(gz.split('\n')).toEqual(whole);
  const warm = (await collect(join(folder, 'whole.csv'), { ...options, warmup: 300 })).split('\n');
  expect(warm.slice(1, 301).every((line) => line.endsWith(',0.000000000,0'))).toBe(true);
  expect(warm.slice(565, 601).every((line) => line.endsWith(',1'))).toBe(true);
});

test('the time column is found, or named', async () => {
  const file = await save('time.csv', 'a,t\n1,1767225600000\n2,1767225601000\n');
  expect((await collect(file)).split('\n')[0]).toBe('t,a,anomaly_score,alert');
  const two = await save('two.csv', 't1,t2,a\n2026-01-01,2026-01-02T00:00:00Z,1\n');
  expect((await collect(two, { time: 't2', ignore: ['t1'] })).split('\n')[1]).toMatch(
    /^2026-01-02T00:00:00Z,1,/,
  );
});

test('what is wrong is said in one line, with the mend, and the right exit code', async () => {
  expect(await failure('')).toBe('1 /bad.csv: the file is empty; it needs a header line and rows');
  expect(await failure('t,a\n')).toBe('1 /bad.csv: the file has a header line but no rows');
  expect(await failure('t,a\n1,2\n')).toMatch(/^1 .*line 2: no column holds a time.*--time/);
  expect(await failure('t,a\n2026-01-01,2\nsoon,3\n')).toMatch(/^1 .*line 3: "soon" is not a time/);
  expect(await failure('t,a\n2026-01-01,x\n')).toMatch(/^1 .*no cell of the value columns is a number/);
  expect(await failure('t,a\n2026-01-01,2\n', { time: 'u' })).toMatch(/^2 .*--time u: no such column.*t, a/);
  expect(await failure('t,a\n2026-01-01,2\n', { ignore: ['a'] })).toMatch(/^2 .*no column with values/);
  expect(await failure('t,alert\n2026-01-01,2\n')).toMatch(/^2 .*--ignore alert/);
  expect(await failure(gzipSync('t,a\n2026-01-01,2\n').subarray(0, 20), {}, 'bad.csv.gz')).toMatch(
    /^1 .*gzip/,
  );
  const missing = await collect(join(folder, 'none.csv')).catch((cause: Failure) => cause);
  expect((missing as Failure).message).toMatch(/none\.csv: not found; check the path/);
  const folderError = await collect(folder).catch((cause: Failure) => cause);
  expect((folderError as Failure).message).toMatch(/is a folder/);
});
