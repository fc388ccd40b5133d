import { describe, expect, it } from 'vitest';
import { MAX_PACKET_BYTES, MAX_READINGS_PER_MESSAGE } from '../../core/telemetry/limits.ts';
import type { SentReading } from '../machine.ts';
import { stream } from '../random/stream.ts';
import { backoffMs } from './backoff.ts';
import { createHistogram } from './histogram.ts';
import type { Link } from './link.ts';
import { createQueue, type Message } from './queue.ts';
import { createRepairLog, parseRepair } from './service.ts';
import { createVoice } from './voice.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('backoff doubles up to its bound, never waits less than half, and is spread', () => {
  const random = stream(1, 'backoff');
  const at = (failures: number): number[] => Array.from({ length: 50 }, () => backoffMs(failures, random));
  expect(Math.max(...at(0))).toBeLessThanOrEqual(250);
  expect(Math.min(...at(3))).toBeGreaterThanOrEqual(1_000);
  expect(Math.max(...at(60))).toBeLessThanOrEqual(15_000);
  expect(new Set(at(5)).size).toBeGreaterThan(40);
});

describe('histogram', () => {
  it('knows quantiles to within a bucket, and nothing before the first', () => {
    const histogram = createHistogram();
    expect(histogram.quantile(0.5)).toBeNull();
    for (let ms = 1; ms <= 1000; ms++) histogram.add(ms);
    expect(Math.abs((histogram.quantile(0.5) ?? 0) / 500 - 1)).toBeLessThan(0.05);
    expect(Math.abs((histogram.quantile(0.99) ?? 0) / 990 - 1)).toBeLessThan(0.05);
    for (const ms of [0, -5, 1e15]) histogram.add(ms);
    expect(histogram.count).toBe(1003);
  });
});

describe('queue', () => {
  const message = (n: number): Message => ({ topic: 't', payload: `${n}`, count: 1, dueMs: [] });

  it('gives what was in flight first again after a rewind, and forgets what was acknowledged', () => {
    const queue = createQueue(1_000);
    for (let n = 0; n < 6; n++) queue.push(message(n));
    const [a, , c] = [queue.take(), queue.take(), queue.take()];
    expect(queue.acknowledge(c as Message)).toBe(true);
    expect(queue.acknowledge(c as Message)).toBe(false);
    queue.acknowledge(a as Message);
    queue.rewind();
    expect([queue.waiting, queue.inFlight]).toEqual([4, 0]);
    expect(Array.from({ length: 4 }, () => queue.take()?.payload)).toEqual(['1', '3', '4', '5']);
    expect(queue.take()).toBeUndefined();
  });

  it('stays in order and bounded over many messages', () => {
    const queue = createQueue(700);
    let lost = 0;
    for (let n = 0; n < 5_000; n++) lost += queue.push(message(n));
    expect([lost, queue.waiting]).toEqual([4_300, 700]);
    expect(queue.take()?.payload).toBe('4300');
  });
});

describe('service papers', () => {
  it('are repairs of an item of a unit, at a time in ms or ISO 8601', () => {
    expect(
      parseRepair(bytes('{"component":"hoist","unit":"bay7","repairedAt":1767225600000,"ticket":"t"}')),
    ).toEqual({
      component: 'hoist',
      unit: 'bay7',
      repairedAtMs: 1767225600000,
    });
    expect(parseRepair(bytes('{"component":"pump","repairedAt":"2026-01-01T00:00:00Z"}'))).toEqual({
      component: 'pump',
      unit: '',
      repairedAtMs: 1767225600000,
    });
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '7',
    '{"component":"hoist"}',
    '{"repairedAt":1}',
    '{"component":"x","repairedAt":"soon"}',
  ])('anything else is nothing: %s', (text) => expect(parseRepair(bytes(text))).toBeNull());

  it('are applied once each, also when they come again', () => {
    const log = createRepairLog();
    const paper = { component: 'hoist', unit: 'bay1', repairedAtMs: 100 };
    expect([log.isNew(paper), log.isNew(paper), log.isNew({ ...paper, repairedAtMs: 99 })]).toEqual([
      true,
      false,
      false,
    ]);
    expect(log.isNew({ ...paper, unit: 'bay2' })).toBe(true);
    expect(log.isNew({ ...paper, repairedAtMs: 101 })).toBe(true);
  });
});

describe('voice', () => {
  interface Sent {
    readonly kind: string;
    readonly payload: string;
    readonly count: number;
    readonly dueMs: readonly number[];
  }
  const listen = () => {
    const sent: Sent[] = [];
    const link = {
      send: (kind: string, payload: string, count: number, dueMs: readonly number[]) =>
        void sent.push({ kind, payload, count, dueMs }),
    };
    return { sent, voice: createVoice(link as unknown as Link) };
  };
  const reading = (tsMs: number, values: SentReading['values'] = { a: 1 }): SentReading => ({
    kind: 'reading',
    tsMs,
    unit: 'bay1',
    values,
  });

  it('writes readings and faults as the contract says, in order, with a growing seq', () => {
    const { sent, voice } = listen();
    voice.say(reading(5), 1);
    voice.say({ ...reading(6), unit: '' }, 2);
    voice.say({ kind: 'fault', tsMs: 7, unit: 'bay1', code: 'G06', active: true, detail: 'd' }, 3);
    voice.say(reading(8), null);
    voice.flush();
    voice.flush();
    expect(sent).toEqual([
      {
        kind: 'telemetry',
        payload: '[{"ts":5,"seq":1,"unit":"bay1","values":{"a":1}},{"ts":6,"seq":2,"values":{"a":1}}]',
        count: 2,
        dueMs: [1, 2],
      },
      {
        kind: 'fault',
        payload: '{"ts":7,"seq":3,"unit":"bay1","code":"G06","active":true,"detail":"d"}',
        count: 1,
        dueMs: [3],
      },
      { kind: 'telemetry', payload: '{"ts":8,"seq":4,"unit":"bay1","values":{"a":1}}', count: 1, dueMs: [] },
    ]);
  });

  it('starts a new message before it breaks a limit', () => {
    const { sent, voice } = listen();
    for (let n = 0; n < 2_500; n++) voice.say(reading(n), null);
    const wide = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`metric${n}`, n / 7]));
    for (let n = 0; n < 500; n++) voice.say(reading(n, wide), null);
    voice.flush();
    expect(sent.reduce((sum, { count }) => sum + count, 0)).toBe(3_000);
    for (const { count, payload } of sent) {
      expect(count).toBeLessThanOrEqual(MAX_READINGS_PER_MESSAGE);
      expect(Buffer.byteLength(payload)).toBeLessThan(MAX_PACKET_BYTES - 256);
      expect(JSON.parse(payload)).toHaveLength(count);
    }
  });
});
