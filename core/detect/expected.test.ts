import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { headOf, restore, unitOf } from './state.ts';
import { KINDS, machineOf, WELL, watch } from './testing/fleet.ts';
import { DAY, HOUR, MINUTE, normal, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();
const EVERY = 15 * MINUTE;
const play = (days: number, seed: number, value: (day: number, random: () => number) => number) => {
  const garage = player(catalogue);
  const random = uniform(seed);
  for (let atMs = 0; atMs < days * DAY; atMs += EVERY)
    garage.read(T0 + atMs, { hoistCurrentA: value(atMs / DAY, random) });
  const series = garage.state.units.get('bay1')?.get('hoistCurrentA');
  if (!series) throw new Error('no series');
  return { garage, series };
};
const wave = (day: number): number => Math.sin(2 * Math.PI * day);

describe('rhythm', () => {
  test('the profile is learnt, and the band is as narrow as the noise about it', () => {
    const { series } = play(15, 1, (day, random) => 9 * (1 + 0.15 * wave(day) + 0.01 * normal(random)));
    expect(Math.max(...series.rhythm.offset)).toBeCloseTo(9 * 0.15, 0);
    expect(series.normal.scale).toBeLessThan(9 * 0.03);
    expect(series.rhythm.isSettled).toBe(true);
  });

  test('one bad day does not become normal', () => {
    const odd = (day: number) => (Math.floor(day) === 4 ? 1.12 : 1);
    const { series } = play(10, 2, (day, random) => 9 * odd(day) * (1 + 0.01 * normal(random)));
    expect(series.normal.center).toBeCloseTo(9, 1);
    for (const offset of series.rhythm.offset) expect(Math.abs(offset)).toBeLessThan(0.2);
  });

  test('weekends have a profile of their own', () => {
    // T0 is a Thursday.
    const rest = (day: number) => ([2, 3].includes(Math.floor(day) % 7) ? 0.88 : 1);
    const { garage, series } = play(28, 3, (day, random) => 9 * rest(day) * (1 + 0.01 * normal(random)));
    const middle = (from: number) => series.rhythm.offset[from + 12] as number;
    expect(middle(24) - middle(0)).toBeCloseTo(-9 * 0.12, 0);
    const late = garage.events.filter(({ atMs }) => atMs > T0 + 14 * DAY);
    expect(late).toEqual([]);
  });
});

describe('the machine\u2019s own cycle', () => {
  /** Idle or at work, half of the time each until day 10, then idle by `share`. */
  const cycling = (work: (day: number) => number, share: number) =>
    play(24, 4, (day, random) =>
      random() < (day < 18 ? 0.5 : share)
        ? 0.3 * (1 + 0.03 * normal(random))
        : 9 * work(day) * (1 + 0.01 * normal(random)),
    ).garage.events;

  test('another mix of states is no alarm; a shift inside one is', () => {
    expect(cycling(() => 1, 0.2).filter(({ severity }) => severity !== 'watch')).toEqual([]);
    const worn = cycling((day) => (day < 20 ? 1 : 1.2), 0.5);
    const first = worn.find(({ severity }) => severity !== 'watch');
    expect(first?.rule).toMatch(/hoistCurrentA/);
    expect(first?.atMs).toBeGreaterThan(T0 + 20 * DAY);
    expect(first?.atMs).toBeLessThan(T0 + 21 * DAY);
  });

  test('states that the reading tells are judged apart, however near they lie', () => {
    const garage = player(catalogue);
    const random = uniform(5);
    const read = (day: number, loaded: boolean, factor: number) =>
      garage.read(T0 + day * DAY, {
        hoistCurrentA: 9 * (loaded ? 1.12 : 1) * factor * (1 + 0.005 * normal(random)),
        occupancy: loaded ? 1 : 0,
      });
    for (let i = 0; i < 96 * 16; i++) read(i / 96, random() < 0.5, 1);
    expect(garage.events).toEqual([]);
    // Only empty ones from here on, at the level of loaded ones.
    for (let i = 96 * 16; i < 96 * 17; i++) read(i / 96, false, 1.12);
    expect(garage.events.some(({ rule }) => /^(shift|drift):hoistCurrentA/.test(rule))).toBe(true);
  });
});

describe('spread', () => {
  const scattering = (spread: (day: number) => number) =>
    play(28, 6, (day, random) => 9 * (1 + 0.01 * spread(day) * normal(random))).garage.events;

  test('readings that scatter six times as much are told, and that they do no more', () => {
    const events = scattering((day) => (day > 18 && day < 23 ? 6 : 1)).filter(({ rule }) =>
      rule.startsWith('spread'),
    );
    expect(events[0]).toMatchObject({
      type: 'raised',
      rule: 'spread:hoistCurrentA:grown',
      component: 'hoist',
    });
    expect((events[0]?.atMs ?? 0) - T0).toBeLessThan(20 * DAY);
    const { seen, expected } = events[0]?.evidence ?? {};
    expect(seen).toBeGreaterThan(3 * (expected?.high ?? 0));
    expect(events.at(-1)).toMatchObject({ type: 'cleared', reason: 'spread-normal' });
  });

  test('and so are those that hardly scatter any more, as something to watch', () => {
    const events = scattering((day) => (day > 18 ? 0.05 : 1)).filter(({ rule }) => rule.startsWith('spread'));
    expect(events[0]).toMatchObject({ reason: 'spread-died', severity: 'watch' });
  });
});

test('machines with rhythms, weekends, weather and states: well for weeks, next to nobody is sent', () => {
  let sent = 0;
  for (let i = 0; i < 24; i++) {
    const life = machineOf(i, KINDS[i % KINDS.length] as (typeof KINDS)[number], WELL);
    const { events, bytes } = watch(catalogue, life, { seed: i, everyMs: EVERY, days: 28 });
    sent += new Set(events.filter(({ severity }) => severity !== 'watch').map(({ alert }) => alert)).size;
    expect(bytes).toBeLessThan(9_000);
  }
  expect(sent).toBeLessThanOrEqual(4);
});

/** Derived from the place in the log, which a player counts for itself. */
const ALERT_ID = /a0-\d+-\d+/g;

test('whatever is read: the same again from a checkpoint at any point, finite, and bounded', () => {
  const value = fc.oneof(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.constantFrom(0, 9, 9.1, -3, 1e-9, 1e12),
  );
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 40, maxLength: 200 }),
      fc.integer({ min: 1, max: 300 }),
      (values, minutes) => {
        const cut = Math.floor(values.length / 2);
        const read = (garage: ReturnType<typeof player>, from: number, to: number) => {
          for (let i = from; i < to; i++)
            garage.read(T0 + i * minutes * MINUTE, { hoistCurrentA: values[i] as number, occupancy: i % 2 });
        };
        const whole = player(catalogue);
        read(whole, 0, values.length);
        const first = player(catalogue);
        read(first, 0, cut);
        const saved = JSON.parse(JSON.stringify([headOf(first.state), unitOf(first.state, 'bay1')]));
        const second = player(catalogue, restore(saved[0], [['bay1', saved[1]]]));
        read(second, cut, values.length);
        const end = (garage: typeof whole) =>
          JSON.stringify(unitOf(garage.state, 'bay1')).replaceAll(ALERT_ID, '');
        expect(end(second)).toBe(end(whole));
        const [series] = [...(whole.state.units.get('bay1')?.values() ?? [])];
        expect(Number.isFinite(series?.normal.center)).toBe(true);
        expect(Number.isFinite(series?.normal.scale)).toBe(true);
        for (const { evidence } of whole.events)
          expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
      },
    ),
    { numRuns: 60, seed: 7 },
  );
});

test('a checkpoint of version 1 relearns; alerts that stand end by themselves', () => {
  const { garage } = play(16, 8, (day, random) => 9 * (day < 15.5 ? 1 : 1.3) * (1 + 0.01 * normal(random)));
  const open = garage.state.units.get('bay1')?.get('hoistCurrentA')?.shift;
  expect(open).toBeTruthy();
  const head = { ...JSON.parse(JSON.stringify(headOf(garage.state))), version: 1 };
  const unit = JSON.parse(JSON.stringify(unitOf(garage.state, 'bay1')));
  for (const [, one] of unit.series) {
    for (const later of ['rhythm', 'cycle', 'up', 'down', 'level', 'told', 'spread']) delete one[later];
    delete one.normal.context;
  }
  const state = restore(head, [['bay1', { ...unit, version: 1 }]]);
  const after = player(catalogue, state);
  const random = uniform(9);
  for (let i = 0; i < 60; i++)
    after.read(T0 + 16 * DAY + i * HOUR, { hoistCurrentA: 9 * (1 + 0.01 * normal(random)) });
  expect(after.events.some(({ alert, type }) => alert === open?.id && type === 'cleared')).toBe(true);
  expect(() => restore({ ...head, version: 99 }, [])).toThrow(/version 99/);
});
