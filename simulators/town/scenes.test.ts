import { describe, expect, it } from 'vitest';
import { virtualTime } from '../../time/virtual.ts';
import { createLines, type Said } from '../testing/link.ts';
import { checkTown, type Town } from './file.ts';
import { startTown, type TownOptions } from './town.ts';

const T0 = Date.UTC(2026, 6, 15, 4);
const site = (id: string, feeder: string) => ({
  id,
  name: { en: id, zh: id },
  position: { lat: 30, lon: 120 },
  timeZone: 'Asia/Shanghai',
  kind: 'mall',
  feeder,
});
const machine = (id: string, at: string, model: string) => ({
  id,
  site: at,
  model,
  name: { en: id, zh: id },
  fastPauseS: [1, 2],
  ...(model.startsWith('P') ? { bays: 2 } : {}),
});

const town = (more: object): Town =>
  checkTown({
    name: { en: 't', zh: 't' },
    about: { en: 't', zh: 't' },
    pastDays: 0,
    sites: [site('north', 'one'), site('south', 'two')],
    machines: [
      machine('g1', 'north', 'PSH-7'),
      machine('f1', 'north', 'fridge-300'),
      machine('f2', 'south', 'fridge-300'),
      machine('k1', 'south', 'kettle-17'),
    ],
    ...more,
  });

/** Lets it live for so long, in one go or in pieces. */
const live = async (of: Town, forS: number, pieces = 1, options: Partial<TownOptions> = {}) => {
  const time = virtualTime(T0);
  const lines = createLines(() => time.now());
  const run = startTown(of, {
    url: 'mqtt://nowhere',
    secretOf: () => null,
    timers: time,
    connect: lines.connect,
    seed: 3,
    ...options,
  });
  for (let piece = 1; piece <= pieces; piece++) await time.advance(T0 + (forS * 1000 * piece) / pieces);
  const { said } = lines;
  const result = { said: [...said], scenes: structuredClone(run.scenes), truth: structuredClone(run.truth) };
  const stopped = run.stop();
  await time.advance(T0 + forS * 1000 + 5_000);
  await stopped;
  await run.done;
  return result;
};

const readings = (said: readonly Said[], id: string) =>
  said
    .filter(({ equipment, kind }) => equipment === id && kind === 'telemetry')
    .flatMap(({ atMs, payload }) =>
      [JSON.parse(payload)]
        .flat()
        .map((one: { ts: number; seq: number; values: Record<string, number> }) => ({ ...one, atMs })),
    );

describe('a town in virtual time', () => {
  const WEARING = town({
    wears: [{ equipment: 'k1', mechanism: 'limescale', afterS: 5, lifeCycles: 40 }],
    chanceScenes: {
      afterS: 10,
      everyS: [20, 40],
      forS: [5, 15],
      kinds: ['power-cut', 'brown-out', 'network-outage', 'clock-jump', 'clock-skew'],
    },
  });

  it('says the same in whatever steps time comes', async () => {
    const whole = await live(WEARING, 300);
    expect(whole.said.length).toBeGreaterThan(300);
    expect(whole.scenes.length).toBeGreaterThan(5);
    expect(await live(WEARING, 300, 37)).toEqual(whole);
    expect((await live(WEARING, 300, 1, { seed: 4 })).said).not.toEqual(whole.said);
  });

  it('tells its past and lives by the clock, a day in a moment', async () => {
    const { said } = await live({ ...WEARING, pastDays: 1, pace: 'clock', chanceScenes: null }, 86_400);
    const past = readings(said, 'f2').filter(({ ts }) => ts < T0);
    expect(past.length).toBeGreaterThan(130);
    const day = readings(said, 'f2').filter(({ ts }) => ts >= T0);
    expect(day.length).toBeGreaterThan(130);
    expect(day.every(({ ts, atMs }) => ts <= atMs && atMs - ts < 10_000)).toBe(true);
  });

  it('is at peace where nothing shall wear', async () => {
    const { truth, scenes } = await live(WEARING, 120, 1, { wear: false });
    expect({ truth, scenes }).toEqual({ truth: [], scenes: [] });
  });
});

describe('a power cut', () => {
  const CUT = { kind: 'power-cut', feeder: 'one', afterS: 60, forS: 30, stepS: 3 };

  it('takes every machine of the feeder, and gives them back one after the other, counting anew', async () => {
    const { said, scenes } = await live(town({ scenes: [CUT] }), 180);
    expect(scenes).toEqual([
      { kind: 'power-cut', where: 'one', onsetMs: expect.any(Number), endMs: expect.any(Number), size: 2 },
    ]);
    const { onsetMs, endMs } = scenes[0]!;
    expect(endMs! - onsetMs).toBeGreaterThanOrEqual(30_000);
    const backMs: number[] = [];
    for (const id of ['g1', 'f1']) {
      const during = said.filter(
        ({ equipment, atMs, kind }) => equipment === id && kind !== 'down' && atMs > onsetMs && atMs < endMs!,
      );
      expect(during).toEqual([]);
      const after = readings(said, id).filter(({ atMs }) => atMs > endMs!);
      expect(after.length).toBeGreaterThan(10);
      expect(Math.min(...after.map(({ seq }) => seq))).toBeLessThan(5);
      backMs.push(
        said.find(({ equipment, atMs, kind }) => equipment === id && kind === 'up' && atMs >= endMs!)!.atMs,
      );
    }
    expect(backMs[0]).not.toBe(backMs[1]);
    const spared = readings(said, 'f2').filter(({ atMs }) => atMs > onsetMs && atMs < endMs!);
    expect(spared.length).toBeGreaterThan(10);
  });

  it('loses or keeps what waited, as its controller does', async () => {
    const outage = { kind: 'network-outage', site: 'north', afterS: 20, forS: 200 };
    const kept = new Set<boolean>();
    for (let seed = 1; seed <= 12 && kept.size < 2; seed++) {
      const { said } = await live(town({ scenes: [outage, CUT] }), 260, 1, { seed });
      const early = readings(said, 'f1').filter(({ ts, atMs }) => ts < T0 + 60_000 && atMs > T0 + 200_000);
      kept.add(early.length > 0);
    }
    expect(kept).toEqual(new Set([true, false]));
  });
});

it('a network outage delays what is said, in order and whole', async () => {
  const { said, scenes } = await live(
    town({ scenes: [{ kind: 'network-outage', site: 'south', afterS: 30, forS: 40 }] }),
    150,
  );
  const { onsetMs, endMs } = scenes[0]!;
  const seen = readings(said, 'f2');
  expect(seen.filter(({ atMs }) => atMs > onsetMs && atMs < endMs!)).toEqual([]);
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1));
  expect(seen.filter(({ ts }) => ts > onsetMs && ts < endMs!).length).toBeGreaterThan(10);
});

it('a clock jumps, a clock runs wrong, and both are set again', async () => {
  const { said } = await live(
    town({
      scenes: [
        { kind: 'clock-jump', equipment: 'f1', byS: -7_200, afterS: 30, forS: 60 },
        { kind: 'clock-skew', equipment: 'f2', sPerHour: 600, afterS: 30, forS: 60 },
      ],
    }),
    150,
  );
  const off = (id: string, fromS: number, toS: number): number[] =>
    readings(said, id)
      .filter(({ atMs }) => atMs > T0 + fromS * 1000 && atMs < T0 + toS * 1000)
      .map(({ ts, atMs }) => ts - atMs);
  for (const lag of off('f1', 32, 88)) expect(Math.abs(lag + 7_200_000)).toBeLessThan(2_000);
  expect(Math.max(...off('f2', 80, 90))).toBeGreaterThan(7_000);
  for (const id of ['f1', 'f2'])
    for (const lag of [...off(id, 0, 29), ...off(id, 92, 150)]) expect(Math.abs(lag)).toBeLessThan(2_000);
});

it('a brown-out takes a heater a quarter of its power, a heat wave makes a fridge work', async () => {
  const { said } = await live(
    town({ scenes: [{ kind: 'brown-out', feeder: 'two', share: 0.86, afterS: 60, forS: 60 }] }),
    180,
  );
  const watts = (fromS: number, toS: number): number => {
    const values = readings(said, 'k1')
      .filter(({ ts }) => ts > T0 + fromS * 1000 && ts < T0 + toS * 1000)
      .map(({ values: { heaterW = 0 } }) => heaterW);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  expect(watts(62, 118) / watts(0, 60)).toBeCloseTo(0.86 ** 2, 1);
  expect(watts(122, 180) / watts(0, 60)).toBeCloseTo(1, 1);

  const hot = { kind: 'heat-wave', excessC: 10, afterS: 0, forS: 3 * 86_400 };
  const duty = async (of: Town): Promise<number> => {
    const { said: heard } = await live({ ...of, pace: 'clock' }, 3 * 86_400);
    const late = readings(heard, 'f2').filter(({ ts }) => ts > T0 + 2 * 86_400_000);
    return late.reduce((sum, { values }) => sum + (values.compressorDutyPct ?? 0), 0) / late.length;
  };
  expect((await duty(town({ scenes: [hot] }))) / (await duty(town({})))).toBeGreaterThan(1.06);
});

it('new firmware restarts every machine of its model, and only those', async () => {
  const { said, scenes } = await live(
    town({ scenes: [{ kind: 'firmware', model: 'fridge-300', firmware: 'fr-2.0', afterS: 30 }] }),
    90,
  );
  const ups = said.filter(({ kind, payload }) => kind === 'up' && payload === 'fr-2.0');
  expect(ups.map(({ equipment }) => equipment).sort()).toEqual(['f1', 'f2']);
  expect(scenes[0]).toMatchObject({ kind: 'firmware', where: 'fridge-300', endMs: null });
});

it('wears by hazard: older machines sooner, more of them in a faster town', async () => {
  const wears = async (ageYears: number, speed: number): Promise<number> => {
    const machines = Array.from({ length: 12 }, (_, index) => ({
      ...machine(`w${index}`, 'north', 'washer-8'),
      ageYears,
    }));
    const { truth } = await live(town({ machines, hazard: { speed, lifeCycles: [20, 30] } }), 300);
    return truth.length;
  };
  const [young, old, slow] = [await wears(0.2, 100_000), await wears(12, 100_000), await wears(12, 5_000)];
  expect(old).toBeGreaterThan(1.5 * young);
  expect(old).toBeGreaterThan(2 * slow);
});
