import { describe, expect, test } from 'vitest';
import { firstHearing, heardFromJson, heardToJson, MAX_HEARD, newHeard } from './dedupe.ts';
import { parseInstant } from './instant.ts';
import {
  MAX_LANES,
  MAX_WAITING,
  newWaiting,
  take,
  tick,
  type Waiting,
  waitingFromJson,
  waitingToJson,
} from './order.ts';
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

const one = (waiting: Waiting, ...args: Parameters<typeof reading>) => take(waiting, [reading(...args)]);

describe('order', () => {
  test('releases in event time, five seconds behind the newest', () => {
    const waiting = newWaiting();
    for (const ts of [1_000, 3_000, 2_000, 5_000]) expect(one(waiting, ts).released).toEqual([]);
    expect(times(one(waiting, 7_500).released)).toEqual([1_000, 2_000]);
    expect(times(one(waiting, 10_000).released)).toEqual([3_000, 5_000]);
  });

  test('what is older than what was released is late', () => {
    const waiting = newWaiting();
    one(waiting, 1_000);
    one(waiting, 9_000);
    expect(one(waiting, 4_000)).toEqual({ released: [], late: 1 });
    expect(one(waiting, 4_001).late).toBe(0);
  });

  test('a message newest first loses nothing', () => {
    const waiting = newWaiting();
    const minute = Array.from({ length: 60 }, (_, i) =>
      reading((60 - i) * 1_000, { receivedAtMs: T0 + 61_000 }),
    );
    const { released, late } = take(waiting, minute);
    expect(late).toBe(0);
    expect(times([...released, ...tick(waiting, T0 + 66_000)])).toEqual(
      minute.map((_, i) => (i + 1) * 1_000),
    );
  });

  test('a message grouped by unit, and a past told unit by unit, lose nothing', () => {
    const waiting = newWaiting();
    const minute = (unit: string, fromMs: number) =>
      Array.from({ length: 60 }, (_, i) => reading(fromMs + i * 1_000, { unit, receivedAtMs: T0 + 9e8 }));
    const mixed = take(waiting, [...minute('bay1', 0), ...minute('bay2', 0)]);
    expect(mixed.late).toBe(0);
    expect(mixed.released).toHaveLength(2 * 55);
    expect(times(mixed.released)).toEqual([...times(mixed.released)].sort((a, b) => a - b));
    for (const unit of ['bay1', 'bay2'])
      for (let hour = 1; hour < 24; hour++)
        expect(take(waiting, minute(unit, hour * 3_600_000)).late, `${unit} ${hour}`).toBe(0);
    expect(take(waiting, minute('bay1', 3_600_000)).late).toBe(60);
  });

  test('what waits already does not wait twice', () => {
    const waiting = newWaiting();
    expect(take(waiting, [reading(1_000), reading(1_000), reading(1_000, { values: { b: 1 } })]).late).toBe(
      1,
    );
    expect(waiting.buffer).toHaveLength(2);
  });

  test('a device ahead of us waits no longer, and cannot push others out', () => {
    const waiting = newWaiting();
    one(waiting, 200_000, { receivedAtMs: T0 + 1_000 });
    expect(one(waiting, 1_500).late).toBe(0);
    expect(times(tick(waiting, T0 + 5_999))).toEqual([]);
    expect(times(tick(waiting, T0 + 6_500))).toEqual([1_500, 200_000]);
    expect(one(waiting, 7_000)).toEqual({ released: [], late: 0 });
    expect(one(waiting, 199_000, { receivedAtMs: T0 + 8_000 }).late).toBe(1);
    expect(one(waiting, 201_000, { receivedAtMs: T0 + 8_000 }).late).toBe(0);
  });

  test('a tick releases what nothing newer followed', () => {
    const waiting = newWaiting();
    one(waiting, 1_000);
    expect(tick(waiting, T0 + 5_999)).toEqual([]);
    expect(times(tick(waiting, T0 + 6_000))).toEqual([1_000]);
    expect(one(waiting, 1_000).late).toBe(1);
  });

  test('is bounded: beyond it the oldest go on, and units beyond the limit share a watermark', () => {
    const waiting = newWaiting();
    let released = 0;
    for (let i = 0; i < MAX_WAITING + 10; i++)
      released += one(waiting, i % 4_000, { seq: i, receivedAtMs: T0 + 4_000 }).released.length;
    expect(waiting.buffer.length).toBeLessThanOrEqual(MAX_WAITING);
    expect(released).toBeGreaterThan(0);
    for (let i = 0; i < MAX_LANES + 100; i++) one(waiting, i, { unit: `u${i}` });
    expect(waiting.lanes.size).toBe(MAX_LANES + 1);
  });

  test('is the same after a checkpoint', () => {
    const waiting = newWaiting();
    one(waiting, 1_000, { unit: 'bay1' });
    one(waiting, 9_000, { unit: 'bay1' });
    one(waiting, 2_000, { unit: 'bay2' });
    expect(waitingFromJson(JSON.parse(JSON.stringify(waitingToJson(waiting))))).toEqual(waiting);
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
