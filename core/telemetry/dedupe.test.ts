import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstHearing, heardFromJson, heardToJson, newHeard } from './dedupe.ts';
import { SEQ_IDENTITY_MS } from './limits.ts';
import type { Reading } from './reading.ts';

const T0 = 1_767_225_600_000;
const reading = (ms: number, values: Reading['values'], over: Partial<Reading> = {}): Reading => ({
  equipment: 'g1',
  unit: 'bay7',
  tsMs: T0 + ms,
  tsSource: 'device',
  seq: null,
  receivedAtMs: T0 + ms,
  values,
  ...over,
});
const clockless = (ms: number, seq: number | null, values: Reading['values'], unit = 'bay7'): Reading =>
  reading(ms, values, { tsSource: 'receive', seq, unit });

test('one instant of a device is heard once by metric; no number is the number 0', () => {
  const heard = newHeard();
  expect(firstHearing(heard, reading(0, { a: 1 }))?.values).toEqual({ a: 1 });
  expect(firstHearing(heard, reading(0, { a: 2 }, { seq: 0 }))).toBeNull();
  expect(firstHearing(heard, reading(0, { a: 2, b: 3 }))?.values).toEqual({ b: 3 });
  expect(firstHearing(heard, reading(0, { a: 2 }, { seq: 1 }))?.values).toEqual({ a: 2 });
});

test('without a time a repeat has the same unit, number and values', () => {
  const heard = newHeard();
  const first = { a: 1, door: 0 };
  expect(firstHearing(heard, clockless(0, 1, first))).not.toBeNull();
  expect(firstHearing(heard, clockless(40, 1, { door: 0, a: 1 }))).toBeNull();
  // Started again within ten minutes: nothing of it may be lost, not even what did not change.
  expect(firstHearing(heard, clockless(60_000, 1, { a: 2, door: 0 }))?.values).toEqual({ a: 2, door: 0 });
  expect(firstHearing(heard, clockless(60_000, 1, first, 'bay8'))).not.toBeNull();
  const later = heardFromJson(JSON.parse(JSON.stringify(heardToJson(heard))));
  expect(firstHearing(later, clockless(60_040, 1, { a: 2, door: 0 }))).toBeNull();
  expect(firstHearing(later, clockless(60_040, 1, first))).toBeNull();
  expect(firstHearing(later, clockless(SEQ_IDENTITY_MS + 1, 1, first))).not.toBeNull();
});

test('with neither time nor number everything passes', () => {
  const heard = newHeard();
  for (let n = 0; n < 3; n += 1) expect(firstHearing(heard, clockless(0, null, { a: 1 }))).not.toBeNull();
});

test('what was heard is the same after a checkpoint, in its order, and small', () => {
  const said = fc.record({
    ms: fc.integer({ min: 0, max: 50_000 }),
    seq: fc.option(fc.oneof(fc.nat(100), fc.constant(Number.MAX_SAFE_INTEGER))),
    unit: fc.constantFrom('', 'bay7', 'lift_1'),
    metrics: fc.subarray(['a', 'b', 'c']),
    tsSource: fc.constantFrom('device' as const, 'receive' as const),
  });
  fc.assert(
    fc.property(fc.array(said, { maxLength: 40 }), (all) => {
      const heard = newHeard();
      for (const { ms, seq, unit, metrics, tsSource } of all)
        firstHearing(
          heard,
          reading(ms, Object.fromEntries(metrics.map((m) => [m, ms])), { seq, unit, tsSource }),
        );
      const restored = heardFromJson(JSON.parse(JSON.stringify(heardToJson(heard))));
      expect([...restored.keys]).toEqual([...heard.keys]);
      expect(restored.newestMs).toBe(heard.newestMs);
    }),
  );
  const steady = newHeard();
  for (let i = 0; i < 300; i++) firstHearing(steady, reading(i * 200, { hoistCurrentA: 9 }, { seq: i }));
  expect(JSON.stringify(heardToJson(steady)).length).toBeLessThan(300 * 12);
});
