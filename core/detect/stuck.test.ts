import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { DEFAULTS } from '../rules/parameters.ts';
import { headOf, restore, unitOf } from './state.ts';
import { DAY, HOUR, MINUTE, normal, type Player, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();
const told = (machine: Player, prefix: string) =>
  machine.events
    .filter(({ rule }) => rule.startsWith(prefix))
    .map(({ type, reason, severity, component }) => `${type} ${reason} ${severity} ${component}`);

type Values = (atMs: number, random: () => number) => Record<string, number>;

const live = (
  machine: Player,
  values: Values,
  fromMs: number,
  toMs: number,
  seed = 1,
  everyMs = 5 * MINUTE,
) => {
  const random = uniform(seed);
  for (let atMs = fromMs; atMs < toMs; atMs += everyMs) machine.read(T0 + atMs, values(atMs, random));
};

/** By day it works every five minutes; at night it says again what it said last. */
const shift = (frozen: (atMs: number, metric: string) => boolean): Values => {
  let last: Record<string, number> = {};
  let cycleCount = 0;
  return (atMs, random) => {
    const hour = (atMs % DAY) / HOUR;
    if (Object.keys(last).length > 0 && (hour < 7 || hour > 22)) return { ...last };
    cycleCount += 1;
    const now: Record<string, number> = {
      hoistCurrentA: Math.round(100 * (9 + 0.1 * normal(random))) / 100,
      windingTempC: Math.round(10 * (50 + normal(random))) / 10,
      chainTensionKn: Math.round(100 * (12 + 0.2 * normal(random))) / 100,
      cycleCount,
    };
    for (const metric of Object.keys(now))
      if (frozen(atMs, metric)) now[metric] = last[metric] ?? (now[metric] as number);
    last = now;
    return { ...now };
  };
};

describe('a value that no longer moves', () => {
  test('while the machine works: S3 of the sensors within two hours; over when it moves', () => {
    const machine = player(catalogue);
    const fromMs = 3 * DAY + 12 * HOUR;
    const values = shift(
      (atMs, metric) => metric === 'windingTempC' && atMs > fromMs && atMs < fromMs + 5 * HOUR,
    );
    live(machine, values, 0, 5 * DAY);
    expect(told(machine, 'stuck:')).toEqual([
      'raised value-stuck S3 sensors',
      'cleared moving-again S3 sensors',
    ]);
    const [raised, cleared] = machine.events.filter(({ rule }) => rule === 'stuck:windingTempC');
    expect((raised?.atMs ?? 0) - T0 - fromMs).toBeLessThan(2 * HOUR);
    expect((cleared?.atMs ?? 0) - T0 - fromMs).toBeLessThan(5.2 * HOUR);
    expect(raised?.evidence).toMatchObject({ metric: 'windingTempC', detector: { name: 'stuck' } });
  });

  test('nights, long weekends and holidays in which nothing moves are none', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const machine = player(catalogue);
      live(
        machine,
        shift((atMs) => atMs > 20 * DAY && atMs < 27 * DAY),
        0,
        30 * DAY,
        seed,
      );
      expect(told(machine, 'stuck:')).toEqual([]);
    }
  });

  test('a controller that sends old values with a new time is found, where values never stood still before', () => {
    const machine = player(catalogue);
    let last = { supplyVoltageV: 380, oilTempC: 40 };
    const values: Values = (atMs, random) => {
      if (atMs < 3 * DAY)
        last = { supplyVoltageV: 380 + normal(random), oilTempC: 40 + 0.3 * normal(random) };
      return { ...last };
    };
    live(machine, values, 0, 4 * DAY, 2, MINUTE);
    expect(told(machine, 'stuck:')).toContain('raised value-stuck S3 sensors');
  });

  test('a value at the end of its range, an operating state and a set point are not stuck', () => {
    const machine = player(catalogue);
    const values: Values = (atMs, random) => ({
      compressorDutyPct: Math.min(100, atMs < 3 * DAY ? 80 + 5 * normal(random) : 110),
      drumRpm: 0,
      setpointC: atMs < 2 * DAY ? 4 : 5,
      fridgeTempC: 4 + 0.2 * normal(random),
      freezerTempC: -18 + 0.2 * normal(random),
    });
    live(machine, values, 0, 6 * DAY);
    expect(told(machine, 'stuck:')).toEqual([]);
  });

  test('a converter that hangs may flicker by its last digit', () => {
    const machine = player(catalogue);
    const values: Values = (atMs, random) => ({
      oilTempC:
        atMs < 3 * DAY ? Math.round(10 * (40 + normal(random))) / 10 : 40.1 + 0.1 * Math.round(random()),
      oilPressureMpa: 12 + 0.2 * normal(random),
    });
    live(machine, values, 0, 4 * DAY);
    expect(told(machine, 'stuck:')).toEqual(['raised value-stuck S3 sensors']);
  });

  test('rules that switch it off end it', () => {
    const machine = player(catalogue);
    live(
      machine,
      shift((atMs, metric) => metric === 'windingTempC' && atMs > 3 * DAY),
      0,
      4 * DAY,
    );
    expect(told(machine, 'stuck:')).toHaveLength(1);
    machine.rules = { version: 'off', of: () => ({ ...DEFAULTS, stuck: { on: false, forMs: HOUR } }) };
    machine.tell({ kind: 'rules' }, T0 + 4 * DAY);
    expect(told(machine, 'stuck:').at(-1)).toBe('cleared rule-removed S3 sensors');
  });

  test('a checkpoint at any moment changes nothing', () => {
    const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 * 288 }), fc.integer({ min: 1, max: 99 }), (at, seed) => {
        const frozen = (atMs: number, metric: string) => metric === 'windingTempC' && atMs > 3.5 * DAY;
        const run = (cutMs: number | null) => {
          const machine = player(catalogue);
          const values = shift(frozen);
          const random = uniform(seed);
          for (let atMs = 0; atMs < 5 * DAY; atMs += 5 * MINUTE) {
            if (atMs === cutMs)
              machine.state = restore(copy(headOf(machine.state)), [
                ['bay1', copy(unitOf(machine.state, 'bay1'))],
              ]);
            machine.read(T0 + atMs, values(atMs, random));
          }
          return machine.events;
        };
        expect(run(at * 5 * MINUTE)).toEqual(run(null));
      }),
      { numRuns: 8 },
    );
  });
});
