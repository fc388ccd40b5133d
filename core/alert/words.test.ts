import { expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import type { Crossing, DetectorName, Evidence } from './alert.ts';
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

const seenBy = (name: DetectorName, more: Partial<Evidence>): Evidence => ({
  ...drift(null),
  detector: { name, version: 1 },
  metric: null,
  expected: null,
  seen: null,
  window: { fromMs: NOW_MS - 25 * 60_000, toMs: NOW_MS },
  ...more,
});

test.each([
  [
    'stuck:windingTempC',
    'sensors',
    seenBy('stuck', { metric: 'windingTempC', seen: 51.2 }),
    'Bay 7 sensors: winding temperature stuck at 51.2 °C for 25 minutes',
  ],
  [
    'spread:windingTempC:grown',
    'hoist',
    seenBy('spread', { metric: 'windingTempC', seen: 6.2, expected: { low: 0.5, high: 1.4 } }),
    'Bay 7 hoist: winding temperature scatters by 6.20 °C, normally 0.50–1.40 °C',
  ],
  [
    'rate:windingTempC',
    'sensors',
    seenBy('rate', { metric: 'windingTempC', seen: 400 }),
    'Bay 7 sensors: winding temperature gave readings that cannot be, as 400 °C',
  ],
  [
    'counter:cycleCount',
    'controller',
    seenBy('counter', { metric: 'cycleCount', seen: 3 }),
    'Bay 7 controller: cycles did not count on, it shows 3.00',
  ],
  [
    'counter-still:cycleCount',
    'controller',
    seenBy('counter', { metric: 'cycleCount', seen: 310 }),
    'Bay 7 controller: cycles stands still at 310 while it works',
  ],
  [
    'no-data:offline',
    'controller',
    seenBy('no-data', {}),
    'Bay 7 controller: connection lost, nothing heard for 25 minutes',
  ],
  ['no-data:silent', 'controller', seenBy('no-data', {}), 'Bay 7 controller: nothing heard for 25 minutes'],
  [
    'code-rate:G17',
    'sensors',
    seenBy('code-rate', { code: 'G17', seen: 12, expected: { low: 0, high: 0.5 } }),
    'Bay 7 sensors: photo-eye dirty G17 unusually often: 12.0 a day, normally 0.00–0.50',
  ],
  [
    'peers:doorCloseS',
    'door',
    seenBy('peers', {
      metric: 'doorCloseS',
      seen: 9.6,
      peers: { model: 'PCS-9', count: 12, band: { low: 5.5, high: 6.9 }, sample: [] },
    }),
    'Bay 7 door: door closing time 9.60 s, others of PCS-9 5.50–6.90 s',
  ],
])('%s says what, where and for how long, in both languages', (rule, component, evidence, en) => {
  const words = alertWords(catalogue, { unit: 'bay7', component, rule, evidence });
  expect(words.en).toBe(en);
  expect(words.zh).toMatch(/^7 \u53f7\u4f4d.*\uff1a/);
  expect(words.zh).not.toMatch(/undefined|: |, /);
});
