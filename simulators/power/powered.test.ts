import { describe, expect, it } from 'vitest';
import { createMachine } from '../create.ts';
import { faults, live, readings } from '../garage/testing/hear.ts';
import type { Machine } from '../machine.ts';

const FROM_MS = Date.UTC(2026, 3, 1, 16);
const HOUR_MS = 3_600_000;

const machineOf = (model: string, seed = 1): Machine =>
  createMachine({ id: 'm', site: 's', model, timeZone: 'Asia/Shanghai', seed, fromMs: FROM_MS });

describe.each(['PSH-7', 'PCS-7', 'fridge-300'])('%s without power', (model) => {
  it('says nothing until it is back, then goes on as before', () => {
    const machine = machineOf(model);
    const nowMs = FROM_MS + 10 * HOUR_MS;
    expect(live(machine, nowMs).length).toBeGreaterThan(10);
    machine.powerLost(nowMs);
    expect(machine.nextAtMs()).toBe(Number.POSITIVE_INFINITY);
    expect(machine.step(nowMs + HOUR_MS)).toEqual([]);
    expect(machine.powerLost(nowMs + HOUR_MS).emissions).toEqual([]);
    const backMs = nowMs + 2 * HOUR_MS;
    expect(machine.powerBack(backMs)).toMatchObject({ firmware: machine.firmware });
    expect(machine.powerBack(backMs)).toBeNull();
    const after = live(machine, backMs + 24 * HOUR_MS);
    expect(after.length).toBeGreaterThan(10);
    for (const { tsMs } of after) expect(tsMs).toBeGreaterThanOrEqual(backMs);
  });

  it('changes its firmware with a restart, and only with power', () => {
    const machine = machineOf(model);
    expect(machine.update('x-9.9', FROM_MS)).toMatchObject({ firmware: 'x-9.9' });
    expect(machine.firmware).toBe('x-9.9');
    machine.powerLost(FROM_MS + 1);
    expect(machine.update('x-10', FROM_MS + 2)).toBeNull();
    expect(machine.firmware).toBe('x-9.9');
  });
});

it('a lift that loses power on its way stands with the car until it is brought home', () => {
  const machine = machineOf('PCS-7');
  let nowMs = FROM_MS + 4 * HOUR_MS;
  live(machine, nowMs);
  // Into the middle of a motion: its reading is due within a minute of the door's.
  while (machine.powerLost(nowMs).emissions.length === 0) {
    machine.powerBack(nowMs);
    nowMs += 20_000;
    live(machine, nowMs);
    expect(nowMs).toBeLessThan(FROM_MS + 40 * HOUR_MS);
  }
  expect(machine.incidents.at(-1)).toMatchObject({ unit: 'lift1', code: '', trapped: true, clearedMs: null });
  const backMs = nowMs + HOUR_MS;
  const first = readings(machine.powerBack(backMs)?.emissions ?? []);
  expect(first[0]).toMatchObject({ unit: 'lift1', values: { inMotion: 1, occupancy: 1 } });
  const home = readings(live(machine, backMs + HOUR_MS), 'lift1')[0];
  expect(home).toMatchObject({ values: { inMotion: 0 } });
  expect(machine.incidents.at(-1)?.clearedMs).toBe(home?.tsMs);
});

it('a code that fell with a repair in the dark is told when the light is back', () => {
  const machine = machineOf('PSH-7');
  machine.setTempo({ kind: 'fast', pauseMs: [800, 1_000] }, FROM_MS);
  const wear = machine.begin({ unit: 'bay1', mechanism: 'brake', lifeCycles: 30 }, FROM_MS);
  while (wear?.failureMs === null) machine.step();
  const failedMs = wear?.failureMs ?? 0;
  machine.powerLost(failedMs + 1_000);
  expect(machine.repair('bay1', 'brake', failedMs + 2_000, failedMs + 2_000)).toEqual([]);
  const back = faults(machine.powerBack(failedMs + 9_000)?.emissions ?? []);
  expect(back).toEqual([expect.objectContaining({ code: 'G22', active: false, tsMs: failedMs + 9_000 })]);
});

it('some controllers keep what they have not sent, others lose it', () => {
  const keeps = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(
    (seed) => machineOf('PSH-7', seed).powerLost(FROM_MS).keepsUnsent,
  );
  expect(new Set(keeps).size).toBe(2);
});
