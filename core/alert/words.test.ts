import { expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import type { Crossing, Evidence } from './alert.ts';
import { alertWords, bringWords, duration, unitWords } from './words.ts';

const catalogue = await loadCatalogue();
const NOW_MS = Date.UTC(2026, 10, 23);
const DAY_MS = 86_400_000;

const drift = (crossing: Crossing | null): Evidence => ({
  detector: { name: 'drift', version: 1 },
  metric: 'chainElongationPct',
  code: null,
  window: { fromMs: 0, toMs: NOW_MS },
  expected: { low: 0.1, high: 0.9 },
  seen: 1.8,
  crossing,
  sample: null,
  detail: null,
});

const words = (evidence: Evidence, unit = 'bay7'): { en: string; zh: string } =>
  alertWords(catalogue, {
    unit,
    component: 'hoist',
    rule: 'drift:chainElongationPct',
    evidence,
  });

test('a drift says what, where, how bad and by when, in both languages', () => {
  const crossing = {
    limit: 2,
    atMs: NOW_MS + 9 * DAY_MS,
    earliestMs: NOW_MS + 6 * DAY_MS,
    latestMs: NOW_MS + 14 * DAY_MS,
  };
  expect(words(drift(crossing))).toEqual({
    en: 'Bay 7 hoist: chain elongation 1.80 % and moving, normally 0.10–0.90 %. About 9 days to the 2.00 % limit (6 days – 14 days)',
    zh: '7 号位提升机构：链条伸长 1.80 %，仍在变化，正常 0.10–0.90 %。预计 9 天到 2.00 % 限值（6 天 – 14 天）',
  });
});

test('an open interval says so, and a limit that was passed is not predicted any more', () => {
  const open = { limit: 2, atMs: NOW_MS + 9 * DAY_MS, earliestMs: NOW_MS + 6 * DAY_MS, latestMs: null };
  expect(words(drift(open)).en).toContain('(6 days – open)');
  const passed = { limit: 2, atMs: NOW_MS, earliestMs: NOW_MS, latestMs: NOW_MS };
  expect(words(drift(passed)).en).toContain('Past the 2.00 % limit');
  expect(words(drift(passed)).zh).toContain('已超过 2.00 % 限值');
});

test('a fault says its name, its code and what people feel; an unknown one says that it is unknown', () => {
  const fault = (code: string): Evidence => ({
    ...drift(null),
    metric: null,
    code,
    seen: null,
    expected: null,
    detail: 'lane 3',
  });
  expect(words(fault('G06'))).toEqual({
    en: 'Bay 7 hoist: lift timeout G06, car trapped (lane 3)',
    zh: '7 号位提升机构：升降超时 G06，车辆被困（lane 3）',
  });
  expect(words(fault('X9')).en).toBe('Bay 7 hoist: unknown code X9');
  expect(words(fault('G06'), '').en).toMatch(/^Hoist:/);
});

test('durations are in the largest unit that people feel', () => {
  expect(duration(30_000).words.en).toBe('1 minute');
  expect(duration(90 * 60_000).words.en).toBe('90 minutes');
  expect(duration(5 * 3_600_000).words).toEqual({ en: '5 hours', zh: '5 小时' });
  expect(duration(9.4 * DAY_MS).words.en).toBe('9 days');
});

test('units and what to bring', () => {
  expect(unitWords('bay12')).toEqual({ en: 'Bay 12', zh: '12 号位' });
  expect(unitWords('lift-a')).toEqual({ en: 'lift-a', zh: 'lift-a' });
  expect(bringWords(catalogue, 'G10', 'hoist').zh).toBe('张紧、链条');
  expect(bringWords(catalogue, 'drift:x', 'brake').en).toBe('tools and wearing parts of the brake');
});
