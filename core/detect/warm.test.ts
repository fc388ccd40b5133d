import { expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { DEFAULT_BOOK } from '../rules/parameters.ts';
import type { Reading } from '../telemetry/reading.ts';
import { headOf, restore, unitOf } from './state.ts';
import { DAY, HOUR, normal, type Player, player, T0, uniform } from './testing/play.ts';
import { newWarmUp } from './warm-up.ts';

const catalogue = await loadCatalogue();
const DAYS = 20;

/** A quarter-hourly current with a rhythm; from day 20 on it is 25 % too high. */
const reading = (i: number): Reading => {
  const tsMs = T0 + i * (HOUR / 4);
  const hour = (i / 4) % 24;
  const level = (9 + (hour > 8 && hour < 20 ? 1.5 : 0)) * (i >= DAYS * 96 ? 1.25 : 1);
  const value = level * (1 + 0.01 * normal(uniform(i * 31 + 7)));
  return {
    ...{ equipment: 'E', unit: 'bay1', tsMs, tsSource: 'device', seq: i, receivedAtMs: tsMs + 40 },
    values: { hoistCurrentA: value },
  };
};
const readings = (from: number, to: number): Reading[] =>
  Array.from({ length: to - from }, (_, i) => reading(from + i));

const live = (machine: Player, some: readonly Reading[]): void => {
  for (const one of some) machine.tell({ kind: 'reading', reading: one }, one.receivedAtMs);
};
const warmed = (machine: Player, history: readonly Reading[], atMs: number): void => {
  const warming = newWarmUp({ catalogue, rules: DEFAULT_BOOK }, 'E', 'bay1', null);
  warming.take(history);
  const warmth = JSON.parse(JSON.stringify(warming.result()));
  machine.tell({ kind: 'warmed', unit: 'bay1', warmth }, atMs);
  machine.tell({ kind: 'warmed', unit: '', warmth: null }, atMs);
};
const START = DAYS * 96 - 8;

test('a machine with a history is judged as if it had been watched all along', () => {
  const [watched, blind, warm] = [player(catalogue), player(catalogue), player(catalogue)];
  live(watched, readings(0, START));
  for (const machine of [watched, blind, warm]) live(machine, readings(START, START + 4));
  warmed(warm, readings(0, START), reading(START + 4).receivedAtMs);
  expect(warm.events).toEqual([]);
  expect(warm.state.isCold).toBe(false);
  for (const machine of [watched, blind, warm]) live(machine, readings(START + 4, START + 60));
  const told = (machine: Player) =>
    machine.events.map(({ rule, type, severity }) => `${type} ${rule} ${severity}`);
  expect(told(watched)).toContain('raised shift:hoistCurrentA:high S3');
  expect(told(warm)[0]).toBe(told(watched)[0]);
  expect(Math.abs(warm.events[0]!.atMs - watched.events[0]!.atMs)).toBeLessThanOrEqual(HOUR);
  // Without its history nobody knows that the level is another.
  expect(told(blind)).not.toContain('raised shift:hoistCurrentA:high S3');
});

test('what stands at the end of the history is told once, under the record that brought it', () => {
  const machine = player(catalogue);
  live(machine, readings(START + 40, START + 42));
  const history = readings(0, START + 40);
  warmed(machine, history, reading(START + 42).receivedAtMs);
  expect(machine.events.map(({ type, rule }) => `${type} ${rule}`)).toContain(
    'raised shift:hoistCurrentA:high',
  );
  const [raised] = machine.events;
  expect(raised).toMatchObject({ type: 'raised', receivedAtMs: reading(START + 42).receivedAtMs });
  expect(raised!.atMs).toBeLessThan(reading(START + 40).tsMs);
  // It lives on under that name.
  const before = machine.events.length;
  live(machine, readings(START + 42, START + 90));
  for (const event of machine.events.slice(before))
    if (event.rule === 'shift:hoistCurrentA:high') expect(event.alert).toBe(raised!.alert);
});

test('what was over before the end of the history is not told', () => {
  const machine = player(catalogue);
  const well = readings(0, 96 * 15);
  const episode = well.map((one, i) =>
    i > 96 * 10 && i < 96 * 10 + 40 ? { ...one, values: { hoistCurrentA: 14 } } : one,
  );
  live(machine, readings(96 * 15, 96 * 15 + 1));
  warmed(machine, episode, reading(96 * 15 + 1).receivedAtMs);
  expect(machine.events).toEqual([]);
});

test('a series that lived through more, or holds up an alert of its own, stays as it is', () => {
  const machine = player(catalogue);
  live(machine, readings(0, 96 * 16));
  const before = JSON.stringify(unitOf(machine.state, 'bay1'));
  warmed(machine, readings(0, 96 * 5), T0 + 16 * DAY);
  expect(JSON.stringify(unitOf(machine.state, 'bay1'))).toBe(before);
  const broken = player(catalogue);
  const limit = { values: { vibrationMmS: 99 } };
  live(
    broken,
    readings(START, START + 8).map((one) => ({ ...one, ...limit })),
  );
  const raised = () => broken.events.filter(({ rule }) => rule === 'limit:vibrationMmS:high').length;
  expect(raised()).toBe(1);
  const mild = readings(0, START).map((one) => ({ ...one, values: { vibrationMmS: 1 } }));
  warmed(broken, mild, reading(START + 8).receivedAtMs);
  expect(raised()).toBe(1);
  expect(broken.state.units.get('bay1')?.get('vibrationMmS')?.limitHigh?.active).not.toBeNull();
});

test('whether a machine is cold is kept, and those from before it was kept are not', () => {
  const { state } = player(catalogue);
  expect(restore(headOf(state), []).isCold).toBe(true);
  const { isCold: _, ...old } = headOf(state);
  expect(restore(old as ReturnType<typeof headOf>, []).isCold).toBe(false);
});
