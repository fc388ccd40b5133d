import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMachine, simulates } from '../create.ts';
import type { Emission, Machine, Tier } from '../machine.ts';
import { createTrial } from '../trial.ts';
import { APPLIANCES, applianceKind } from './kinds.ts';

const FROM_MS = Date.UTC(2026, 2, 1);
const DAY_MS = 86_400_000;

interface Named {
  readonly metric: string;
  readonly code: string;
  readonly item: string;
  readonly limits?: readonly { readonly side: string; readonly at: number }[];
}
const catalogue = (file: string): readonly Named[] =>
  JSON.parse(readFileSync(new URL(`../../catalogue/${file}.json`, import.meta.url), 'utf8'));
const SIGNALS = new Map(catalogue('signals').map((signal) => [signal.metric, signal]));
const CODES = new Set(catalogue('faults').map(({ code }) => code));

const appliance = (model: string, seed = 1, tier: Tier = 3): Machine =>
  createMachine({
    id: `${model}-1`,
    site: 's',
    model,
    timeZone: 'Asia/Shanghai',
    seed,
    fromMs: FROM_MS,
    tier,
  });

const live = (machine: Machine, untilMs: number): Emission[] => {
  const said: Emission[] = [];
  while (machine.nextAtMs() <= untilMs) said.push(...machine.step());
  return said;
};
const valuesOf = (said: readonly Emission[], metric: string): number[] =>
  said.flatMap((one) => (one.kind === 'reading' ? (one.values[metric] ?? []) : []));
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** What each wear shows in first, and how far from normal that is when it is nearly over. */
const TELLTALES = [
  ['fridge', 'gasLeak', 'compressorDutyPct', 1.8],
  ['fridge', 'gasket', 'coldHoldMin', 0.75],
  ['fridge', 'fan', 'fanRpm', 0.6],
  ['fridge', 'compressor', 'dischargeTempC', 1.4],
  ['fridge-inverter', 'gasLeak', 'compressorRpm', 1.8],
  ['fridge-inverter', 'gasket', 'compressorRpm', 1.35],
  ['fridge-inverter', 'fan', 'fanRpm', 0.6],
  ['fridge-inverter', 'compressor', 'dischargeTempC', 1.4],
  ['aircon', 'refrigerant', 'airDeltaC', 0.55],
  ['aircon', 'fouling', 'dischargeTempC', 1.4],
  ['aircon', 'capacitor', 'startMs', 2],
  ['aircon', 'fan', 'fanRpm', 0.6],
  ['washer', 'bearing', 'drumG', 2.5],
  ['washer', 'pump', 'pumpW', 1.35],
  ['washer', 'belt', 'beltSlipPct', 4],
  ['washer', 'drainClog', 'drainS', 1.9],
  ['washer', 'doorLock', 'lockMs', 2],
  ['oven', 'element', 'heaterW', 0.75],
  ['oven', 'doorSeal', 'holdW', 1.4],
  ['oven', 'ntcDrift', 'ntcErrorC', 15],
  ['oven', 'fan', 'fanRpm', 0.6],
  ['ricecooker', 'element', 'heaterW', 0.75],
  ['ricecooker', 'ntcDrift', 'finishWh', 1.4],
  ['kettle', 'limescale', 'heatSPerC', 1.5],
  ['kettle', 'thermostat', 'overBoilS', 2.5],
  ['kettle', 'element', 'heaterW', 0.75],
] as const;

const modelOf = (id: string): string => APPLIANCES.find((one) => one.id === id)?.model ?? '';

describe.each(APPLIANCES)('a healthy $id', ({ model, kind }) => {
  it('says only what the catalogue knows, within its limits, and no code, for 60 days', () => {
    const said = live(appliance(model), FROM_MS + 60 * DAY_MS);
    expect(said.length).toBeGreaterThan(200);
    expect(said.every((one) => one.kind === 'reading' && one.unit === '')).toBe(true);
    const metrics = new Set(said.flatMap((one) => (one.kind === 'reading' ? Object.keys(one.values) : [])));
    for (const metric of metrics) {
      const signal = SIGNALS.get(metric);
      expect(signal, metric).toBeDefined();
      for (const { side, at } of signal?.limits ?? []) {
        for (const value of valuesOf(said, metric))
          expect(side === 'high' ? value < at : value > at, `${metric} ${value}`).toBe(true);
      }
    }
    expect([...kind.tier2].filter((metric) => !metrics.has(metric))).toEqual([]);
  });

  it('says the same in whatever steps its time is asked for', () => {
    const straight = live(appliance(model, 4), FROM_MS + 5 * DAY_MS);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 * 3_600_000 }), { maxLength: 20 }), (pauses) => {
        const machine = appliance(model, 4);
        const said: Emission[] = [];
        let untilMs = FROM_MS;
        for (const pauseMs of pauses) {
          untilMs = Math.min(FROM_MS + 5 * DAY_MS, untilMs + pauseMs);
          said.push(...live(machine, untilMs));
        }
        said.push(...live(machine, FROM_MS + 5 * DAY_MS));
        expect(JSON.stringify(said)).toBe(JSON.stringify(straight));
      }),
      { numRuns: 8 },
    );
    expect(live(appliance(model, 5), FROM_MS + DAY_MS)).not.toEqual(straight.slice(0, 10));
  });

  it('says nothing in tier 1, only clamps and timers in tier 2', () => {
    expect(live(appliance(model, 1, 1), FROM_MS + 3 * DAY_MS)).toEqual([]);
    const said = live(appliance(model, 1, 2), FROM_MS + 20 * DAY_MS);
    const metrics = new Set(said.flatMap((one) => (one.kind === 'reading' ? Object.keys(one.values) : [])));
    expect([...metrics].sort()).toEqual([...kind.tier2].sort());
  });
});

it('is used when people are there: a pantry is silent at night and at Spring Festival nearly so', () => {
  const boils = (from: string, days: number): number[] =>
    live(appliance('kettle-17'), Date.parse(`${from}T00:00:00+08:00`) + days * DAY_MS)
      .filter(({ tsMs }) => tsMs >= Date.parse(`${from}T00:00:00+08:00`))
      .map(({ tsMs }) => new Date(tsMs + 8 * 3_600_000).getUTCHours());
  const week = boils('2026-03-09', 5);
  expect(week.filter((hour) => hour >= 1 && hour < 5)).toEqual([]);
  expect(week.length / 5).toBeGreaterThan(10);
});

describe.each(TELLTALES)('a %s that wears by %s', (id, mechanism, metric, ratio) => {
  const trial = (seed: number, wears = true) =>
    createTrial({
      model: modelOf(id),
      seed,
      fromMs: FROM_MS,
      tier: 3,
      mechanism: wears ? mechanism : null,
      onsetMs: FROM_MS + 20 * DAY_MS,
      lifeDays: 20,
    });

  it(`shows it in ${metric}, fails after its onset, and is mended`, () => {
    const one = trial(7);
    const said: Emission[] = [];
    const normal: number[] = [];
    for (const step of one.until(FROM_MS + 90 * DAY_MS)) {
      if (one.truth() === null) normal.push(...valuesOf(step, metric));
      else said.push(...step);
      if (one.truth()?.failureMs) break;
    }
    const { onsetMs, failureMs, code, component } = one.truth()!;
    expect(failureMs).not.toBeNull();
    // About as long as was asked for.
    expect((failureMs! - onsetMs) / DAY_MS).toBeGreaterThan(10);
    expect((failureMs! - onsetMs) / DAY_MS).toBeLessThan(40);
    const level = median(normal);
    const seen = median(valuesOf(said, metric).slice(-5)) / Math.max(level, 0.5);
    expect(ratio > 1 ? seen > ratio : seen < ratio, `${metric} ${seen}`).toBe(true);
    expect(CODES.has(code)).toBe(true);
    const codes = said.filter((what) => what.kind === 'fault');
    expect(codes.at(-1)).toMatchObject({ code, active: true });
    // What came and went before it were harmless warnings.
    const { warning } = applianceKind(modelOf(id))?.wears[mechanism] ?? {};
    const warnings = codes.slice(0, -1);
    expect(warnings.map((what) => `${what.code} ${what.active}`)).toEqual(
      warnings.map((_, index) => `${warning} ${index % 2 === 0}`),
    );
    expect(warnings.length / 2).toBeGreaterThanOrEqual(warning ? 5 : 0);
    expect(warnings.length / 2).toBeLessThan(35);

    const repairedMs = failureMs! + 3_600_000;
    expect(one.machine.repair('', component, repairedMs, repairedMs)).toEqual([
      expect.objectContaining({ active: false, code }),
    ]);
    const after = { repaired: [] as number[], sound: [] as number[] };
    const untilMs = repairedMs + 20 * DAY_MS;
    for (const step of one.until(untilMs)) after.repaired.push(...valuesOf(step, metric));
    // The season has moved on: a twin that never wore knows what is normal now.
    for (const step of trial(7, false).until(untilMs)) after.sound.push(...valuesOf(step, metric));
    const sound = median(after.sound.slice(-30));
    expect(Math.abs(median(after.repaired.slice(-30)) - sound) / Math.max(sound, 3)).toBeLessThan(0.06);
  });

  it('never gets better by itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const one = trial(seed);
        const said: number[] = [];
        for (const step of one.until(FROM_MS + 90 * DAY_MS)) {
          if (one.truth() !== null) said.push(...valuesOf(step, metric));
          if (one.truth()?.failureMs) break;
        }
        const parts = Math.min(4, Math.floor(said.length / 8));
        const levels = Array.from({ length: parts }, (_, part) =>
          median(said.slice((part * said.length) / parts, ((part + 1) * said.length) / parts)),
        );
        const rising = ratio > 1 ? levels : levels.map((level) => -level);
        expect(rising).toEqual([...rising].sort((a, b) => a - b));
      }),
      { numRuns: 3 },
    );
  });
});

it('every wear of every appliance has its telltale here', () => {
  const known = APPLIANCES.flatMap(({ id, kind }) => Object.keys(kind.wears).map((wear) => `${id} ${wear}`));
  expect(TELLTALES.map(([id, wear]) => `${id} ${wear}`).sort()).toEqual(known.sort());
});

it('a fridge that has failed warms, whatever its display says of power', () => {
  const trial = createTrial({
    model: 'fridge-300',
    seed: 3,
    fromMs: FROM_MS,
    tier: 3,
    mechanism: 'compressor',
    onsetMs: FROM_MS + DAY_MS,
    lifeDays: 2,
  });
  const freezer: number[] = [];
  for (const said of trial.until(FROM_MS + 8 * DAY_MS)) freezer.push(...valuesOf(said, 'freezerTempC'));
  expect(freezer.at(-1)).toBeGreaterThan(10);
});

it('one repair of another item leaves the wear as it is', () => {
  const machine = appliance('washer-8');
  const wear = machine.begin({ unit: '', mechanism: 'bearing', lifeCycles: 10 }, FROM_MS);
  expect(machine.begin({ unit: '', mechanism: 'bearing', lifeCycles: 10 }, FROM_MS)).toBeNull();
  expect(machine.repair('', 'pump', FROM_MS + DAY_MS, FROM_MS + DAY_MS)).toEqual([]);
  expect(wear?.repairedMs).toBeNull();
});

it('refuses a model, a unit and a wear that it does not know, and says what it knows', () => {
  expect(simulates('toaster-1')).toBe(false);
  expect(simulates('toString-1')).toBe(false);
  expect(applianceKind('fridge-300')).not.toBe(applianceKind('fridge-300i'));
  expect(() =>
    createMachine({ id: 'x', site: 's', model: 'toaster-1', timeZone: 'UTC', seed: 1, fromMs: 0 }),
  ).toThrow('fridge');
  const machine = appliance('kettle-17');
  expect(() => machine.begin({ unit: 'bay1', mechanism: 'limescale', lifeCycles: 1 }, 0)).toThrow('bay1');
  expect(() => machine.begin({ unit: '', mechanism: 'rust', lifeCycles: 1 }, 0)).toThrow(
    'limescale, thermostat',
  );
});
