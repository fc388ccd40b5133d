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
  for (const screen of [process.stdout, process.stderr])
    vi.spyOn(screen, 'write').mockImplementation(() => true);
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

  const scenario = async (name: string, ...more: string[]) => {
    const truth = join(folder, `${name}.json`);
    const common = ['--duration', '5s', '--rate', '60', '--equipment', '4', '--truth', truth, '--json'];
    await simulate('--scenario', name, ...common, ...more);
    const told = JSON.parse(await readFile(truth, 'utf8'));
    expect(told.scenario).toBe(name);
    const kinds = new Set(told.scenes.map(({ kind }: { kind: string }) => kind));
    for (const { endMs } of told.scenes) expect(endMs).not.toBeNull();
    const sent = server.heard
      .filter(({ topic }) => topic.endsWith('/telemetry'))
      .flatMap(({ client, payload, dup }) =>
        [JSON.parse(payload)].flat().map(({ seq, ts }) => ({ client, seq, ts, dup })),
      );
    expect(sent.length).toBeGreaterThan(60);
    return { ...told, kinds: [...kinds], sent, summary: JSON.parse(out.at(-1) ?? '') };
  };
  interface Sent {
    readonly client: string;
    readonly seq: number;
    readonly ts: number;
    readonly dup: boolean;
  }
  const perClient = (sent: readonly Sent[]): Sent[][] => [
    ...Map.groupBy(sent, ({ client }) => client).values(),
  ];
  const fallsBack = (values: readonly number[]): boolean =>
    values.some((value, index) => index > 0 && value < (values[index - 1] ?? 0));

  it('duplicates: some messages come twice, as they were, and count once', async () => {
    const { kinds, sent, summary } = await scenario('duplicates');
    expect(kinds).toEqual(['resending']);
    const twice = sent.filter(({ dup }: Sent) => dup);
    const first = new Set(
      sent.filter(({ dup }: Sent) => !dup).map(({ client, seq, ts }: Sent) => `${client}/${seq}/${ts}`),
    );
    expect(twice.length).toBeGreaterThan(20);
    for (const { client, seq, ts } of twice) expect(first).toContain(`${client}/${seq}/${ts}`);
    expect(summary.sent).toBe(first.size);
    expect(summary.errors).toBe(0);
  });

  it('reorder: some readings are overtaken, none is lost', async () => {
    const { kinds, sent } = await scenario('reorder');
    expect(kinds).toEqual(['disorder']);
    for (const own of perClient(sent)) {
      const seqs = own.map(({ seq }) => seq);
      expect(fallsBack(seqs)).toBe(true);
      expect([...seqs].sort((a, b) => a - b)).toEqual(seqs.map((_, index) => index + 1));
    }
  });

  it('skew: the clocks of single machines are wrong for a while', async () => {
    const { kinds, scenes, sent } = await scenario('skew');
    expect(kinds.sort()).toEqual(['clock-jump', 'clock-skew']);
    const [jumped] = scenes.filter(({ kind }: { kind: string }) => kind === 'clock-jump');
    const off = new Set(
      sent.filter(({ ts }: Sent) => Math.abs(ts - Date.now()) > 50_000).map(({ client }: Sent) => client),
    );
    expect([...off]).toEqual([jumped.where]);
  });

  it('reboot: seq begins at 1 again', async () => {
    const { kinds, sent } = await scenario('reboot');
    expect(kinds).toEqual(['reboots']);
    expect(sent.filter(({ seq }: Sent) => seq === 1).length).toBeGreaterThan(4);
  });

  it('flaps: connections are lost and made again, and no reading is', async () => {
    const { kinds, sent, summary } = await scenario('flaps');
    expect(kinds).toEqual(['flapping']);
    const online = server.heard
      .filter(({ topic }) => topic.endsWith('/status'))
      .map(({ payload }) => JSON.parse(payload).online);
    expect(online.filter((is) => is === false).length).toBeGreaterThan(4);
    for (const own of perClient(sent)) {
      const seqs = new Set(own.map(({ seq }) => seq));
      expect(seqs.size).toBe(Math.max(...seqs));
    }
    expect(summary).toMatchObject({ errors: 0, acked: summary.sent });
  });

  it('power-cut: the site goes dark, and comes back with seq anew', async () => {
    const { kinds, scenes, sent } = await scenario('power-cut');
    expect(kinds).toEqual(['power-cut']);
    const [cut] = scenes;
    expect(
      sent.filter(({ ts }: Sent) => ts > cut.onsetMs + 300 && ts < cut.endMs).map(({ ts }: Sent) => ts),
    ).toEqual([]);
    expect(sent.some(({ ts, seq }: Sent) => ts >= cut.endMs && seq <= 3)).toBe(true);
  });

  it('codes and storm: codes come and go, few and harmless or in a flood', async () => {
    await scenario('codes');
    const faults = () =>
      server.heard.filter(({ topic }) => topic.endsWith('/fault')).map(({ payload }) => JSON.parse(payload));
    const few = faults();
    expect(few.length).toBeGreaterThan(2);
    expect(new Set(few.map(({ code }) => code))).toEqual(new Set(['W25', 'W45']));
    await scenario('storm');
    const flood = faults().slice(few.length);
    expect(flood.length).toBeGreaterThan(100);
    const last = new Map(flood.map(({ code, active }) => [code, active]));
    expect([...last.values()]).toEqual([false, false]);
  });

  it('lies: sensors lie, and nothing fails', async () => {
    const { wears } = await scenario('lies');
    expect(wears).toHaveLength(2);
    for (const { code, failureMs, component } of wears)
      expect({ code, failureMs, component }).toEqual({ code: '', failureMs: null, component: 'sensors' });
  });

  it.each([
    [['--duration', '60'], 'such as 500ms, 60s'],
    [['--url', 'http://x'], 'mqtt://HOST:PORT'],
    [['--url', 'mqtt://me:secret@x'], '--secrets FILE'],
    [['--equipment', '0'], 'a whole number from 1'],
    [['--scenario', 'moon'], 'Allowed choices are steady, wear, town, flaps'],
    [['--scenario', 'wear', '--town', 'demo'], '--town: belongs to --scenario town, not wear'],
    [['--scenario', 'flaps', '--duration', '1s'], '--scenario flaps needs 3s or more'],
    [['--town', 'demo', '--rate', '5'], '--rate: the town has its own'],
    [['--town', 'atlantis'], 'one of demo, district'],
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
