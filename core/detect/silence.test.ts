import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { DEFAULTS } from '../rules/parameters.ts';
import { step } from './engine.ts';
import { headOf, restore, unitOf } from './state.ts';
import { DAY, HOUR, MINUTE, type Player, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();

const tick = (machine: Player, atMs: number, afterGapSince: number | null = null) =>
  machine.tell({ kind: 'tick', afterGapSince }, atMs);
const ticks = (machine: Player, fromMs: number, toMs: number, everyMs = 1_000): void => {
  for (let atMs = fromMs; atMs <= toMs; atMs += everyMs) tick(machine, atMs);
};
const told = (machine: Player) =>
  machine.events.map(
    ({ type, reason, severity, unit, atMs }) =>
      `${type} ${reason} ${severity} ${unit} ${(atMs - T0) / MINUTE}`,
  );

/** Connected, and reports every minute for two hours. */
const reporter = (everyMs = MINUTE, forMs = 2 * HOUR): Player => {
  const machine = player(catalogue);
  machine.tell({ kind: 'connected', connectionId: 'c1' }, T0);
  for (let atMs = everyMs; atMs <= forMs; atMs += everyMs) {
    machine.read(T0 + atMs, { windingTempC: 40 + (atMs % 7) }, '');
    tick(machine, T0 + atMs + 500);
  }
  return machine;
};

describe('no data is a state of its own', () => {
  test('silent for ten usual intervals: first watch, S3 when it lasts, and over with the next word', () => {
    const machine = reporter();
    ticks(machine, T0 + 2 * HOUR + MINUTE, T0 + 3 * HOUR);
    expect(told(machine)).toEqual(['raised silent watch  130', 'updated severity-raised S3  140']);
    expect(machine.events[0]).toMatchObject({
      rule: 'no-data:silent',
      component: 'controller',
      evidence: { detector: { name: 'no-data' }, window: { fromMs: T0 + 2 * HOUR, toMs: T0 + 130 * MINUTE } },
    });
    machine.read(T0 + 3 * HOUR + MINUTE, { windingTempC: 40 }, '');
    expect(told(machine).at(-1)).toBe('cleared heard-again S3  181');
  });

  test('a connection that ended is offline after five minutes; coming back ends it, silence then counts anew', () => {
    const machine = reporter();
    machine.tell({ kind: 'disconnected', connectionId: 'c1' }, T0 + 2 * HOUR);
    ticks(machine, T0 + 2 * HOUR, T0 + 2 * HOUR + 6 * MINUTE);
    expect(told(machine)).toEqual(['raised offline watch  125']);
    machine.tell({ kind: 'connected', connectionId: 'c2' }, T0 + 2 * HOUR + 7 * MINUTE);
    expect(told(machine).at(-1)).toBe('cleared heard-again watch  127');
    ticks(machine, T0 + 2 * HOUR + 7 * MINUTE, T0 + 2 * HOUR + 18 * MINUTE);
    expect(told(machine).at(-1)).toBe('raised silent watch  137');
  });

  test('a flap of the connection is nothing', () => {
    const machine = reporter();
    for (let minute = 0; minute < 60; minute += 4) {
      const atMs = T0 + 2 * HOUR + minute * MINUTE;
      machine.tell({ kind: 'disconnected', connectionId: 'c1' }, atMs);
      ticks(machine, atMs, atMs + 3 * MINUTE);
      machine.tell({ kind: 'connected', connectionId: 'c1' }, atMs + 3 * MINUTE);
      machine.read(atMs + 3 * MINUTE, { windingTempC: 40 }, '');
    }
    expect(told(machine)).toEqual([]);
  });

  test('with a lock-out active it is S2 at once, and the lock-out stays active', () => {
    const machine = reporter();
    machine.fault(T0 + 2 * HOUR, 'G06', true);
    ticks(machine, T0 + 2 * HOUR, T0 + 4 * HOUR, 10_000);
    expect(told(machine)).toEqual(['raised fault-active S1 bay1 120', 'raised silent S2  130']);
  });

  test('a gap in the ticks was ours: silence counts from when the service was back', () => {
    const machine = reporter();
    tick(machine, T0 + 5 * HOUR, T0 + 2 * HOUR);
    ticks(machine, T0 + 5 * HOUR, T0 + 5 * HOUR + 9 * MINUTE);
    expect(told(machine)).toEqual([]);
    ticks(machine, T0 + 5 * HOUR + 9 * MINUTE, T0 + 5 * HOUR + 11 * MINUTE);
    expect(told(machine)).toEqual(['raised silent watch  310']);
  });

  test('what never said anything is not missed', () => {
    const machine = player(catalogue);
    machine.tell({ kind: 'connected', connectionId: 'c1' }, T0);
    machine.tell({ kind: 'disconnected', connectionId: 'c1' }, T0 + MINUTE);
    ticks(machine, T0, T0 + 2 * HOUR, 10_000);
    expect(told(machine)).toEqual([]);
  });

  test('data that waited in the machine ends it when it comes, and is no new silence', () => {
    const machine = reporter();
    ticks(machine, T0 + 2 * HOUR, T0 + 4 * HOUR, 10_000);
    const backMs = T0 + 4 * HOUR;
    for (let atMs = 2 * HOUR + MINUTE; atMs < 4 * HOUR; atMs += MINUTE)
      machine.tell(
        {
          kind: 'reading',
          reading: {
            equipment: 'E',
            unit: '',
            tsMs: T0 + atMs,
            tsSource: 'device',
            seq: null,
            receivedAtMs: backMs,
            values: { windingTempC: 40 },
          },
        },
        backMs,
      );
    expect(told(machine).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'raised silent',
      'updated severity-raised',
      'cleared heard-again',
    ]);
    expect(machine.events.at(-1)?.atMs).toBe(backMs);
  });

  test('a machine that sleeps at night is not missed at night, but it is by day', () => {
    const machine = player(catalogue);
    const random = uniform(4);
    machine.tell({ kind: 'connected', connectionId: 'c1' }, T0);
    const workday = (day: number, untilHour: number) => {
      for (let atMs = 8 * HOUR; atMs < untilHour * HOUR; atMs += MINUTE + random() * 5 * MINUTE)
        machine.read(T0 + day * DAY + atMs, { doorCloseS: 5 + random() }, '');
    };
    for (let day = 0; day < 10; day++) {
      workday(day, 20);
      ticks(machine, T0 + day * DAY + 20 * HOUR, T0 + (day + 1) * DAY + 8 * HOUR, 30_000);
    }
    expect(told(machine).filter((line) => line.includes(' S'))).toEqual([]);
    workday(10, 11);
    ticks(machine, T0 + 10 * DAY + 11 * HOUR, T0 + 12 * DAY, 30_000);
    expect(told(machine).at(-1)).toContain('severity-raised S3');
  });

  test('one unit that reports regularly and stops, while the rest goes on', () => {
    const machine = player(catalogue);
    for (let minute = 0; minute < 24 * 60; minute++) {
      const atMs = T0 + minute * MINUTE;
      machine.read(atMs, { supplyVoltageV: 380 + (minute % 3) }, '');
      if (minute < 600) machine.read(atMs + 1, { windingTempC: 50 + (minute % 5) }, 'lift1');
      if (minute > 900) machine.read(atMs + 1, { windingTempC: 50 + (minute % 5) }, 'lift1');
      ticks(machine, atMs + 500, atMs + 50_000, 10_000);
    }
    expect(told(machine).map((line) => line.replace(/\.\d+/, ''))).toEqual([
      'raised part-silent S3 lift1 609',
      'cleared heard-again S3 lift1 901',
    ]);
  });

  test('one metric that was in every reading, and is in none any more', () => {
    const machine = player(catalogue);
    const random = uniform(8);
    const live = (fromMinute: number, toMinute: number, isWired: boolean) => {
      for (let minute = fromMinute; minute < toMinute; minute += 5) {
        // The discharge is measured only while it runs: by day.
        const runs = minute % 1440 > 480 && minute % 1440 < 1200;
        machine.read(T0 + minute * MINUTE, {
          fridgeTempC: 4 + random(),
          ...(isWired ? { freezerTempC: -18 + random() } : {}),
          ...(runs ? { dischargeTempC: 70 + random() } : {}),
        });
      }
    };
    live(0, 3 * 1440, true);
    live(3 * 1440, 4 * 1440, false);
    live(4 * 1440, 5 * 1440, true);
    expect(
      machine.events.map(({ type, rule, severity, component }) => [type, rule, severity, component]),
    ).toEqual([
      ['raised', 'no-data:freezerTempC', 'S3', 'sensors'],
      ['cleared', 'no-data:freezerTempC', 'S3', 'sensors'],
    ]);
    expect((machine.events[0]?.atMs ?? 0) - T0 - 3 * DAY).toBeLessThan(6 * HOUR);
  });

  test('rules that switch it off end it', () => {
    const machine = reporter();
    ticks(machine, T0 + 2 * HOUR, T0 + 2 * HOUR + 20 * MINUTE);
    const of = () => ({ ...DEFAULTS, noData: { ...DEFAULTS.noData, on: false } });
    const place = { partition: 0, offset: 99_999, nextIndex: 0, receivedAtMs: T0 + 3 * HOUR };
    const { events } = step(
      { catalogue, rules: { version: 'off', of } },
      'E',
      machine.state,
      { kind: 'rules' },
      place,
    );
    expect(events.map(({ type, reason }) => `${type} ${reason}`)).toEqual(['cleared rule-removed']);
  });

  test('a checkpoint from before silence was kept: it counts from what is heard next', () => {
    const machine = reporter();
    const copy = JSON.parse(JSON.stringify({ head: headOf(machine.state), unit: unitOf(machine.state, '') }));
    delete copy.head.silence;
    delete copy.head.sinceMs;
    delete copy.unit.part;
    for (const [, series] of copy.unit.series)
      for (const key of ['run', 'rate', 'day', 'seen']) delete series[key];
    machine.state = restore(copy.head, [['', copy.unit]]);
    ticks(machine, T0 + 2 * HOUR, T0 + 5 * HOUR, 10_000);
    expect(told(machine)).toEqual([]);
    for (let minute = 300; minute < 400; minute++)
      machine.read(T0 + minute * MINUTE, { windingTempC: 40 + (minute % 7) }, '');
    ticks(machine, T0 + 400 * MINUTE, T0 + 415 * MINUTE);
    expect(told(machine)).toEqual(['raised silent watch  409']);
  });

  test('a checkpoint in the middle changes nothing of what is told', () => {
    const whole = reporter();
    const half = reporter();
    const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
    half.state = restore(copy(headOf(half.state)), [['', copy(unitOf(half.state, ''))]]);
    for (const machine of [whole, half]) ticks(machine, T0 + 2 * HOUR, T0 + 3 * HOUR);
    expect(told(half)).toEqual(told(whole));
    expect(told(half)).toHaveLength(2);
  });
});
