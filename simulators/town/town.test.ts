import { afterEach, describe, expect, it } from 'vitest';
import { startTestBroker, type TestBroker, until } from '../testing/broker.ts';
import { checkTown, type Town } from './file.ts';
import { startTown, type TownOptions, type TownRun } from './town.ts';

const TOWN: Town = checkTown({
  name: { en: 'test', zh: '测试' },
  about: { en: 'a chain wears', zh: '链条磨损' },
  pastDays: 2,
  sites: [
    {
      id: 'wulin',
      name: { en: 'w', zh: '武' },
      position: { lat: 30, lon: 120 },
      timeZone: 'Asia/Shanghai',
      kind: 'mall',
    },
  ],
  machines: [
    {
      id: 'garage-1',
      site: 'wulin',
      model: 'PSH-7',
      name: { en: 'g', zh: '库' },
      bays: 2,
      fastPauseS: [0.01, 0.02],
    },
    {
      id: 'fridge-1',
      site: 'wulin',
      model: 'fridge-1',
      name: { en: 'f', zh: '冰箱' },
      fastPauseS: [0.05, 0.1],
    },
  ],
  wears: [{ equipment: 'garage-1', unit: 'bay1', mechanism: 'chain', afterS: 0.2, lifeCycles: 10_000 }],
});

let server: TestBroker | undefined;
let run: TownRun | undefined;

const start = async (
  town: Town,
  options: Partial<TownOptions> = {},
): Promise<{ server: TestBroker; run: TownRun }> => {
  server = await startTestBroker();
  run = startTown(town, { url: server.url, secretOf: () => 's', clock: Date.now, seed: 1, ...options });
  return { server, run };
};

afterEach(async () => {
  await run?.stop();
  await run?.done;
  await server?.close();
});

interface Sent {
  readonly ts: number;
  readonly seq: number;
  readonly unit?: string;
  readonly values: Record<string, number>;
}

const readingsOf = ({ heard }: TestBroker, id: string): Sent[] =>
  heard
    .filter(({ topic }) => topic.endsWith(`/${id}/telemetry`))
    .flatMap(({ payload }) => [JSON.parse(payload) as Sent | Sent[]].flat());

describe('a town', () => {
  it('tells its past in order, in large messages, then lives on from now', async () => {
    const bornMs = Date.now();
    const { server, run } = await start(TOWN);
    expect(run.stats().phase).toBe('past');
    await run.past;
    const messages = server.heard.filter(({ topic }) => topic.endsWith('/telemetry')).length;
    const past = readingsOf(server, 'garage-1');
    expect(past.length).toBeGreaterThan(500);
    expect(messages).toBeLessThan(20);
    expect(past[0]?.ts).toBeLessThan(bornMs - 1.9 * 86_400_000);
    await until('life', () => readingsOf(server, 'garage-1').length > past.length + 50);
    const all = readingsOf(server, 'garage-1');
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
    expect(all.map(({ ts }) => ts)).toEqual([...all.map(({ ts }) => ts)].sort((a, b) => a - b));
    expect(all.at(-1)?.ts).toBeLessThanOrEqual(Date.now());
    expect(all.at(-1)?.ts).toBeGreaterThan(bornMs);
    expect(run.stats()).toMatchObject({ phase: 'live', machines: 2, connected: 2, dropped: 0 });
  });

  it('begins its wears, hears of a repair and applies each only once', async () => {
    const { server, run } = await start({ ...TOWN, pastDays: 0 });
    await until('wear', () => run.truth.length === 1);
    expect(run.truth[0]).toMatchObject({
      equipment: 'garage-1',
      unit: 'bay1',
      component: 'hoist',
      repairedMs: null,
    });
    const repairedAt = Date.now();
    const paper = JSON.stringify({ component: 'hoist', unit: 'bay1', repairedAt });
    await until('repair', () => {
      server.say('v1/wulin/garage-1/service', paper);
      return run.truth[0]?.repairedMs !== null;
    });
    expect(run.truth[0]?.repairedMs).toBe(repairedAt);
  });

  it('wears nothing where it is told so', async () => {
    const { run } = await start({ ...TOWN, pastDays: 0 }, { wear: false, speed: 2 });
    await until('life', () => run.stats().acked > 100);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(run.truth).toEqual([]);
  });

  it('says goodbye for every machine when it is stopped, also by its signal', async () => {
    const abort = new AbortController();
    const { server, run } = await start({ ...TOWN, pastDays: 0 }, { signal: abort.signal });
    await until('life', () => run.stats().acked > 10);
    abort.abort();
    await run.done;
    await run.stop();
    await until('stopped', () => run.stats().phase === 'stopped');
    const goodbyes = server.heard.filter(
      ({ topic, payload }) => topic.endsWith('/status') && payload.includes('false'),
    );
    expect(goodbyes.map(({ client }) => client).sort()).toEqual(['fridge-1', 'garage-1']);
    expect(run.stats().connected).toBe(0);
  });

  it('stops at once while nobody answers', async () => {
    const run = startTown(TOWN, {
      url: 'mqtt://127.0.0.1:1',
      secretOf: () => null,
      clock: Date.now,
      seed: 1,
    });
    await until('an error', () => run.stats().errors > 0);
    await run.stop();
    await run.done;
    expect(run.stats()).toMatchObject({ phase: 'stopped', acked: 0 });
  });
});
