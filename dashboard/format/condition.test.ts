import { expect, test } from 'vitest';
import type { AlertView, EquipmentView } from '../../api/contract/schemas.ts';
import { byCondition, conditionOf, isSilent } from './condition.ts';

test.each([
  ['down', 'offline', 'down'],
  ['due', 'unknown', 'due'],
  ['watch', 'offline', 'offline'],
  ['normal', 'offline', 'offline'],
  ['normal', 'unknown', 'unknown'],
  ['watch', 'online', 'watch'],
  ['normal', 'online', 'normal'],
  ['unknown', 'online', 'unknown'],
] as const)('health %s and %s is shown as %s', (health, online, expected) => {
  expect(conditionOf({ health, online })).toBe(expected);
});

test('the fleet stands worst first, then by name in the order of its numbers', () => {
  const machine = (name: string, health: EquipmentView['health'], openTickets: string[] = []) =>
    ({
      id: name,
      name,
      health,
      online: 'online',
      openTickets,
      remainingLife: [],
    }) as unknown as EquipmentView;
  const sorted = [
    machine('garage 10', 'normal'),
    machine('garage 2', 'normal'),
    machine('b', 'watch'),
    machine('c', 'down'),
    machine('z', 'normal', ['T1']),
  ].sort(byCondition);
  expect(sorted.map((one) => one.name)).toEqual(['c', 'b', 'z', 'garage 2', 'garage 10']);
});

test.each([
  ['', 'bay7', 'active', 'no-data', null, true],
  ['', 'bay7', 'active', 'no-data', 'currentA', false],
  ['bay7', 'bay7', 'active', 'no-data', null, true],
  ['bay3', 'bay7', 'active', 'no-data', null, false],
  ['bay7', 'bay7', 'cleared', 'no-data', null, false],
  ['bay7', 'bay7', 'active', 'stuck', null, false],
] as const)(
  'a finding on "%s", seen from %s, %s, by %s of %s: silent %s',
  (unit, shown, state, name, metric, expected) => {
    const alert = {
      unit,
      state,
      evidence: { metric, detector: { name, version: 1 } },
    } as unknown as AlertView;
    expect(isSilent([alert], shown)).toBe(expected);
  },
);
