import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../format/time.ts';
import { askedView, liveView, startRange } from './range.ts';
import type { AlertView, RemainingLifeView } from './shapes.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const alert = (ageMs: number, state = 'active') =>
  ({
    unit: 'bay7',
    state,
    raisedAt: iso(NOW),
    evidence: { window: { from: iso(NOW - ageMs), to: iso(NOW) } },
  }) as unknown as AlertView;

test.each([
  [[], '1d'],
  [[alert(HOUR_MS)], '1d'],
  [[alert(2 * DAY_MS)], '7d'],
  [[alert(9 * DAY_MS)], '14d'],
  [[alert(90 * DAY_MS)], '14d'],
  [[alert(9 * DAY_MS, 'cleared')], '1d'],
] as const)('begins with a range that shows the evidence', (alerts, expected) => {
  expect(startRange(alerts, 'bay7', NOW)).toBe(expected);
});

test('looks ahead to a limit that will soon be met, not to one far away', () => {
  const life = (days: number) =>
    [
      { unit: 'bay7', at: iso(NOW + days * DAY_MS), latestAt: iso(NOW + days * DAY_MS) },
    ] as unknown as RemainingLifeView[];
  expect(liveView('14d', life(9), 'bay7', NOW).toMs).toBeGreaterThan(NOW + 9 * DAY_MS);
  expect(liveView('1d', life(9), 'bay7', NOW).toMs).toBeLessThan(NOW + 2 * HOUR_MS);
  expect(liveView('14d', life(9), 'bay8', NOW).toMs).toBeLessThan(NOW + DAY_MS);
});

test('the address decides', () => {
  expect(askedView(new URLSearchParams('range=7d'), '1d')).toEqual({ fixed: null, range: '7d' });
  expect(askedView(new URLSearchParams('range=99d'), '1d').range).toBe('1d');
  expect(askedView(new URLSearchParams(`from=${NOW - DAY_MS}&to=${NOW}`), '1d').fixed).toEqual({
    fromMs: NOW - DAY_MS,
    toMs: NOW,
  });
});
