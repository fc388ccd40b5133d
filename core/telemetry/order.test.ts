import { describe, expect, test } from 'vitest';
import { firstHearing, heardFromJson, heardToJson, MAX_HEARD, newHeard } from './dedupe.ts';
import { parseInstant } from './instant.ts';
import { MAX_WAITING, newWaiting, take, tick } from './order.ts';
import type { Reading } from './reading.ts';

const T0 = 1_767_225_600_000;
const reading = (ts: number, more: Partial<Reading> = {}): Reading => ({
  equipment: 'E',
  unit: '',
  tsMs: T0 + ts,
  tsSource: 'device',
  seq: null,
  receivedAtMs: T0 + ts,
  values: { a: 1 },
  ...more,
});
const times = (readings: readonly Reading[]): number[] => readings.map(({ tsMs }) => tsMs - T0);

describe('order', () => {
  test('releases in event time, five seconds behind the newest', () => {
    const waiting = newWaiting();
    for (const ts of [1_000, 3_000, 2_000, 5_000]) expect(take(waiting, reading(ts)).released).toEqual([]);
    expect(times(take(waiting, reading(7_500)).released)).toEqual([1_000, 2_000]);
    expect(times(take(waiting, reading(10_000)).released)).toEqual([3_000, 5_000]);
  });

  test('what is older than what was released is late', () => {
    const waiting = newWaiting();
    take(waiting, reading(1_000));
    take(waiting, reading(9_000));
    expect(take(waiting, reading(4_000))).toEqual({ released: [], late: true });
    expect(take(waiting, reading(4_001)).late).toBe(false);
  });

  test('a device ahead of us cannot push others out', () => {
    const waiting = newWaiting();
    take(waiting, reading(200_000, { receivedAtMs: T0 + 1_000 }));
    expect(take(waiting, reading(1_500)).late).toBe(false);
    expect(times(tick(waiting, T0 + 8_000))).toEqual([1_500]);
    expect(times(tick(waiting, T0 + 200_000))).toEqual([200_000]);
  });

  test('a tick releases what nothing newer followed', () => {
    const waiting = newWaiting();
    take(waiting, reading(1_000));
    expect(tick(waiting, T0 + 5_999)).toEqual([]);
    expect(times(tick(waiting, T0 + 6_000))).toEqual([1_000]);
    expect(take(waiting, reading(1_000)).late).toBe(true);
  });

  test('is bounded: beyond it the oldest go on', () => {
    const waiting = newWaiting();
    let released = 0;
    for (let i = 0; i < MAX_WAITING + 10; i++)
      released += take(waiting, reading(i % 4_000, { seq: i, receivedAtMs: T0 + 4_000 })).released.length;
    expect(waiting.buffer.length).toBeLessThanOrEqual(MAX_WAITING);
    expect(released).toBeGreaterThan(0);
  });
});

describe('dedupe', () => {
  test('by unit, metric, time and seq', () => {
    const heard = newHeard();
    expect(firstHearing(heard, reading(1))).not.toBeNull();
    expect(firstHearing(heard, reading(1))).toBeNull();
    expect(firstHearing(heard, reading(1, { unit: 'bay1' }))).not.toBeNull();
    expect(firstHearing(heard, reading(1, { seq: 1 }))).not.toBeNull();
    expect(firstHearing(heard, reading(1, { values: { a: 1, b: 2 } }))?.values).toEqual({ b: 2 });
    expect(firstHearing(heard, reading(1, { values: { b: 2 } }))).toBeNull();
  });

  test('without a device time: seq within ten minutes; with neither, always new', () => {
    const heard = newHeard();
    const bare = (ts: number, seq: number | null) => reading(ts, { tsSource: 'receive', seq });
    expect(firstHearing(heard, bare(0, 5))).not.toBeNull();
    expect(firstHearing(heard, bare(600_000, 5))).toBeNull();
    expect(firstHearing(heard, bare(600_001, 5))).not.toBeNull();
    expect(firstHearing(heard, bare(1, null))).not.toBeNull();
    expect(firstHearing(heard, bare(1, null))).not.toBeNull();
  });

  test('is bounded, and the same after a checkpoint', () => {
    const heard = newHeard();
    for (let i = 0; i < MAX_HEARD + 100; i++) firstHearing(heard, reading(0, { seq: i }));
    expect(heard.keys.size).toBe(MAX_HEARD);
    const restored = heardFromJson(JSON.parse(JSON.stringify(heardToJson(heard))));
    expect(firstHearing(restored, reading(0, { seq: MAX_HEARD }))).toBeNull();
    firstHearing(restored, reading(120_000));
    expect(restored.keys.size).toBe(1);
  });
});

test.each([
  ['2020-03-09 11:14:34', Date.UTC(2020, 2, 9, 11, 14, 34)],
  ['2020-03-09T11:14:34Z', Date.UTC(2020, 2, 9, 11, 14, 34)],
  ['2020-03-09T11:14:34+08:00', Date.UTC(2020, 2, 9, 3, 14, 34)],
  ['2020-03-09 11:14', Date.UTC(2020, 2, 9, 11, 14)],
  ['2020-03-09', Date.UTC(2020, 2, 9)],
  ['1767225600000', 1_767_225_600_000],
  ['12.5', null],
  ['7', null],
  ['yesterday', null],
  ['2020-13-41 11:14:34', null],
  ['', null],
])('the time %j', (text, ms) => {
  expect(parseInstant(text)).toBe(ms);
});
