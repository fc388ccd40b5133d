import { describe, expect, test } from 'vitest';
import type { AlertView, SeriesInfoView } from './shapes.ts';
import { firstUnit, orderSeries, unitsOf } from './trouble.ts';

const series = (unit: string, metric: string, component = 'hoist') =>
  ({ unit, metric, component }) as unknown as SeriesInfoView;
const alert = (unit: string, metric: string | null, severity: string, detector: string, state = 'active') =>
  ({
    unit,
    severity,
    state,
    component: 'hoist',
    evidence: { metric, detector: { name: detector } },
  }) as unknown as AlertView;

const all = [series('bay10', 'a'), series('bay2', 'a'), series('', 'cycleCount'), series('bay2', 'b')];

describe('units', () => {
  test('stand in their natural order, each with its worst finding', () => {
    const units = unitsOf(
      all,
      [alert('bay2', 'a', 'S1', 'drift'), alert('bay10', 'a', 'S1', 'limit', 'cleared')],
      [],
    );
    expect(units).toEqual([
      { unit: '', tone: 'normal' },
      { unit: 'bay2', tone: 'due' },
      { unit: 'bay10', tone: 'normal' },
    ]);
  });

  test('the page begins where the trouble is', () => {
    const units = unitsOf(
      all,
      [alert('bay2', 'a', 'watch', 'limit'), alert('bay10', null, 'S1', 'fault-code')],
      [],
    );
    expect(firstUnit(units, [])).toBe('bay10');
    expect(firstUnit(unitsOf(all, [], []), [])).toBe('bay2');
    expect(firstUnit([], [])).toBe('');
  });
});

test('plots with trouble come first, counters stand aside', () => {
  const { plots, aside } = orderSeries(
    [series('bay2', 'a'), series('bay2', 'cycleCount'), series('bay2', 'b')],
    [alert('bay2', 'b', 'S3', 'limit')],
    (metric) => metric === 'cycleCount',
  );
  expect(plots.map((one) => one.metric)).toEqual(['b', 'a']);
  expect(aside.map((one) => one.metric)).toEqual(['cycleCount']);
});
