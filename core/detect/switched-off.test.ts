import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { compiled } from '../rules/book.ts';
import { DEFAULT_RULES, type Match, type SomeParameters } from '../rules/rules.ts';
import { headOf, restore, unitOf } from './state.ts';
import { MINUTE, normal, type Player, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();
const CYCLE = 10 * MINUTE;
const OFF: SomeParameters = { drift: { on: false }, level: { on: false } };

const bookWith = (match: Partial<Match>, detectors: SomeParameters, version = 'v2') =>
  compiled(
    {
      ...DEFAULT_RULES,
      overrides: [
        { match: { model: null, equipmentClass: null, unit: null, metric: null, ...match }, detectors },
      ],
    },
    version,
  );

/** Cycles of a hoist that draws 9 A and then climbs by 1 % each. */
const climb = (garage: Player, from: number, to: number): void => {
  const random = uniform(5);
  for (let cycle = 0; cycle < to; cycle++) {
    const noise = 1 + 0.02 * normal(random);
    if (cycle < from) continue;
    const wear = 1.01 ** Math.max(0, Math.min(cycle - 300, 12));
    garage.read(T0 + cycle * CYCLE, { hoistCurrentA: 9 * wear * noise });
  }
};
const drifting = (): Player => {
  const garage = player(catalogue);
  climb(garage, 0, 325);
  expect(active(garage).length).toBeGreaterThan(0);
  return garage;
};
const active = ({ events }: Player): readonly string[] => {
  const rules = new Map<string, string>();
  for (const { alert, rule, type } of events)
    if (type === 'cleared') rules.delete(alert);
    else rules.set(alert, rule);
  return [...rules.values()].filter((rule) => /^(drift|shift):hoistCurrentA/.test(rule)).sort();
};

describe('what is switched off', () => {
  test('ends at once with its reason, and is not raised again; its evidence names the rules', () => {
    const garage = drifting();
    const standing = active(garage);
    garage.rules = bookWith({ metric: 'hoistCurrentA' }, OFF);
    const ended = garage.tell({ kind: 'rules' }, T0 + 326 * CYCLE);
    expect(
      ended
        .map(({ type, reason, rule, unit }) => ({ type, reason, rule, unit }))
        .sort((a, b) => (a.rule < b.rule ? -1 : 1)),
    ).toEqual(standing.map((rule) => ({ type: 'cleared', reason: 'rule-removed', rule, unit: 'bay1' })));
    expect(new Set(ended.map(({ evidence }) => evidence.rules))).toEqual(new Set(['v2']));
    expect(garage.events[0]?.evidence.rules).toBe('default');
    climb(garage, 327, 420);
    expect(active(garage)).toEqual([]);
  });

  test('is the only thing that ends: another metric, unit or model changes nothing', () => {
    for (const match of [
      { metric: 'skewMm' },
      { unit: 'bay2' },
      { model: 'PSH-7' },
      { equipmentClass: 'PSH' },
    ]) {
      const garage = drifting();
      const standing = active(garage);
      garage.rules = bookWith(match, OFF);
      expect(garage.tell({ kind: 'rules' }, T0 + 326 * CYCLE)).toEqual([]);
      expect(active(garage)).toEqual(standing);
    }
  });

  test('may only be known when the model is: from a person, or from the machine itself', () => {
    const says = (model: string | null) =>
      ({
        kind: 'status',
        report: { equipment: 'E', receivedAtMs: T0, connectionId: 'c', online: true, model, firmware: null },
      }) as const;
    const registered = drifting();
    registered.rules = bookWith({ model: 'PSH-7' }, OFF);
    registered.tell({ kind: 'registered', model: 'unknown' }, T0 + 326 * CYCLE);
    expect(active(registered)).not.toEqual([]);
    registered.tell({ kind: 'registered', model: 'PSH-7' }, T0 + 327 * CYCLE);
    expect(active(registered)).toEqual([]);

    const spoken = drifting();
    spoken.rules = bookWith({ equipmentClass: 'PSH' }, OFF);
    spoken.tell(says(null), T0 + 326 * CYCLE);
    expect(active(spoken)).not.toEqual([]);
    spoken.tell(says('PSH-2'), T0 + 327 * CYCLE);
    expect(active(spoken)).toEqual([]);
  });

  test('may be switched off for one unit: what is said of it as a whole ends, of others it stays', () => {
    const garage = player(catalogue);
    const tick = { kind: 'tick', afterGapSince: null } as const;
    for (let minute = 0; minute < 900; minute++) {
      const atMs = T0 + minute * MINUTE;
      garage.read(atMs, { skewMm: 2 }, 'bay1');
      for (const unit of ['bay2', 'bay3']) if (minute < 400) garage.read(atMs, { skewMm: 2 }, unit);
      garage.tell(tick, atMs + 1_000);
    }
    const raised = garage.events.filter(({ rule }) => rule === 'no-data:part');
    expect(raised.map(({ unit, type }) => `${unit} ${type}`).sort()).toEqual(['bay2 raised', 'bay3 raised']);
    garage.rules = bookWith({ unit: 'bay2' }, { noData: { on: false } });
    const ended = garage.tell({ kind: 'rules' }, T0 + 900 * MINUTE);
    expect(ended.map(({ unit, rule, reason }) => ({ unit, rule, reason }))).toEqual([
      { unit: 'bay2', rule: 'no-data:part', reason: 'rule-removed' },
    ]);
  });

  test("a person's word goes before the machine's, also after a restart", () => {
    const garage = drifting();
    garage.rules = bookWith({ model: 'PSH-7' }, OFF);
    garage.tell({ kind: 'registered', model: 'PCS-1' }, T0 + 326 * CYCLE);
    const { state } = garage;
    const again = player(
      catalogue,
      restore(JSON.parse(JSON.stringify(headOf(state))), [
        ['bay1', JSON.parse(JSON.stringify(unitOf(state, 'bay1')))],
      ]),
    );
    again.rules = garage.rules;
    const report = { equipment: 'E', receivedAtMs: T0, connectionId: 'c', online: true, firmware: null };
    const events = again.tell({ kind: 'status', report: { ...report, model: 'PSH-7' } }, T0 + 327 * CYCLE);
    expect(events).toEqual([]);
    expect(again.tell({ kind: 'registered', model: 'PSH-7' }, T0 + 328 * CYCLE).length).toBeGreaterThan(0);
  });
});
