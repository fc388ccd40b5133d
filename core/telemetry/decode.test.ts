import { describe, expect, test } from 'vitest';
import { decodeFault, decodeStatus, decodeTelemetry, isRejected, type Message } from './decode.ts';

const NOW = 1_767_225_600_000;
const bytes = (body: unknown): Uint8Array =>
  body instanceof Uint8Array
    ? body
    : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
const message = (body: unknown): Message => ({
  equipment: 'E',
  receivedAtMs: NOW,
  connectionId: 'c1',
  payload: bytes(body),
});
const reading = (more: object = {}) => ({ ts: NOW, values: { a: 1 }, ...more });
const reasonOf = (body: unknown): string | undefined => decodeTelemetry(message(body)).rejected[0]?.reason;

describe('readings', () => {
  test('as the contract writes them', () => {
    const sent = { ts: NOW - 5, seq: 1201, unit: 'bay7', values: { hoistCurrentA: 9.8, vibrationMmS: 1.2 } };
    expect(decodeTelemetry(message(sent))).toEqual({
      readings: [
        {
          equipment: 'E',
          unit: 'bay7',
          tsMs: NOW - 5,
          tsSource: 'device',
          seq: 1201,
          receivedAtMs: NOW,
          values: sent.values,
        },
      ],
      rejected: [],
    });
  });

  test('without time, the receive time, marked so; without unit or seq, none', () => {
    const [bare] = decodeTelemetry(message({ values: { a: 1 } })).readings;
    expect(bare).toMatchObject({ tsMs: NOW, tsSource: 'receive', unit: '', seq: null });
  });

  test('a bad member of an array is rejected alone', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => reading({ seq: i }));
    const { readings, rejected } = decodeTelemetry(message([...many.slice(0, 999), { ts: 'x', values: {} }]));
    expect(readings).toHaveLength(999);
    expect(rejected).toMatchObject([{ index: 999, reason: 'bad-ts', payload: '{"ts":"x","values":{}}' }]);
  });

  test.each([
    ['{', 'not-json'],
    ['', 'not-json'],
    [new Uint8Array([0x22, 0xff, 0x22]), 'not-utf8'],
    ['5', 'not-a-reading'],
    ['null', 'not-a-reading'],
    [[], 'empty-array'],
    [Array.from({ length: 1_001 }, () => reading()), 'too-many-readings'],
    [reading({ ts: 1_767_225_600 }), 'bad-ts'],
    [reading({ ts: NOW + 0.5 }), 'bad-ts'],
    [reading({ ts: NOW + 300_001 }), 'future'],
    [reading({ seq: -1 }), 'bad-seq'],
    [reading({ seq: '7' }), 'bad-seq'],
    [reading({ unit: 'bay 7' }), 'bad-unit'],
    [reading({ unit: 7 }), 'bad-unit'],
    [{ ts: NOW }, 'no-values'],
    [reading({ values: {} }), 'no-values'],
    [reading({ values: [1] }), 'no-values'],
    [
      reading({ values: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`m${i}`, 1])) }),
      'too-many-values',
    ],
    [reading({ values: { '7a': 1 } }), 'bad-metric-name'],
    [reading({ values: { ['m'.repeat(65)]: 1 } }), 'bad-metric-name'],
    [`{"ts":${NOW},"values":{"__proto__":1}}`, 'bad-metric-name'],
    [`{"ts":${NOW},"values":{"a":1e999}}`, 'not-finite'],
    [reading({ values: { a: null } }), 'not-finite'],
    [reading({ values: { a: '1' } }), 'not-finite'],
    [reading({ values: { a: true } }), 'not-finite'],
  ])('%j is %s', (body, reason) => {
    expect(reasonOf(body)).toBe(reason);
    expect(decodeTelemetry(message(body)).readings).toEqual([]);
  });

  test('five minutes ahead is still taken; 64 values are', () => {
    expect(reasonOf(reading({ ts: NOW + 300_000 }))).toBeUndefined();
    const values = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`m${i}`, i]));
    expect(decodeTelemetry(message(reading({ values }))).readings[0]?.values).toEqual(values);
  });

  test('keys of prototypes are what was sent, or nothing', () => {
    const body = `{"__proto__":{"values":{"a":1}},"constructor":1}`;
    expect(reasonOf(body)).toBe('no-values');
    const [kept] = decodeTelemetry(message(reading({ values: { constructor: 1, toString: 2 } }))).readings;
    expect(Object.keys(kept?.values ?? {})).toEqual(['constructor', 'toString']);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  test('deep and huge JSON is rejected without harm, its excerpt bounded', () => {
    const deep = `[${'['.repeat(100_000)}${']'.repeat(100_000)}]`;
    const { readings, rejected } = decodeTelemetry(message(deep));
    expect(readings).toEqual([]);
    expect(rejected[0]?.payload.length).toBeLessThanOrEqual(2_048);
    const huge = decodeTelemetry(message(`"${'x'.repeat(250_000)}"`));
    expect(huge.rejected[0]?.payload.length).toBe(2_048);
  });
});

describe('faults', () => {
  test('as the contract writes them; active unless it says otherwise', () => {
    const sent = { ts: NOW, seq: 3, unit: 'bay7', code: 'G10', active: false, detail: 'left' };
    expect(decodeFault(message(sent))).toMatchObject({ code: 'G10', active: false, detail: 'left', seq: 3 });
    expect(decodeFault(message({ code: 'G06' }))).toMatchObject({ active: true, tsMs: NOW, unit: '' });
  });

  test('a clock far ahead dates it by the receive time: a lock-out is not dropped', () => {
    const fault = decodeFault(message({ ts: NOW + 86_400_000, code: 'G06' }));
    expect(fault).toMatchObject({ tsMs: NOW, tsSource: 'receive' });
  });

  test.each([0, 86_400, 946_684_799_999, 1.5, -1, '2026-01-01', {}, true])(
    'a clock that tells no date (%j) dates it by the receive time as well',
    (ts) => {
      const fault = decodeFault(message({ ts, seq: 3, code: 'G06' }));
      expect(fault).toMatchObject({ code: 'G06', tsMs: NOW, tsSource: 'receive', seq: 3 });
    },
  );

  test.each([
    ['{"code":""}', 'bad-code'],
    ['{"code":"G 6"}', 'bad-code'],
    ['{"code":6}', 'bad-code'],
    ['{"code":"G06","active":"yes"}', 'bad-active'],
    ['[]', 'not-a-fault'],
    ['{', 'not-json'],
  ])('%s is %s', (body, reason) => {
    const result = decodeFault(message(body));
    expect(isRejected(result) && result.reason).toBe(reason);
  });
});

test('status: online must be said; texts are bounded', () => {
  expect(decodeStatus(message({ online: true, model: 'PSH-7', firmware: 'x'.repeat(999) }))).toMatchObject({
    online: true,
    model: 'PSH-7',
    connectionId: 'c1',
    firmware: 'x'.repeat(128),
  });
  const bad = decodeStatus(message({ online: 1 }));
  expect(isRejected(bad) && bad.reason).toBe('not-a-status');
});
