import { expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import type { Signal } from '../fault/catalogue.ts';
import { player, T0 } from './testing/play.ts';

const catalogue = await loadCatalogue();
const S = 1_000;
const reasons = (events: readonly { readonly reason: string; readonly severity: string }[]) =>
  events.map(({ reason, severity }) => `${reason} ${severity}`);

test('hold time counts in event time, and one reading back inside starts it anew', () => {
  // windingTempC: high, at 120, clear 110, 30 s, S2
  const garage = player(catalogue);
  garage.read(T0, { windingTempC: 125 });
  garage.read(T0 + 20 * S, { windingTempC: 108 });
  garage.read(T0 + 25 * S, { windingTempC: 125 });
  expect(garage.read(T0 + 54 * S, { windingTempC: 125 })).toEqual([]);
  const [raised] = garage.read(T0 + 55 * S, { windingTempC: 126 });
  expect(raised).toMatchObject({ rule: 'limit:windingTempC:high', severity: 'S2', component: 'hoist' });
  expect(raised?.evidence).toMatchObject({ metric: 'windingTempC', seen: 126, detector: { name: 'limit' } });
});

test('hysteresis: between clear and at nothing changes', () => {
  const garage = player(catalogue);
  garage.read(T0, { windingTempC: 125 });
  garage.read(T0 + 31 * S, { windingTempC: 125 });
  expect(garage.events).toHaveLength(1);
  expect(garage.read(T0 + 32 * S, { windingTempC: 112 })).toEqual([]);
  expect(garage.read(T0 + 33 * S, { windingTempC: 121 })).toEqual([]);
  expect(reasons(garage.read(T0 + 34 * S, { windingTempC: 110 }))).toEqual(['back-within-limit S2']);
});

test('time alone completes a hold, by ticks, but not for a single wild reading', () => {
  const garage = player(catalogue);
  garage.read(T0, { windingTempC: 300 });
  expect(garage.tell({ kind: 'tick', afterGapSince: null }, T0 + 40 * S)).toEqual([]);
  garage.read(T0 + 41 * S, { windingTempC: 20 });
  garage.read(T0 + 60 * S, { windingTempC: 130 });
  garage.read(T0 + 61 * S, { windingTempC: 130 });
  expect(garage.tell({ kind: 'tick', afterGapSince: null }, T0 + 89 * S)).toEqual([]);
  const byTick = garage.tell({ kind: 'tick', afterGapSince: null }, T0 + 91 * S);
  expect(reasons(byTick)).toEqual(['limit-exceeded S2']);
  // A reading from before that tick, still over the limit, does not end it.
  expect(garage.read(T0 + 85 * S, { windingTempC: 130 })).toEqual([]);
  expect(garage.tell({ kind: 'tick', afterGapSince: null }, T0 + 95 * S)).toEqual([]);
});

test('two limits on one side are one alert whose severity moves', () => {
  // chainElongationPct: 1.5 S3, 2 S1
  const garage = player(catalogue);
  expect(reasons(garage.read(T0, { chainElongationPct: 1.6 }))).toEqual(['limit-exceeded S3']);
  expect(reasons(garage.read(T0 + 1, { chainElongationPct: 2.1 }))).toEqual(['severity-raised S1']);
  expect(reasons(garage.read(T0 + 2, { chainElongationPct: 1.7 }))).toEqual(['severity-lowered S3']);
  expect(reasons(garage.read(T0 + 3, { chainElongationPct: 1 }))).toEqual(['back-within-limit S3']);
  expect(new Set(garage.events.map(({ alert }) => alert)).size).toBe(1);
});

test('a rule that was taken out of the catalogue ends its alert at the next reading', () => {
  const garage = player(catalogue);
  garage.read(T0, { windingTempC: 125, chainElongationPct: 2.1 });
  garage.read(T0 + 31 * S, { windingTempC: 125, chainElongationPct: 2.1 });
  expect(garage.events).toHaveLength(2);
  const edited = (chainRules: readonly { readonly severity: string }[]) => {
    const signals = new Map(catalogue.signals);
    signals.delete('windingTempC');
    const chain = signals.get('chainElongationPct') as Signal;
    signals.set('chainElongationPct', { ...chain, limits: chainRules as Signal['limits'] & {} });
    return { ...catalogue, signals };
  };
  const both = catalogue.signals.get('chainElongationPct')?.limits ?? [];
  const fewer = player(edited(both.slice(0, 1)), garage.state);
  expect(reasons(fewer.read(T0 + 32 * S, { windingTempC: 125, chainElongationPct: 2.1 })).sort()).toEqual([
    'rule-removed S2',
    'severity-lowered S3',
  ]);
  const none = player(edited([]), fewer.state);
  expect(reasons(none.read(T0 + 33 * S, { windingTempC: 125, chainElongationPct: 2.1 }))).toEqual([
    'rule-removed S3',
  ]);
  expect(none.state.awaiting.size).toBe(0);
});
