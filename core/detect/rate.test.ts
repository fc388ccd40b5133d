import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { DAY, HOUR, MINUTE, normal, type Player, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();
const told = (machine: Player) =>
  machine.events
    .filter(({ rule }) => rule.startsWith('rate:'))
    .map(({ type, reason, severity, component }) => `${type} ${reason} ${severity} ${component}`);

/** A reading every five minutes; `odd` may put another value in its place. */
const live = (
  odd: (atMs: number) => number | null,
  days: number,
  seed = 1,
  metric = 'oilPressureMpa',
): Player => {
  const machine = player(catalogue);
  const random = uniform(seed);
  for (let atMs = 0; atMs < days * DAY; atMs += 5 * MINUTE) {
    const value = 12 + 0.2 * normal(random);
    machine.read(T0 + atMs, { [metric]: odd(atMs) ?? value });
  }
  return machine;
};

describe('wild readings', () => {
  test('one is watch, and over after a day without another', () => {
    const machine = live((atMs) => (atMs === 3 * DAY ? 55 : null), 6);
    expect(told(machine)).toEqual([
      'raised wild-reading watch sensors',
      'cleared steady-again watch sensors',
    ]);
    expect(machine.events.find(({ rule }) => rule.startsWith('rate:'))?.evidence.seen).toBe(55);
  });

  test('three within a day are S3 of the sensors', () => {
    const machine = live((atMs) => (atMs > 3 * DAY && atMs % (6 * HOUR) === 0 ? 0 : null), 5);
    expect(told(machine)).toEqual([
      'raised wild-reading watch sensors',
      'updated severity-raised S3 sensors',
    ]);
  });

  test('a step that stays is no wild reading, and neither is what happened in a gap', () => {
    expect(told(live((atMs) => (atMs >= 3 * DAY ? 20 + (atMs % 7) / 10 : null), 5))).toEqual([]);
    const machine = player(catalogue);
    const random = uniform(3);
    for (let atMs = 0; atMs < 8 * DAY; atMs += 5 * MINUTE) {
      if ((atMs % DAY) / HOUR > 8) continue;
      machine.read(T0 + atMs, { ntcTempC: 20 * Math.floor(atMs / DAY) + normal(random) });
    }
    expect(told(machine)).toEqual([]);
  });

  test('a machine whose values always leapt may leap', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const machine = player(catalogue);
      const random = uniform(seed);
      for (let atMs = 0; atMs < 30 * DAY; atMs += 5 * MINUTE)
        machine.read(T0 + atMs, {
          hoistCurrentA: 9 * (1 + 0.05 * normal(random)) * (random() < 0.02 ? 2.5 : 1),
        });
      expect(told(machine)).toEqual([]);
    }
  });

  test('what no physics allows is wild from the first reading on', () => {
    const machine = player(catalogue);
    [4, 4.1, 85, 4.1, 4].forEach((fridgeTempC, i) => {
      machine.read(T0 + i * 10_000, { fridgeTempC });
    });
    expect(told(machine)).toEqual(['raised wild-reading watch sensors']);
  });

  test('a repaired sensor is well after twenty readings', () => {
    const machine = live((atMs) => (atMs > 3 * DAY && atMs % (6 * HOUR) === 0 ? 0 : null), 4);
    machine.repaired(T0 + 4 * DAY, 'sensors');
    for (let i = 1; i <= 25; i++)
      machine.read(T0 + 4 * DAY + i * 5 * MINUTE, { oilPressureMpa: 11 + i / 100 });
    expect(told(machine).at(-1)).toBe('cleared recovered-after-repair S3 sensors');
  });
});
