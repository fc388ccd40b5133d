import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTestBroker, type TestBroker } from '../simulators/testing/broker.ts';
import { Failure } from './failure.ts';
import { simulateCommand } from './simulate.ts';

let folder = '';
let server: TestBroker;
let out: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulate-'));
  server = await startTestBroker();
  out = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(text));
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

afterEach(async () => {
  vi.restoreAllMocks();
  await server.close();
  await rm(folder, { recursive: true });
});

const simulate = (...args: string[]): Promise<unknown> =>
  simulateCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parseAsync(['--url', server.url, ...args], { from: 'user' });

describe('precall simulate', () => {
  it('prints what was acknowledged, as one last line of JSON', async () => {
    await simulate('--equipment', '3', '--rate', '200', '--duration', '500ms', '--json');
    expect(out).toHaveLength(1);
    const summary = JSON.parse(out[0] ?? '');
    expect(Object.keys(summary)).toEqual(['sent', 'acked', 'errors', 'ratePerS', 'p50Ms', 'p99Ms']);
    expect(summary).toMatchObject({ sent: 100, acked: 100, errors: 0 });
    expect(summary.p99Ms).toBeGreaterThanOrEqual(summary.p50Ms);
  });

  it('connects as the equipment of a secrets file', async () => {
    const file = join(folder, 'secrets');
    await writeFile(file, '{"id":"g7","site":"wulin","model":"PSH-7","name":"g","secret":"x"}\n');
    await simulate('--secrets', file, '--rate', '100', '--duration', '200ms');
    expect(new Set(server.heard.map(({ topic }) => topic))).toEqual(
      new Set(['v1/wulin/g7/status', 'v1/wulin/g7/telemetry']),
    );
    expect(out.at(-1)).toMatch(/^done: 20 of 20 acknowledged/);
  });

  it('wears in fast motion and writes onset and failure of each wear', async () => {
    const truth = join(folder, 'truth.json');
    await simulate(
      '--scenario',
      'wear',
      '--duration',
      '3s',
      '--rate',
      '1500',
      '--truth',
      truth,
      '--seed',
      '5',
    );
    const { wears, seed, scenario } = JSON.parse(await readFile(truth, 'utf8'));
    expect({ seed, scenario }).toEqual({ seed: 5, scenario: 'wear' });
    expect(wears.map(({ mechanism }: { mechanism: string }) => mechanism).sort()).toEqual([
      'bearing',
      'brake',
      'chain',
    ]);
    for (const { onsetMs, failureMs } of wears) expect(failureMs).toBeGreaterThan(onsetMs);
    const faults = server.heard
      .filter(({ topic }) => topic.endsWith('/fault'))
      .map(({ payload }) => JSON.parse(payload));
    // Warnings come before some ends, so there are more codes than wears.
    expect(faults.filter(({ active }) => active).map(({ code }) => code)).toEqual(
      expect.arrayContaining(wears.map(({ code }: { code: string }) => code)),
    );
  });

  it.each([
    [['--duration', '60'], 'such as 500ms, 60s'],
    [['--url', 'http://x'], 'mqtt://HOST:PORT'],
    [['--url', 'mqtt://me:secret@x'], '--secrets FILE'],
    [['--equipment', '0'], 'a whole number from 1'],
    [['--scenario', 'moon'], 'Allowed choices are steady, wear, town'],
    [['--scenario', 'town', '--rate', '5'], '--rate: the town has its own'],
    [['--truth', 'f'], '--truth: nothing wears'],
    [['--scenario', 'town', '--town', 'atlantis'], 'one of demo, district, worst-day, quiet'],
    [['--secrets', '/nowhere'], "/nowhere: can't be read"],
  ])('refuses %j and says what would be right', async (args, words) => {
    await expect(simulate(...args)).rejects.toThrow(words);
  });

  it('fails where nothing could be acknowledged, naming the url and the mend', async () => {
    const failed = simulate('--url', 'mqtt://127.0.0.1:1', '--duration', '1s').catch(
      (error: unknown) => error,
    );
    const error = await failed;
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).exitCode).toBe(1);
    expect((error as Failure).message).toMatch(/^mqtt:\/\/127\.0\.0\.1:1 can't be reached .* --url$/);
  });
});
