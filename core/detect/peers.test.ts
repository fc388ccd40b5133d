import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import type { AlertEvent } from '../alert/alert.ts';
import { DEFAULT_BOOK } from '../rules/parameters.ts';
import { type Input, step } from './engine.ts';
import { compare } from './peers.ts';
import { type ModelPopulation, populationsOf } from './population.ts';
import { type EquipmentState, headOf, newState, restore, unitOf } from './state.ts';
import { DAY, HOUR, normal, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();
const rules = DEFAULT_BOOK;

/** What machine `i` measures at this hour. */
type Level = (i: number, hour: number, random: () => number) => number;

/** Machines of one model that report every half hour, compared every six hours. */
const fleet = (
  machines: number,
  days: number,
  seed: number,
  level: Level,
  metric = 'doorCloseS',
  restarts = false,
) => {
  const random = uniform(seed);
  const states = new Map<string, EquipmentState>();
  for (let i = 0; i < machines; i++) states.set(`m${i}`, newState());
  let populations: ReadonlyMap<string, ModelPopulation> = new Map();
  const events: AlertEvent[] = [];
  let offset = 0;
  const tell = (id: string, input: Input, receivedAtMs: number): void => {
    const place = { partition: 0, offset: offset++, nextIndex: 0, receivedAtMs };
    const before = states.get(id) ?? newState();
    const result = step({ catalogue, rules, populations }, id, before, input, place);
    states.set(id, result.state);
    events.push(...result.events);
  };
  for (const id of states.keys()) tell(id, { kind: 'registered', model: 'PCS-9' }, T0);
  for (let atMs = 0; atMs < days * DAY; atMs += HOUR / 2) {
    if (atMs % (6 * HOUR) === 0) {
      const told = populationsOf(catalogue, states, T0 + atMs);
      populations = new Map(told.map((one) => [one.model, JSON.parse(JSON.stringify(one))]));
    }
    if (restarts && atMs === 2.5 * DAY)
      for (const [id, state] of states) {
        const units = [...state.units.keys()].map((unit) => [unit, unitOf(state, unit)] as const);
        const saved = JSON.parse(JSON.stringify({ head: headOf(state), units }));
        states.set(id, restore(saved.head, saved.units));
      }
    for (let i = 0; i < machines; i++) {
      const values = { [metric]: level(i, atMs / HOUR, random) };
      const at = { equipment: `m${i}`, unit: 'door1', tsMs: T0 + atMs + i, receivedAtMs: T0 + atMs + i };
      tell(
        `m${i}`,
        { kind: 'reading', reading: { ...at, tsSource: 'device', seq: null, values } },
        T0 + atMs + i,
      );
    }
  }
  return events.filter(({ rule }) => rule.startsWith('peers:'));
};

const build = (i: number): number => 6 + 0.3 * Math.sin(7 * i);
const told = (events: readonly AlertEvent[]) =>
  events.map(({ type, reason, severity, equipment }) => `${type} ${reason} ${severity} ${equipment}`);

describe('compared with its peers', () => {
  test('one that is far from the others from its first day on, on the bad side: S3, with healthy ones beside it', () => {
    const events = fleet(
      12,
      5,
      1,
      (i, _, random) => build(i) * (i === 4 ? 1.6 : 1) * (1 + 0.02 * normal(random)),
    );
    expect(told(events)).toEqual(['raised differs-from-peers S3 m4']);
    const [raised] = events;
    expect((raised?.atMs ?? 0) - T0).toBeLessThan(2 * DAY);
    expect(raised).toMatchObject({ component: 'door', unit: 'door1' });
    const { peers, seen, expected } = raised?.evidence ?? {};
    expect(peers).toMatchObject({ model: 'PCS-9', count: 12 });
    expect(peers?.sample).toHaveLength(5);
    expect(peers?.sample.some(({ equipment }) => equipment === 'm4')).toBe(false);
    expect(peers?.band.high).toBeLessThan(7);
    expect(seen).toBeGreaterThan(expected?.high ?? Number.POSITIVE_INFINITY);
  });

  test('on the good side it is only worth a watch', () => {
    const events = fleet(
      12,
      5,
      1,
      (i, _, random) => build(i) * (i === 4 ? 0.5 : 1) * (1 + 0.02 * normal(random)),
    );
    expect(told(events)).toEqual(['raised differs-from-peers watch m4']);
  });

  test('when all move together, nobody differs', () => {
    const weather: Level = (i, hour, random) =>
      build(i) *
      (1 + 0.01 * normal(random)) *
      (hour > 60 ? 1.7 : 1) *
      (1 + 0.2 * Math.sin((2 * Math.PI * hour) / 24));
    expect(told(fleet(12, 6, 2, weather))).toEqual([]);
  });

  test('where the model is spread wide, nothing is said', () => {
    const events = fleet(
      12,
      5,
      3,
      (i, _, random) => (3 + i) * (i === 4 ? 2.5 : 1) * (1 + 0.02 * normal(random)),
    );
    expect(told(events)).toEqual([]);
  });

  test('fewer than five others are no population', () => {
    const events = fleet(
      5,
      5,
      4,
      (i, _, random) => build(i) * (i === 4 ? 1.6 : 1) * (1 + 0.02 * normal(random)),
    );
    expect(told(events)).toEqual([]);
  });

  test('healthy fleets of every size, 80 of them, say nothing', () => {
    for (let seed = 1; seed <= 80; seed++) {
      const random = uniform(1_000 + seed);
      const size = 6 + (seed % 20);
      const own = Array.from({ length: size }, () => 6 * Math.exp(0.08 * normal(random)));
      const events = fleet(size, 4, seed, (i, _, noise) => (own[i] as number) * (1 + 0.05 * normal(noise)));
      expect(told(events), `seed ${seed}`).toEqual([]);
    }
  });

  test('it ends when it is like them again; a restart in between changes nothing', () => {
    const level: Level = (i, hour, random) =>
      build(i) * (i === 4 && hour < 72 ? 1.6 : 1) * (1 + 0.02 * normal(random));
    const events = fleet(12, 7, 1, level);
    expect(told(events)).toEqual(['raised differs-from-peers S3 m4', 'cleared like-its-peers S3 m4']);
    expect(fleet(12, 7, 1, level, 'doorCloseS', true)).toEqual(events);
  });
});

test('who differs does not depend on the unit of measure', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 5, max: 7, noNaN: true }), { minLength: 6, maxLength: 30 }),
      fc.double({ min: 1, max: 20, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      (list, level, factor) => {
        const limits = { least: 5, sigmas: 6 };
        const levels = [...list].sort((a, b) => a - b);
        const plain = compare({ levels, count: list.length }, level, limits);
        const scaled = compare(
          { levels: levels.map((x) => x * factor), count: list.length },
          level * factor,
          limits,
        );
        expect(scaled === null).toBe(plain === null);
        if (plain && scaled) expect(scaled.off).toBeCloseTo(plain.off, 4);
      },
    ),
  );
});
