import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMachine, simulates } from '../create.ts';
import type { Emission, Machine } from '../machine.ts';
import { APPLIANCES } from './appliance.ts';

const FROM_MS = Date.UTC(2026, 2, 1);
const DAY_MS = 86_400_000;

interface Named {
  readonly metric: string;
  readonly code: string;
  readonly limits?: readonly { readonly side: string; readonly at: number }[];
}
const catalogue = (file: string): readonly Named[] =>
  JSON.parse(readFileSync(new URL(`../../catalogue/${file}.json`, import.meta.url), 'utf8'));
const SIGNALS = new Map(catalogue('signals').map((signal) => [signal.metric, signal]));
const CODES = new Set(catalogue('faults').map(({ code }) => code));

const appliance = (kind: string, seed = 1): Machine =>
  createMachine({
    id: `${kind}-1`,
    site: 's',
    model: `${kind}-10`,
    timeZone: 'Asia/Shanghai',
    seed,
    fromMs: FROM_MS,
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

/** What each wear shows in, and how far from normal it is when it is nearly over. */
const TELLTALES = [
  ['fridge', 'gasLeak', 'compressorDutyPct', 1.8],
  ['aircon', 'fouling', 'dischargeTempC', 1.3],
  ['washer', 'blockage', 'drainS', 1.8],
  ['washer', 'bearing', 'drumG', 2],
  ['oven', 'element', 'heaterW', 0.8],
  ['ricecooker', 'element', 'heaterW', 0.8],
  ['kettle', 'scale', 'heatSPerC', 1.4],
] as const;

describe.each(Object.keys(APPLIANCES))('a healthy %s', (kind) => {
  it('says only what the catalogue knows, within its limits, for 60 days', () => {
    const said = live(appliance(kind), FROM_MS + 60 * DAY_MS);
    expect(said.length).toBeGreaterThan(10_000);
    expect(said.every((one) => one.kind === 'reading' && one.unit === '')).toBe(true);
    const metrics = new Set(said.flatMap((one) => (one.kind === 'reading' ? Object.keys(one.values) : [])));
    for (const metric of metrics) {
      const signal = SIGNALS.get(metric);
      expect(signal, metric).toBeDefined();
      for (const { side, at } of signal?.limits ?? []) {
        for (const value of valuesOf(said, metric))
          expect(side === 'high' ? value < at : value > at).toBe(true);
      }
    }
  });

  it('stays at its level: what tells of its wear has no drift', () => {
    const said = live(appliance(kind), FROM_MS + 60 * DAY_MS);
    for (const [of, , metric] of TELLTALES) {
      if (of !== kind) continue;
      const values = valuesOf(said, metric);
      const third = Math.floor(values.length / 3);
      expect(third, metric).toBeGreaterThan(50);
      expect(Math.abs(median(values.slice(-third)) / median(values.slice(0, third)) - 1)).toBeLessThan(0.05);
    }
  });

  it('says the same for the same seed', () => {
    expect(live(appliance(kind, 4), FROM_MS + DAY_MS)).toEqual(live(appliance(kind, 4), FROM_MS + DAY_MS));
  });
});

it.each(TELLTALES)(
  'a %s that wears by %s shows it in %s, fails, and is mended',
  (kind, mechanism, metric, ratio) => {
    const machine = appliance(kind);
    const nowMs = FROM_MS + 14 * DAY_MS;
    const normal = median(valuesOf(live(machine, nowMs), metric));
    machine.setTempo({ kind: 'fast', pauseMs: [4_000, 6_000] }, nowMs);
    const wear = machine.begin({ unit: '', mechanism, lifeCycles: 300 }, nowMs);
    const said: Emission[] = [];
    while (wear?.failureMs === null) said.push(...machine.step());
    const seen = (valuesOf(said, metric).at(-1) ?? 0) / normal;
    expect(ratio > 1 ? seen > ratio : seen < ratio).toBe(true);
    expect(CODES.has(wear?.code ?? '')).toBe(true);
    expect(said.filter(({ kind: what }) => what === 'fault')).toHaveLength(1);

    const repairedMs = (wear?.failureMs ?? 0) + 5_000;
    const fallen = machine.repair('', wear?.component ?? '', repairedMs, repairedMs);
    expect(fallen).toEqual([expect.objectContaining({ active: false, code: wear?.code })]);
    const after = valuesOf(live(machine, repairedMs + 3_600_000), metric);
    expect(Math.abs(median(after) / normal - 1)).toBeLessThan(0.05);
  },
);

it('refuses a model that it does not simulate', () => {
  expect(simulates('toaster-1')).toBe(false);
  expect(simulates('toString-1')).toBe(false);
  expect(() =>
    createMachine({ id: 'x', site: 's', model: 'toaster-1', timeZone: 'UTC', seed: 1, fromMs: 0 }),
  ).toThrow('fridge');
});
