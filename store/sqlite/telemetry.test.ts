import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SEQ_IDENTITY_MS } from '../../core/telemetry/limits.ts';
import type { Reading } from '../../core/telemetry/reading.ts';
import { readAll, reading, telemetrySuite } from '../telemetry.suite.ts';
import type { TelemetryStore } from '../telemetry.ts';
import { openSqliteTelemetry } from './telemetry.ts';

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'precall-telemetry-'));
const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

telemetrySuite('sqlite', async () => {
  const folder = await newFolder();
  return {
    open: () => openSqliteTelemetry({ path: join(folder, 'telemetry.db') }),
    dispose: () => remove(folder),
  };
});

describe('sqlite telemetry', () => {
  const T0 = 1_767_225_600_000;
  const child = fileURLToPath(new URL('./telemetry.child.ts', import.meta.url));
  let folder: string;
  let path: string;
  let store: TelemetryStore;
  beforeEach(async () => {
    folder = await newFolder();
    path = join(folder, 'deep', 'telemetry.db');
    store = await openSqliteTelemetry({ path });
  });
  afterEach(async () => {
    await store.close();
    await remove(folder);
  });

  const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

  /** Rows per chunk, in order of time. */
  const chunkRows = (): number[] => {
    const db = new DatabaseSync(path, { readOnly: true });
    const rows = db.prepare('SELECT n FROM chunk ORDER BY owner, t0, s0').all();
    db.close();
    return rows.map(({ n }) => Number(n));
  };

  const writeUntilKilled = (from: number, batches: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const writing = spawn(process.execPath, [child, path, String(from)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      writing.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        if (output.split('\n').length > batches) writing.kill('SIGKILL');
      });
      writing.stderr.setEncoding('utf8').on('data', reject);
      writing.on('close', () => resolve(Number(output.split('\n').at(-2))));
    });

  it('has every written reading once after SIGKILL and a replay, twice over', async () => {
    await store.close();
    const first = await writeUntilKilled(0, 30);
    const last = await writeUntilKilled(first - 200, 30);
    store = await openSqliteTelemetry({ path });
    const rows = (
      await Promise.all([0, 1, 2].map((i) => readAll(store, { equipment: `garage-${i}` })))
    ).flat();
    const numbers = rows.map(({ values }) => values.n!).sort((a, b) => a - b);
    expect(numbers.length).toBeGreaterThan(last);
    expect(numbers).toEqual(range(numbers.length));
    expect((await store.stats()).points).toBe(2 * numbers.length);
  });

  it('gathers a trickle of single readings into full chunks, and a bulk at once', async () => {
    const rows = range(1_100).map((i) => reading('slow', T0 + i * 1_000, { a: i }, { seq: i }));
    for (const row of rows) await store.write([row]);
    const trickled = chunkRows();
    expect(trickled.length).toBeLessThanOrEqual(4);
    expect(Math.max(...trickled)).toBeLessThanOrEqual(512);
    expect(await readAll(store, { equipment: 'slow' })).toEqual(rows);
    await store.expire({ rawMs: T0 * 2, hourlyMs: 0 });
    await store.write(rows);
    expect(chunkRows()).toEqual([512, 512, 76]);
  });

  it('gathers what arrives from the newest to the oldest, or scattered', async () => {
    const rows = range(600).map((i) => reading('odd', T0 + i * 1_000, { a: i }));
    for (const row of [...rows].reverse()) await store.write([row]);
    expect(chunkRows().length).toBeLessThan(30);
    const scattered = range(600).map((i) => reading('odd', T0 + ((i * 367) % 600) * 1_000 + 500, { a: i }));
    for (let i = 0; i < 600; i += 10) await store.write(scattered.slice(i, i + 10));
    expect(Math.max(...chunkRows())).toBeLessThanOrEqual(512);
    const all = await readAll(store, { equipment: 'odd' });
    expect(all).toEqual([...rows, ...scattered].sort((a, b) => a.tsMs - b.tsMs));
  });

  it('takes a clock that stands still: the number alone tells the readings apart', async () => {
    const rows = range(70 * 512).map((i) => reading('stuck', T0, { a: i % 100 }, { seq: i }));
    await store.write(rows);
    expect(Math.max(...chunkRows())).toBeLessThanOrEqual(512);
    const last = reading('stuck', T0, { a: 1 }, { seq: rows.length });
    expect(await store.write([last, rows[3]!, rows[20_000]!])).toEqual({ stored: 1, duplicates: 2 });
    expect(await readAll(store, { equipment: 'stuck' })).toEqual([...rows, last]);
    const series = await store.series({
      equipment: 'stuck',
      unit: '',
      metric: 'a',
      fromMs: T0,
      toMs: T0 + 10,
      points: 1,
    });
    expect(series).toMatchObject({ min: [0], max: [99] });
    expect(await store.latest('stuck')).toMatchObject([{ value: 1 }]);
  });

  it('knows a resent number although counting started again in between', async () => {
    const at = (seconds: number, seq: number): Reading =>
      reading('dull', T0 + seconds * 1_000, { a: seq }, { tsSource: 'receive', seq });
    const rows = range(500).map((i) => at(i, i < 250 ? 1_000 + i : i - 250));
    for (let i = 0; i < 500; i += 25) await store.write(rows.slice(i, i + 25));
    expect(await store.write([at(501, 1_010), at(502, 10)])).toEqual({ stored: 0, duplicates: 2 });
    expect(await store.write([at(503, 900)])).toEqual({ stored: 1, duplicates: 0 });
  });

  it('finds the rows of one time on both sides of the edge of a chunk', async () => {
    const at = (ms: number, seq: number): Reading =>
      reading('edge', T0 + ms, { a: seq }, { tsSource: 'receive', seq });
    const rows = [at(-1, 0), ...range(600).map((i) => at(0, i + 1))];
    await store.write(rows);
    expect(chunkRows()).toEqual([512, 89]);
    expect(await readAll(store, { equipment: 'edge', fromMs: T0 })).toEqual(rows.slice(1));
    const query = { equipment: 'edge', unit: '', metric: 'a', fromMs: T0, toMs: T0 + 10, points: 1 };
    expect(await store.series(query)).toMatchObject({ min: [1], max: [600] });
    expect((await store.write([at(SEQ_IDENTITY_MS, 100), at(SEQ_IDENTITY_MS, 590)])).duplicates).toBe(2);
  });

  it('keeps a chunk of ever new metric names small', async () => {
    const rows = range(200).map((i) =>
      reading('inventive', T0 + i, Object.fromEntries(range(64).map((k) => [`m${i}x${k}`, i + k]))),
    );
    await store.write(rows);
    expect(Math.max(...chunkRows())).toBeLessThan(40);
    expect(await readAll(store, { equipment: 'inventive', metric: 'm150x3' })).toMatchObject([
      { tsMs: T0 + 150, values: { m150x3: 153 } },
    ]);
    expect(await store.latest('inventive')).toHaveLength(200 * 64);
  });

  it('pages through many units in step', async () => {
    const rows = range(4_000).map((i) =>
      reading('large', T0 + Math.floor(i / 40), { a: i }, { unit: `bay${100 + (i % 40)}` }),
    );
    await store.write(rows);
    expect(await readAll(store, { equipment: 'large', limit: 333 })).toEqual(rows);
  });

  it('stores nothing of a part with a bad reading, and goes on afterwards', async () => {
    const good = reading('fresh', T0, { a: 1 });
    const bad: readonly [Partial<Reading>, RegExp][] = [
      [{ tsMs: 1.5 }, /tsMs must be whole/],
      [{ receivedAtMs: Number.NaN }, /receivedAtMs must be whole/],
      [{ seq: 0.5 }, /seq must be a whole number/],
      [{ values: { b: Number.POSITIVE_INFINITY } }, /b must be a finite number/],
    ];
    for (const [fault, message] of bad)
      await expect(store.write([good, { ...good, ...fault }])).rejects.toThrow(message);
    expect(await readAll(store, { equipment: 'fresh' })).toEqual([]);
    expect(await store.write([good, { ...good, values: {} }])).toEqual({ stored: 1, duplicates: 0 });
  });

  it('forgets to the millisecond', async () => {
    const rows = range(1_000).map((i) => reading('old', T0 + i, { a: i }));
    await store.write(rows);
    expect(await store.expire({ rawMs: T0 + 700, hourlyMs: 0 })).toBe(1);
    expect(await readAll(store, { equipment: 'old' })).toEqual(rows.slice(700));
    expect((await store.stats()).points).toBe(300);
    expect(await store.list('old')).toEqual([{ unit: '', metric: 'a', firstMs: T0 + 700, lastMs: T0 + 999 }]);
  });

  it('uses the room of forgotten readings again', async () => {
    const noise = (i: number): number => Math.sin(i * 12.9898) * 43_758.5453;
    const fill = (round: number) =>
      store.write(range(20_000).map((i) => reading('turn', T0 + round * 1e9 + i * 1_000, { a: noise(i) })));
    const sizes: number[] = [];
    for (const round of range(4)) {
      await fill(round);
      await store.expire({ rawMs: T0 + (round + 1) * 1e9, hourlyMs: 0 });
      sizes.push((await store.stats()).bytes);
    }
    expect(Math.max(...sizes)).toBeLessThan(100_000);
    await store.close();
    expect((await stat(path)).size).toBeLessThan(1_000_000);
    store = await openSqliteTelemetry({ path });
  });

  it('packs numbers of two decimals in less than two bytes', async () => {
    const rows = range(20_000).map((i) =>
      reading(
        'dense',
        T0 + i * 1_000,
        { a: (900 + ((i * 37) % 50)) / 100, b: (100 + ((i * 13) % 40)) / 100 },
        { seq: i },
      ),
    );
    const empty = await store.stats();
    await store.write(rows);
    const { points, bytes } = await store.stats();
    expect((bytes - empty.bytes) / points).toBeLessThan(1.7);
  });

  it('names the chunk that is damaged, and still reads the others', async () => {
    await store.write(range(600).map((i) => reading('torn', T0 + i, { a: i }, { unit: 'bay7' })));
    const db = new DatabaseSync(path);
    const { body } = db.prepare('SELECT body FROM chunk WHERE t0 = ?').get(T0) as {
      readonly body: Uint8Array;
    };
    body[body.length - 1]! ^= 1;
    db.prepare('UPDATE chunk SET body = ? WHERE t0 = ?').run(body, T0);
    db.close();
    const words =
      /telemetry of torn\/bay7 from 2026-01-01T00:00:00.000Z in .* is damaged: its checksum is wrong; restore/;
    await expect(readAll(store, { equipment: 'torn' })).rejects.toThrow(words);
    await expect(
      store.series({ equipment: 'torn', unit: 'bay7', metric: 'a', fromMs: T0, toMs: T0 + 9, points: 1 }),
    ).rejects.toThrow(words);
    expect(await readAll(store, { equipment: 'torn', fromMs: T0 + 512 })).toHaveLength(88);
    // A write that fails takes back everything, also the equipment that it would have made known.
    const [first, into] = [
      reading('newcomer', T0, { a: 1 }),
      reading('torn', T0, { b: 1 }, { unit: 'bay7' }),
    ];
    await expect(store.write([first, into])).rejects.toThrow(words);
    expect(await store.list('newcomer')).toEqual([]);
    await store.write([first]);
    expect(await readAll(store, { equipment: 'newcomer' })).toEqual([first]);
  });

  it('names a file that is no telemetry file', async () => {
    const foreign = join(folder, 'foreign.db');
    await writeFile(foreign, 'not a database '.repeat(1_000));
    await expect(openSqliteTelemetry({ path: foreign })).rejects.toThrow(
      /foreign\.db is not a telemetry file/,
    );
  });

  it('refuses a question that it cannot bound', async () => {
    const query = { equipment: 'x', unit: '', metric: 'a', fromMs: 0, toMs: T0 };
    await expect(store.series({ ...query, points: 1e9 })).rejects.toThrow(/points must be from 1 to/);
    await expect(store.series({ ...query, points: 10, toMs: Number.POSITIVE_INFINITY })).rejects.toThrow(
      /toMs/,
    );
    await expect(store.readings({ equipment: 'x', fromMs: 0, toMs: 1, limit: 0 })).rejects.toThrow(/limit/);
  });
});
