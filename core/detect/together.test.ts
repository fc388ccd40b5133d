import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { compiled } from '../rules/book.ts';
import { DEFAULT_RULES, type SomeParameters } from '../rules/rules.ts';
import { newNovelty, observe } from './novelty/novelty.ts';
import { headOf, restore, unitOf } from './state.ts';
import { MINUTE, normal, type Player, player, T0, uniform } from './testing/play.ts';
import { MAX_METRICS } from './together.ts';

const catalogue = await loadCatalogue();
const book = (joint: SomeParameters['joint'], metric: string | null = null) =>
  compiled(
    {
      ...DEFAULT_RULES,
      overrides: [
        {
          match: { model: null, equipmentClass: null, unit: null, metric },
          detectors: { ...(joint && { joint }) },
        },
      ],
    },
    'v2',
  );

const OFF_FROM = 900;
/** Current and temperature rise together, by less than a limit, from reading 900 to 1100. */
const readingAt = (random: () => number, i: number): Readonly<Record<string, number>> => {
  const off = i >= OFF_FROM && i < 1_100 ? 1 : 0;
  return {
    hoistCurrentA: 9 + 0.3 * normal(random) + off,
    windingTempC: 45 + normal(random) + 4 * off,
    hoistBusV: 380 + 2 * normal(random),
    cycleCount: i,
  };
};
const play = (garage: Player, from: number, to: number): void => {
  const random = uniform(5);
  for (let i = 0; i < to; i++) {
    const values = readingAt(random, i);
    if (i >= from) garage.read(T0 + i * MINUTE, values);
  }
};
const jointOf = ({ events }: Player) => events.filter(({ rule }) => rule === 'joint');
const started = (): Player => {
  const garage = player(catalogue);
  garage.rules = book({ on: true });
  return garage;
};

describe('all metrics of a unit together', () => {
  test('one watch from the onset to the end, with who is off, expected, seen and since when', () => {
    const garage = started();
    play(garage, 0, 1_300);
    const [raised, ...later] = jointOf(garage);
    expect(raised).toMatchObject({
      type: 'raised',
      severity: 'watch',
      unit: 'bay1',
    });
    expect(raised?.atMs).toBeGreaterThanOrEqual(T0 + OFF_FROM * MINUTE);
    expect(raised?.atMs).toBeLessThan(T0 + (OFF_FROM + 30) * MINUTE);
    expect(jointOf(garage).map(({ reason }) => reason)).toContain('off-normal-together');
    const told = (jointOf(garage).findLast(({ type }) => type !== 'cleared') ?? raised)?.evidence;
    const names = [told?.metric, ...(told?.others ?? []).map(({ metric }) => metric)].sort();
    expect(names).toEqual(['hoistCurrentA', 'windingTempC']);
    for (const one of [told, ...(told?.others ?? [])])
      expect(one?.seen).toBeGreaterThan(one?.expected?.high as number);
    expect(told?.window.fromMs).toBeGreaterThanOrEqual(T0 + OFF_FROM * MINUTE);
    expect(later.filter(({ type }) => type === 'raised')).toEqual([]);
    expect(later.at(-1)).toMatchObject({ type: 'cleared', reason: 'normal-together', alert: raised?.alert });
    expect(later.at(-1)?.atMs).toBeLessThan(T0 + 1_150 * MINUTE);
  });

  test('is what `precall detect` says of the same table', () => {
    const garage = started();
    play(garage, 0, 1_300);
    const table = newNovelty(3, 0);
    const random = uniform(5);
    let before = false;
    const changes: number[] = [];
    for (let i = 0; i < 1_300; i++) {
      const { hoistCurrentA = 0, windingTempC = 0, hoistBusV = 0 } = readingAt(random, i);
      const row = { tsMs: T0 + i * MINUTE, values: [hoistCurrentA, windingTempC, hoistBusV] };
      const { alert } = observe(table, row);
      if (alert !== before) changes.push(row.tsMs);
      before = alert;
    }
    const told = jointOf(garage).filter(({ type }) => type !== 'updated');
    expect(told.map(({ atMs }) => atMs)).toEqual(changes);
    expect(changes.length).toBeGreaterThanOrEqual(2);
  });

  test('nothing is kept or told where no rule asks for it', () => {
    const garage = player(catalogue);
    play(garage, 0, 1_300);
    expect(jointOf(garage)).toEqual([]);
    expect(garage.state.together.size).toBe(0);
    garage.rules = book({ on: true }, 'hoistBusV');
    play(garage, 0, 1_300);
    expect(garage.state.together.get('bay1')?.metrics).toEqual(['hoistBusV']);
  });

  test('a checkpoint in the middle changes nothing', () => {
    const whole = started();
    play(whole, 0, 1_300);
    const cut = started();
    play(cut, 0, 950);
    const saved = JSON.parse(JSON.stringify({ head: headOf(cut.state), unit: unitOf(cut.state, 'bay1') }));
    cut.state = restore(saved.head, [['bay1', saved.unit]]);
    play(cut, 950, 1_300);
    expect(jointOf(cut)).toEqual(jointOf(whole));
  });

  test('switched off, it ends at once and is forgotten', () => {
    const garage = started();
    play(garage, 0, 1_000);
    garage.rules = book({ on: false });
    const ended = garage.tell({ kind: 'rules' }, T0 + 1_001 * MINUTE);
    expect(ended.filter(({ rule }) => rule === 'joint')).toMatchObject([
      { type: 'cleared', reason: 'rule-removed' },
    ]);
    expect(garage.state.together.size).toBe(0);
  });

  test('the metrics of a unit have a limit', () => {
    const garage = started();
    for (let i = 0; i < 3; i++)
      garage.read(
        T0 + i * MINUTE,
        Object.fromEntries(Array.from({ length: 50 }, (_, k) => [`m${k}`, k + i])),
      );
    expect(garage.state.together.get('bay1')?.metrics.length).toBe(MAX_METRICS);
  });
});
