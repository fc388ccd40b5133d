import { expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { DAY, HOUR, MINUTE, type Player, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();
/** T0 is a Thursday. */
const isWeekend = (day: number): boolean => day % 7 === 2 || day % 7 === 3;

/**
 * An office's garage: the house reports by the clock, door and lift with every car: on working days from eight to
 * six, on some Saturdays once.
 */
const office = (days: number, isHeard: (unit: string, day: number) => boolean, seed = 1): Player => {
  const machine = player(catalogue);
  const random = uniform(seed);
  machine.tell({ kind: 'connected', connectionId: 'c1' }, T0);
  for (let day = 0; day < days; day++)
    for (let atMs = T0 + day * DAY; atMs < T0 + (day + 1) * DAY; atMs += 5 * MINUTE) {
      machine.read(atMs, { supplyVoltageV: 380 + random() }, '');
      const hour = ((atMs - T0) % DAY) / HOUR;
      const chance = isWeekend(day) ? (day % 7 === 2 ? 0.01 : 0) : 0.2;
      const comes = hour >= 8 && hour < 18 && random() < chance;
      for (const unit of comes ? ['door1', 'lift1'] : [])
        if (isHeard(unit, day)) machine.read(atMs + MINUTE, { windingTempC: 50 + random() }, unit);
      machine.tell({ kind: 'tick', afterGapSince: null }, atMs + 2 * MINUTE);
    }
  return machine;
};

const told = (machine: Player) =>
  machine.events
    .filter(({ rule }) => rule === 'no-data:part')
    .map(({ type, unit, atMs }) => [type, unit, Math.floor((atMs - T0) / DAY)] as const);

test('nobody comes on a Sunday, nor for a holiday of eight days: no unit is missed', () => {
  for (let seed = 1; seed <= 4; seed++)
    expect(told(office(60, (_unit, day) => day < 40 || day > 47, seed))).toEqual([]);
});

test('a lift that is silent while the door is used is missed; the door is not', () => {
  const machine = office(50, (unit, day) => unit === 'door1' || day < 35);
  const [[type, unit, day] = [], ...others] = told(machine);
  expect([type, unit, others]).toEqual(['raised', 'lift1', []]);
  expect(day).toBeLessThan(35 + 10);
});

test('where all that people use is silent, it is missed after two weeks', () => {
  const lines = told(office(60, (_unit, day) => day < 40));
  expect(lines.map(([type, unit]) => `${type} ${unit}`)).toEqual(['raised door1', 'raised lift1']);
  for (const [, , day] of lines) expect([53, 54]).toContain(day);
});

test('of two weeks, nothing can be said yet', () => {
  expect(told(office(40, (_unit, day) => day < 14))).toEqual([]);
});
