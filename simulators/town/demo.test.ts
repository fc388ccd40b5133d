import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AlertEvent } from '../../core/alert/alert.ts';
import { type Input, step } from '../../core/detect/engine.ts';
import { newState } from '../../core/detect/state.ts';
import type { Catalogue } from '../../core/fault/catalogue.ts';
import { DEFAULT_BOOK } from '../../core/rules/parameters.ts';
import { createMachine } from '../create.ts';
import type { Emission, Machine } from '../machine.ts';
import { loadTown, type TownMachine } from './file.ts';
import { createPlaces } from './places.ts';

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../catalogue/${file}.json`, import.meta.url), 'utf8'));
const mapOf = (file: string, key: string) =>
  new Map(read(file).map((entry: Record<string, string>) => [entry[key], entry]));
const CATALOGUE = {
  items: mapOf('items', 'id'),
  classes: mapOf('classes', 'id'),
  faults: mapOf('faults', 'code'),
  signals: mapOf('signals', 'metric'),
} as unknown as Catalogue;

const LIVE_MS = Date.UTC(2026, 10, 23, 13);
const DAY_MS = 86_400_000;
const town = await loadTown();

/** Lets one machine live its past and ten minutes, and the detectors of the service listen to it. */
const watch = (entry: TownMachine, seed: number, repair?: (events: readonly AlertEvent[]) => boolean) => {
  const { name: _, fastPauseS, ...rest } = entry;
  const site = town.sites.find(({ id }) => id === entry.site);
  if (!site) throw new Error(`${entry.id} has no site`);
  const machine: Machine = createMachine({
    ...rest,
    timeZone: site.timeZone,
    people: site.kind,
    surroundings: createPlaces(town, seed).of(site.id),
    seed,
    fromMs: LIVE_MS - town.pastDays * DAY_MS,
  });
  const state = newState();
  const events: AlertEvent[] = [];
  let offset = 0;
  const tell = (input: Input, receivedAtMs: number): void => {
    offset += 1;
    events.push(
      ...step({ catalogue: CATALOGUE, rules: DEFAULT_BOOK }, entry.id, state, input, {
        partition: 0,
        offset,
        nextIndex: 0,
        receivedAtMs,
      }).events,
    );
  };
  const hear = (said: readonly Emission[], receivedAtMs: number): void => {
    for (const one of said) {
      const stamp = {
        equipment: entry.id,
        unit: one.unit,
        tsMs: one.tsMs,
        tsSource: 'device',
        seq: null,
        receivedAtMs,
      } as const;
      if (one.kind === 'reading')
        tell({ kind: 'reading', reading: { ...stamp, values: one.values } }, receivedAtMs);
      else {
        const { code, active, detail } = one;
        tell({ kind: 'fault', report: { ...stamp, code, active, detail } }, receivedAtMs);
      }
    }
  };
  while (machine.nextAtMs() <= LIVE_MS) hear(machine.step(), LIVE_MS);
  const [from, to] = fastPauseS;
  machine.setTempo({ kind: 'fast', pauseMs: [from * 1000, to * 1000] }, LIVE_MS);
  const planned = town.wears.filter(({ equipment }) => equipment === entry.id);
  let repairedMs: number | null = null;
  for (let nowMs = machine.nextAtMs(); nowMs <= LIVE_MS + 600_000; nowMs = machine.nextAtMs()) {
    while (planned[0] && nowMs >= LIVE_MS + planned[0].afterS * 1000) machine.begin(planned.shift()!, nowMs);
    if (repairedMs === null && repair?.(events)) {
      repairedMs = nowMs;
      hear(machine.repair('bay3', 'hoist', nowMs, nowMs), nowMs);
      tell({ kind: 'repaired', unit: 'bay3', component: 'hoist', repairedAtMs: nowMs }, nowMs);
    }
    hear(machine.step(), nowMs);
  }
  return { events: events.filter(({ severity }) => severity !== 'watch'), repairedMs };
};

/** The seed of `precall demo`, and others. */
describe.each([20_260_101, 1, 2, 3])(
  'the demo town, seed %i, before the detectors of the service',
  (seed) => {
    it('asks for a crew because of one drifting hoist, well before it fails', () => {
      const garage = town.machines[0] as TownMachine;
      const { events } = watch(garage, seed);
      const raised = events.filter(({ type }) => type === 'raised');
      expect(new Set(raised.map(({ unit, component }) => `${unit} ${component}`))).toEqual(
        new Set(['bay3 hoist']),
      );
      expect(raised[0]?.rule).toBe('drift:hoistCurrentA');
      const foundMs = (raised[0]?.atMs ?? 0) - LIVE_MS;
      expect(foundMs).toBeGreaterThan(10_000);
      expect(foundMs).toBeLessThan(47_000);
      const fault = raised.find(({ rule }) => rule.startsWith('fault:G'));
      expect((fault?.atMs ?? Number.POSITIVE_INFINITY) - LIVE_MS).toBeGreaterThan(360_000);
    });

    it('is seen to recover soon after a repair, and stays well', () => {
      const { events, repairedMs } = watch(town.machines[0] as TownMachine, seed, (so) =>
        so.some(({ rule, atMs }) => rule === 'drift:hoistCurrentA' && atMs > 0),
      );
      const open = new Map<string, AlertEvent>();
      for (const event of events) open.set(event.alert, event);
      expect(repairedMs).not.toBeNull();
      for (const last of open.values()) {
        expect(last.type).toBe('cleared');
        expect(last.atMs - (repairedMs ?? 0)).toBeLessThan(30_000);
      }
    });

    it('is otherwise well: nothing else asks for anybody, in two weeks and ten minutes', () => {
      for (const entry of town.machines.slice(1)) {
        expect(
          watch(entry, seed).events.map(({ equipment, unit, rule }) => `${equipment} ${unit} ${rule}`),
        ).toEqual([]);
      }
    });
  },
);
