import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../format/time.ts';
import { askedView, leading, liveView, startRange } from './range.ts';
import type { AlertView, RemainingLifeView } from './shapes.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const alert = (ageMs: number, state = 'active', severity = 'S3', crossing: object | null = null) =>
  ({
    unit: 'bay7',
    state,
    severity,
    raisedAt: iso(NOW - ageMs / 2),
    evidence: { window: { from: iso(NOW - ageMs), to: iso(NOW) }, detector: { name: 'limit' }, crossing },
  }) as unknown as AlertView;

test.each([
  [null, '1d'],
  [alert(MINUTE_MS), '10m'],
  [alert(10 * MINUTE_MS), '1h'],
  [alert(6 * HOUR_MS), '1d'],
  [alert(1.6 * DAY_MS), '7d'],
  [alert(90 * DAY_MS), '14d'],
] as const)('begins with a range that shows the evidence and what was before', (found, expected) => {
  expect(startRange(found, NOW)).toBe(expected);
});

test('the worst finding leads, then the one with a limit ahead, then the newest', () => {
  const [old, young, limit] = [alert(DAY_MS), alert(HOUR_MS), alert(2 * DAY_MS, 'active', 'S3', {})];
  expect(leading([old, young], 'bay7')).toBe(young);
  expect(leading([old, young, limit], 'bay7')).toBe(limit);
  expect(leading([limit, alert(DAY_MS, 'active', 'S1'), alert(1, 'cleared', 'S1')], 'bay7')?.severity).toBe(
    'S1',
  );
  expect(leading([old], 'bay8')).toBeNull();
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
