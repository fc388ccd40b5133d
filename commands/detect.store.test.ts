import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteTelemetry, openSqliteTelemetryForReading } from '../store/sqlite/telemetry.ts';
import { reading } from '../store/telemetry.suite.ts';
import type { TelemetryStore } from '../store/telemetry.ts';
import { instantOption, storedTable } from './detect.store.ts';
import { detectFile, detectTable } from './detect.ts';

const T0 = 1_767_225_600_000;
const MINUTE = 60_000;
let folder: string;
let store: TelemetryStore;

const value = (i: number): number => Math.round(1_000 * (9 + Math.sin(i / 7) + (i > 5_500 ? 3 : 0))) / 1_000;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precall-stored-'));
  store = await openSqliteTelemetry({ path: join(folder, 'telemetry.db') });
  await store.write(
    Array.from({ length: 6_000 }, (_, i) =>
      reading(
        'g1',
        T0 + i * MINUTE,
        { hoistCurrentA: value(i), ...(i % 2 === 0 ? { vibrationMmS: i / 100 } : {}) },
        { unit: 'bay1' },
      ),
    ),
  );
  await store.write([
    reading('g1', T0, { hoistCurrentA: 1 }, { unit: 'bay2' }),
    reading('g1', T0, { lightLux: 5 }, { unit: 'bay2' }),
  ]);
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const sink = () => {
  const chunks: Buffer[] = [];
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { out, text: () => Buffer.concat(chunks).toString() };
};

const detected = async (range: Parameters<typeof storedTable>[1]): Promise<string> => {
  const { out, text } = sink();
  await detectTable(storedTable(store, range), out, { time: 'ts' });
  return text();
};
const failure = (range: Parameters<typeof storedTable>[1]): Promise<string> =>
  detected(range).then(
    () => 'none',
    (error: Error) => error.message,
  );

test('a series of the store is judged as the same rows of a file are', async () => {
  const path = join(folder, 'same.csv');
  const lines = Array.from(
    { length: 6_000 },
    (_, i) => `${new Date(T0 + i * MINUTE).toISOString()},${value(i)}`,
  );
  await writeFile(path, `ts,hoistCurrentA\n${lines.join('\n')}\n`);
  const { out, text } = sink();
  await detectFile(path, out, { time: 'ts' });
  expect(await detected({ equipment: 'g1', unit: 'bay1', metrics: ['hoistCurrentA'] })).toBe(text());
});

test('a range, and metrics side by side with holes where one is missing', async () => {
  const range = { equipment: 'g1', fromMs: T0 + 10 * MINUTE, toMs: T0 + 14 * MINUTE };
  const text = await detected({ ...range, metrics: ['vibrationMmS', 'hoistCurrentA'] });
  const rows = text.trim().split('\n');
  expect(rows[0]).toBe('ts,vibrationMmS,hoistCurrentA,anomaly_score,alert');
  expect(rows.slice(1).map((row) => row.split(',').slice(0, 3).join())).toEqual(
    [10, 11, 12, 13].map(
      (i) => `${new Date(T0 + i * MINUTE).toISOString()},${i % 2 === 0 ? i / 100 : ''},${value(i)}`,
    ),
  );
});

test('what the store does not have is named, with what it has', async () => {
  expect(await failure({ equipment: 'g9', metrics: ['a'] })).toMatch(/--equipment g9.*no readings/);
  expect(await failure({ equipment: 'g1', metrics: ['hoistCurrentA'] })).toMatch(
    /--unit: name one of bay1, bay2/,
  );
  expect(await failure({ equipment: 'g1', metrics: ['oilTempC'] })).toMatch(
    /oilTempC.*hoistCurrentA, lightLux, vibrationMmS/,
  );
  expect(await failure({ equipment: 'g1', unit: 'bay7', metrics: ['a'] })).toMatch(/--unit bay7.*bay1, bay2/);
  const none = { equipment: 'g1', unit: 'bay1', metrics: ['hoistCurrentA'], fromMs: 0, toMs: 5 };
  expect(await failure(none)).toMatch(/no readings of g1 in that time/);
  expect(() => instantOption('yesterday')).toThrow(/ISO 8601/);
  await expect(openSqliteTelemetryForReading({ path: join(folder, 'none.db') })).rejects.toThrow(
    /no telemetry yet; set PRECALL_DATA/,
  );
});

test('another process may be writing it', async () => {
  const reader = await openSqliteTelemetryForReading({ path: join(folder, 'telemetry.db') });
  await store.write([reading('g2', T0, { a: 1 })]);
  expect(await reader.list('g2')).toHaveLength(1);
  await reader.close();
});
