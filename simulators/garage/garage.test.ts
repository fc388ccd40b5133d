import { describe, expect, it } from 'vitest';
import { createMachine } from '../create.ts';
import type { Emission, Machine, SentReading } from '../machine.ts';

const FROM_MS = Date.UTC(2026, 2, 1, 16);
const DAY_MS = 86_400_000;

const garage = (id = 'garage-1', seed = 1): Machine =>
  createMachine({ id, site: 's', model: 'PSH-7', timeZone: 'Asia/Shanghai', seed, fromMs: FROM_MS, bays: 4 });

const live = (machine: Machine, untilMs: number): Emission[] => {
  const said: Emission[] = [];
  while (machine.nextAtMs() <= untilMs) said.push(...machine.step());
  return said;
};

const readings = (said: readonly Emission[], unit?: string): SentReading[] =>
  said.filter((one) => one.kind === 'reading').filter((one) => unit === undefined || one.unit === unit);

const valuesOf = (said: readonly Emission[], unit: string, metric: string): number[] =>
  readings(said, unit).flatMap(({ values }) => values[metric] ?? []);

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const FAST = { kind: 'fast', pauseMs: [800, 1000] } as const;
const METRICS = [
  'hoistCurrentA',
  'cycleTimeS',
  'chainTensionKn',
  'vibrationMmS',
  'windingTempC',
  'skewMm',
  'brakeSlipMm',
];

/** A garage with 14 days of past that lives fast from then on. */
const living = (seed = 1): { machine: Machine; past: Emission[]; nowMs: number } => {
  const machine = garage('garage-1', seed);
  const nowMs = FROM_MS + 14 * DAY_MS;
  const past = live(machine, nowMs);
  machine.setTempo(FAST, nowMs);
  return { machine, past, nowMs };
};

describe('a healthy garage', () => {
  it('stays in its band for 60 days of normal life, without drift and without faults', () => {
    for (const seed of [1, 2]) {
      const said = live(garage('garage-1', seed), FROM_MS + 60 * DAY_MS);
      expect(said.filter(({ kind }) => kind === 'fault')).toEqual([]);
      for (const unit of ['bay1', 'bay2', 'bay3', 'bay4']) {
        const current = valuesOf(said, unit, 'hoistCurrentA');
        expect(current.length).toBeGreaterThan(400);
        for (const value of current) expect(Math.abs(value / median(current) - 1)).toBeLessThan(0.1);
        for (const metric of [
          'hoistCurrentA',
          'cycleTimeS',
          'chainTensionKn',
          'vibrationMmS',
          'brakeSlipMm',
          'skewMm',
        ]) {
          const values = valuesOf(said, unit, metric);
          const third = Math.floor(values.length / 3);
          expect(
            Math.abs(median(values.slice(-third)) / median(values.slice(0, third)) - 1),
            metric,
          ).toBeLessThan(0.05);
        }
        expect(Math.max(...valuesOf(said, unit, 'brakeSlipMm'))).toBeLessThan(3);
        expect(Math.max(...valuesOf(said, unit, 'skewMm'))).toBeLessThan(5);
        expect(Math.max(...valuesOf(said, unit, 'windingTempC'))).toBeLessThan(90);
        expect(Math.max(...valuesOf(said, unit, 'stopErrorMm').map(Math.abs))).toBeLessThan(5);
      }
      const volts = valuesOf(said, '', 'supplyVoltageV');
      expect(Math.min(...volts)).toBeGreaterThan(348);
      expect(Math.max(...volts)).toBeLessThan(412);
    }
  });

  it('lives fast at the level that it had by the clock', () => {
    const { machine, past, nowMs } = living();
    const fast = live(machine, nowMs + 600_000);
    for (const metric of METRICS) {
      const before = median(valuesOf(past, 'bay2', metric));
      expect(Math.abs(median(valuesOf(fast, 'bay2', metric)) / before - 1), metric).toBeLessThan(0.06);
    }
    expect(valuesOf(fast, 'bay2', 'hoistCurrentA').length).toBeGreaterThan(300);
  });

  it('moves one hoist at a time by the clock, and counts and parks as it says', () => {
    const said = live(garage(), FROM_MS + 3 * DAY_MS);
    const moves = readings(said).filter(({ unit }) => unit.startsWith('bay'));
    for (const [index, move] of moves.entries()) {
      const before = moves[index - 1];
      if (before) expect(move.tsMs - before.tsMs).toBeGreaterThanOrEqual(30_000);
    }
    const parked = valuesOf(said, 'bay1', 'occupancy');
    expect(parked).toEqual(parked.map((_, index) => (index + 1) % 2));
    const cycles = valuesOf(said, 'bay1', 'cycleCount');
    expect(cycles.map((count) => count - (cycles[0] ?? 0))).toEqual(cycles.map((_, index) => index));
    expect(new Set(valuesOf(said, 'bay1', 'inMotion'))).toEqual(new Set([0]));
  });

  it('says the same bytes for the same seed, others for another', () => {
    const text = (seed: number): string =>
      JSON.stringify(live(garage('garage-1', seed), FROM_MS + 2 * DAY_MS));
    expect(text(5)).toBe(text(5));
    expect(text(5)).not.toBe(text(6));
  });

  it('is not changed by a machine that is added', () => {
    const alone = JSON.stringify(live(garage('garage-1'), FROM_MS + 2 * DAY_MS));
    const other = garage('garage-2');
    const machine = garage('garage-1');
    const said: Emission[] = [];
    while (machine.nextAtMs() <= FROM_MS + 2 * DAY_MS) {
      other.step();
      said.push(...machine.step());
    }
    expect(JSON.stringify(said)).toBe(alone);
  });
});

describe('a garage that wears', () => {
  const wearing = (mechanism: string, unit: string) => {
    const { machine, past, nowMs } = living();
    const wear = machine.begin({ unit, mechanism, lifeCycles: 200 }, nowMs);
    if (!wear) throw new Error('did not begin');
    const said: Emission[] = [];
    while (wear.failureMs === null) said.push(...machine.step());
    return { machine, past, said, wear, nowMs };
  };

  it.each([
    ['chain', 'hoistCurrentA', 1.15, ['G10', 'G11', 'G06']],
    ['brake', 'brakeSlipMm', 3, ['G22']],
    ['bearing', 'vibrationMmS', 4, ['G04']],
  ])('by %s shows in %s long before it fails with its code', (mechanism, metric, ratio, codes) => {
    const { past, said, wear, nowMs } = wearing(mechanism, 'bay2');
    const normal = median(valuesOf(past, 'bay2', metric));
    const early = readings(said, 'bay2').filter(
      ({ tsMs }) => tsMs < nowMs + 0.85 * ((wear.failureMs ?? 0) - nowMs),
    );
    expect(median(valuesOf(early, 'bay2', metric).slice(-10)) / normal).toBeGreaterThan(ratio);
    const faults = said.filter((one) => one.kind === 'fault' && one.code.startsWith('G'));
    expect(faults).toEqual([
      expect.objectContaining({ unit: 'bay2', active: true, code: wear.code, tsMs: wear.failureMs }),
    ]);
    expect(codes).toContain(wear.code);
    // 200 cycles of up and down, each motion after 0.9 s.
    expect(((wear.failureMs ?? 0) - nowMs) / 1000).toBeGreaterThan(280);
    expect(((wear.failureMs ?? 0) - nowMs) / 1000).toBeLessThan(450);
  });

  it('grows steadily: smoothed over its noise, the current never falls back', () => {
    const { said } = wearing('chain', 'bay1');
    const current = valuesOf(said, 'bay1', 'hoistCurrentA');
    const steps = Array.from({ length: 6 }, (_, step) => median(current.slice(step * 30, step * 30 + 30)));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('leaves the other bays as they were', () => {
    const { past, said } = wearing('chain', 'bay1');
    for (const metric of METRICS) {
      expect(
        Math.abs(median(valuesOf(said, 'bay3', metric)) / median(valuesOf(past, 'bay3', metric)) - 1),
      ).toBeLessThan(0.06);
    }
  });

  it('locks the bay out until it is repaired, then is back to its own normal at once', () => {
    const { machine, past, wear } = wearing('chain', 'bay2');
    const failedMs = wear.failureMs ?? 0;
    expect(readings(live(machine, failedMs + 20_000), 'bay2')).toEqual([]);
    expect(machine.incidents.at(-1)).toMatchObject({
      unit: 'bay2',
      code: wear.code,
      trapped: true,
      clearedMs: null,
    });
    const repairedMs = failedMs + 20_000;
    expect(machine.repair('bay2', 'brake', repairedMs, repairedMs)).toEqual([]);
    expect(machine.repair('bay2', 'hoist', repairedMs, repairedMs)).toEqual([
      expect.objectContaining({ unit: 'bay2', values: expect.objectContaining({ inMotion: 0 }) }),
      { kind: 'fault', tsMs: repairedMs, unit: 'bay2', code: wear.code, active: false, detail: '' },
    ]);
    expect(machine.incidents.at(-1)?.clearedMs).toBe(repairedMs);
    expect(wear.repairedMs).toBe(repairedMs);
    const after = live(machine, repairedMs + 30_000);
    const current = valuesOf(after, 'bay2', 'hoistCurrentA');
    expect(current.length).toBeGreaterThan(10);
    for (const value of current) {
      expect(Math.abs(value / median(valuesOf(past, 'bay2', 'hoistCurrentA')) - 1)).toBeLessThan(0.1);
    }
  });

  it('is not mended by a paper about an earlier repair', () => {
    const { machine, nowMs } = living();
    const wear = machine.begin({ unit: 'bay1', mechanism: 'chain', lifeCycles: 200 }, nowMs + 1_000);
    machine.repair('bay1', 'hoist', nowMs, nowMs + 2_000);
    expect(wear?.repairedMs).toBeNull();
    expect(machine.begin({ unit: 'bay1', mechanism: 'chain', lifeCycles: 200 }, nowMs + 3_000)).toBeNull();
  });

  it('refuses a wear that it cannot have', () => {
    expect(() => garage().begin({ unit: 'bay9', mechanism: 'chain', lifeCycles: 1 }, FROM_MS)).toThrow(
      '"bay1", "bay2"',
    );
    expect(() => garage().begin({ unit: 'bay1', mechanism: 'rust', lifeCycles: 1 }, FROM_MS)).toThrow(
      'it knows chain, brake',
    );
  });
});
