import { describe, expect, it } from 'vitest';
import { createMachine } from '../create.ts';
import type { Machine, Tier } from '../machine.ts';
import { GARAGES } from './kinds.ts';
import { METRICS } from './part/metric.ts';
import { FAULTS, faults, live, median, readings, SIGNALS, valuesOf } from './testing/hear.ts';

const FROM_MS = Date.UTC(2026, 2, 1, 16);
const DAY_MS = 86_400_000;

const garage = (kind: string, seed = 1, more: { tier?: Tier; stopsPerMonth?: number } = {}): Machine =>
  createMachine({
    id: `${kind}-1`,
    site: 's',
    model: `${kind}-7`,
    timeZone: 'Asia/Shanghai',
    seed,
    fromMs: FROM_MS,
    ...more,
  });

it('says only metrics that the catalogue names, for the item that it names', () => {
  for (const metric of METRICS) expect(SIGNALS.has(metric), metric).toBe(true);
});

describe.each(Object.keys(GARAGES))('a healthy %s', (kind) => {
  it('stays within every limit for 25 days, and has no codes', () => {
    for (const seed of [1, 2]) {
      const machine = garage(kind, seed);
      const said = live(machine, FROM_MS + 25 * DAY_MS);
      expect(faults(said)).toEqual([]);
      for (const unit of machine.units) {
        expect(readings(said, unit).length, unit).toBeGreaterThan(250);
        for (const metric of METRICS) {
          const values = valuesOf(said, unit, metric);
          if (values.length === 0) continue;
          for (const { side, at } of SIGNALS.get(metric)?.limits ?? []) {
            const worst = side === 'high' ? Math.max(...values) : Math.min(...values);
            expect(side === 'high' ? worst < at : worst > at, `${unit} ${metric} ${worst}`).toBe(true);
          }
        }
      }
    }
  });

  it('finishes every motion, and counts them', () => {
    const machine = garage(kind);
    const said = live(machine, FROM_MS + 5 * DAY_MS);
    const mover = machine.units[0] ?? '';
    expect(new Set(valuesOf(said, mover, 'inMotion'))).toEqual(new Set([0]));
    const cycles = valuesOf(said, mover, 'cycleCount');
    expect(cycles.length).toBeGreaterThan(50);
    expect(cycles).toEqual(cycles.map((_, index) => (cycles[0] ?? 0) + index));
    const times = said.map(({ tsMs }) => tsMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('differs from its neighbour of the same kind', () => {
    const level = (seed: number): number => {
      const machine = garage(kind, seed);
      return median(valuesOf(live(machine, FROM_MS + 3 * DAY_MS), machine.units[0] ?? '', 'hoistCurrentA'));
    };
    expect(new Set([1, 2, 3, 4].map(level)).size).toBe(4);
  });

  it('is gauged about once a month by the fitter', () => {
    const machine = garage(kind);
    const said = live(machine, FROM_MS + 66 * DAY_MS);
    const unit = machine.units[0] ?? '';
    const gauged = ['chainElongationPct', 'ropeBrokenWires'].map(
      (metric) => valuesOf(said, unit, metric).length,
    );
    expect(Math.max(...gauged)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...gauged)).toBeLessThanOrEqual(3);
  });

  it('says the same bytes for the same seed', () => {
    const text = (seed: number): string => JSON.stringify(live(garage(kind, seed), FROM_MS + 2 * DAY_MS));
    expect(text(5)).toBe(text(5));
    expect(text(5)).not.toBe(text(6));
  });

  it('says less in lower tiers, and nothing else', () => {
    const at = (tier: Tier) => live(garage(kind, 3, { tier }), FROM_MS + 3 * DAY_MS);
    expect(at(1)).toEqual([]);
    const full = new Map(readings(at(3)).map((one) => [`${one.unit}@${one.tsMs}`, one.values]));
    const clamped = readings(at(2));
    expect(clamped.length).toBeGreaterThan(500);
    const metrics = new Set(clamped.flatMap(({ values }) => Object.keys(values)));
    expect([...metrics].sort()).not.toContain('vibrationMmS');
    expect(metrics).toContain('hoistCurrentA');
    for (const { unit, tsMs, values } of clamped) expect(full.get(`${unit}@${tsMs}`)).toMatchObject(values);
  });

  it('has stops that the attendant clears, mostly within minutes, and none of them is wear', () => {
    const machine = garage(kind, 2, { stopsPerMonth: 150 });
    const said = faults(live(machine, FROM_MS + 30 * DAY_MS));
    const raised = said.filter(({ active }) => active);
    expect(raised.length).toBeGreaterThan(90);
    expect(raised.length).toBeLessThan(220);
    for (const { code } of raised) expect(FAULTS.get(code)?.response, code).toBe('attendant');
    const lasted = machine.incidents.flatMap(({ atMs, clearedMs }) =>
      clearedMs === null ? [] : [clearedMs - atMs],
    );
    expect(lasted.length).toBeGreaterThan(0.9 * raised.length);
    expect(median(lasted)).toBeLessThan(10 * 60_000);
    expect(Math.max(...lasted)).toBeGreaterThan(25 * 60_000);
    expect(machine.incidents.some(({ trapped }) => trapped)).toBe(true);
  });
});

it('an emergency stop on the way leaves the car there until it is cleared', () => {
  const isUp = ({ values }: { values: Readonly<Record<string, number>> }): boolean => 'cycleTimeS' in values;
  const planned = readings(live(garage('PCS'), FROM_MS + 12 * 3_600_000), 'lift1').find(isUp);
  const stopMs = (planned?.tsMs ?? 0) - 20_000;
  const machine = garage('PCS');
  live(machine, stopMs);
  const now = machine.happen?.('G01', '', stopMs) ?? [];
  expect(now).toEqual([
    expect.objectContaining({
      unit: 'lift1',
      values: expect.objectContaining({ occupancy: 1, inMotion: 1 }),
    }),
    expect.objectContaining({ code: 'G01', active: true, tsMs: stopMs }),
  ]);
  expect(machine.incidents.at(-1)).toMatchObject({ code: 'G01', trapped: true, clearedMs: null });
  const after = live(machine, stopMs + 100 * 60_000);
  const clearedMs = faults(after).find(({ code }) => code === 'G01')?.tsMs ?? 0;
  expect(machine.incidents.at(-1)?.clearedMs).toBe(clearedMs);
  // The motion ends as late as it stood.
  const next = readings(after, 'lift1')[0];
  expect(next?.tsMs).toBe(clearedMs + 20_000);
  expect(next?.values).toEqual(planned?.values);
});

it('the code of a failure is not cleared by the warnings before it', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const machine = garage('PSH', seed);
    machine.setTempo({ kind: 'fast', pauseMs: [800, 1_000] }, FROM_MS);
    const wear = machine.begin({ unit: 'door1', mechanism: 'door', lifeCycles: 60 }, FROM_MS);
    while (wear?.failureMs === null) machine.step();
    expect(
      faults(live(machine, (wear?.failureMs ?? 0) + 180_000)).filter(({ code }) => code === 'G18'),
    ).toEqual([]);
  }
});
