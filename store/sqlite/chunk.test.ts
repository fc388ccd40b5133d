import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../core/telemetry/reading.ts';
import { putValueColumn, putWholeColumn, takeValueColumn, takeWholeColumn } from './chunk.column.ts';
import { cutRows, MAX_ROWS, mergeRows } from './chunk.merge.ts';
import { DamagedChunkError, decodeChunk, decodeMetric, encodeChunk } from './chunk.ts';
import {
  MAX_SIGNED,
  newSink,
  newSource,
  putSigned,
  putText,
  putVarint,
  takeSigned,
  takeText,
  takeVarint,
  written,
} from './varint.ts';

const of = { equipment: '车库-1', unit: 'bay7' };
const T0 = 1_767_225_600_000;

const row = (tsMs: number, values: Record<string, number>, more: Partial<Reading> = {}): Reading => ({
  ...of,
  tsMs,
  tsSource: 'device',
  seq: null,
  receivedAtMs: tsMs + 40,
  values,
  ...more,
});

describe('numbers of variable width', () => {
  it('keep whole numbers and text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -MAX_SIGNED, max: MAX_SIGNED })),
        fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
        fc.string({ unit: 'grapheme' }),
        (signed, unsigned, text) => {
          const sink = newSink(1);
          for (const value of signed) putSigned(sink, value);
          for (const value of unsigned) putVarint(sink, value);
          putText(sink, text);
          const source = newSource(written(sink));
          expect(signed.map(() => takeSigned(source))).toEqual(signed.map((value) => value + 0));
          expect(unsigned.map(() => takeVarint(source))).toEqual(unsigned);
          expect(takeText(source)).toBe(text);
          expect(() => takeVarint(source)).toThrow(RangeError);
        },
      ),
    );
  });
});

describe('columns', () => {
  const sameBits = (a: Float64Array, b: Float64Array): boolean =>
    a.length === b.length && a.every((value, i) => Object.is(value, b[i]));

  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  const decimal = fc
    .tuple(fc.integer({ min: -10_000_000, max: 10_000_000 }), fc.integer({ min: 0, max: 8 }))
    .map(([whole, places]) => whole / 10 ** places);
  const special = fc.constantFrom(
    -0,
    0,
    5e-324,
    -5e-324,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
    0.1 + 0.2,
    1e22,
    2 ** 53,
  );
  const absent = fc.constant(Number.NaN);

  it('keep every finite double bit for bit, and which are absent', () => {
    for (const kind of [finite, decimal, special, fc.oneof(finite, decimal, special, absent)])
      fc.assert(
        fc.property(fc.array(kind, { maxLength: 200 }), (values) => {
          const column = Float64Array.from(values);
          const sink = newSink(16);
          putValueColumn(sink, column);
          const source = newSource(written(sink));
          expect(sameBits(takeValueColumn(source, column.length), column)).toBe(true);
          expect(source.at).toBe(sink.at);
        }),
      );
  });

  it('keep whole numbers of any size, and which are absent', () => {
    const whole = fc.oneof(
      fc.maxSafeInteger(),
      fc.integer({ min: T0, max: T0 + 10_000 }),
      fc.constantFrom(0, -0, 0.5, 2 ** 60),
      absent,
    );
    fc.assert(
      fc.property(fc.array(whole, { maxLength: 100 }), (values) => {
        const column = Float64Array.from(values);
        const sink = newSink(16);
        putWholeColumn(sink, column);
        const source = newSource(written(sink));
        expect(sameBits(takeWholeColumn(source, column.length), column)).toBe(true);
        expect(source.at).toBe(sink.at);
      }),
    );
  });

  it('take little room: nothing for even steps, about a byte for a value of two decimals', () => {
    const size = (put: typeof putValueColumn, of: (i: number) => number): number => {
      const sink = newSink(16);
      put(
        sink,
        Float64Array.from({ length: 500 }, (_, i) => of(i)),
      );
      return sink.at;
    };
    expect(size(putWholeColumn, (i) => T0 + i * 1_000)).toBeLessThan(16);
    expect(size(putWholeColumn, (i) => T0 + i * 1_000 + ((i * 7) % 13))).toBeLessThan(520);
    expect(size(putValueColumn, (i) => (980 + ((i * 37) % 50)) / 100)).toBeLessThan(560);
    expect(size(putValueColumn, () => Math.PI)).toBeLessThan(12);
    expect(size(putValueColumn, (i) => Math.sin(i))).toBeLessThanOrEqual(500 * 8 + 2);
  });
});

describe('chunk', () => {
  const reading = fc.record({
    equipment: fc.constant(of.equipment),
    unit: fc.constant(of.unit),
    tsMs: fc.oneof(fc.integer({ min: T0, max: T0 + 1e6 }), fc.integer({ min: -(2 ** 50), max: 2 ** 50 })),
    tsSource: fc.constantFrom('device' as const, 'receive' as const),
    seq: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 5_000 }), fc.maxSafeNat()),
    receivedAtMs: fc.integer({ min: T0, max: T0 + 1e6 }),
    values: fc.dictionary(
      fc.oneof(fc.constantFrom('a', 'b', 'constructor', '__proto__'), fc.string({ unit: 'grapheme' })),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      { minKeys: 1, maxKeys: 4, noNullPrototype: true },
    ),
  });

  it('gives back the rows as they came', () => {
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 40 }), (rows) => {
        expect(decodeChunk(encodeChunk(rows), of)).toEqual(rows);
      }),
    );
  });

  it('unpacks one metric alone', () => {
    const rows = [row(T0, { a: 1, b: 2 }), row(T0 + 1, { b: 3 }), row(T0 + 2, { a: -0 })];
    const body = encodeChunk(rows);
    expect(decodeMetric(body, 'a')).toEqual({
      ts: Float64Array.of(T0, T0 + 1, T0 + 2),
      values: Float64Array.of(1, Number.NaN, -0),
    });
    expect(decodeMetric(body, 'c')).toBeNull();
    expect(decodeChunk(body, of, 'a').map(({ values }) => values)).toEqual([{ a: 1 }, {}, { a: -0 }]);
  });

  it('knows when any of its bytes was changed', () => {
    const body = encodeChunk([row(T0, { a: 1.5, b: 2 }), row(T0 + 1_000, { a: 1.25 })]);
    for (let at = 0; at < body.length; at++) {
      const damaged = body.slice();
      damaged[at]! ^= 1;
      expect(() => decodeChunk(damaged, of)).toThrow(DamagedChunkError);
    }
    expect(() => decodeChunk(body.subarray(0, 3), of)).toThrow(/cut short/);
  });
});

describe('merging', () => {
  const valuesOf = (rows: readonly Reading[]) => rows.map(({ tsMs, seq, values }) => [tsMs, seq, values]);

  it('keeps the first value of an identity and joins another metric to its row', () => {
    const held = [row(1, { a: 1 }), row(2, { a: 2 }, { seq: 5 })];
    const { rows, added } = mergeRows(held, [row(1, { a: 9, b: 7 }), row(2, { a: 9 }, { seq: 5 })]);
    expect(valuesOf(rows)).toEqual([
      [1, null, { a: 1, b: 7 }],
      [2, 5, { a: 2 }],
    ]);
    expect(valuesOf(added)).toEqual([[1, null, { b: 7 }]]);
  });

  it('takes an absent sequence number for 0, and another number for another reading', () => {
    const { rows } = mergeRows(
      [row(1, { a: 1 })],
      [row(1, { a: 2 }, { seq: 0 }), row(1, { a: 3 }, { seq: 1 })],
    );
    expect(valuesOf(rows)).toEqual([
      [1, null, { a: 1 }],
      [1, 1, { a: 3 }],
    ]);
  });

  it('never joins readings that have neither time nor number', () => {
    const nameless = row(1, { a: 1 }, { tsSource: 'receive' });
    expect(mergeRows([nameless], [nameless, nameless]).rows).toHaveLength(3);
    expect(mergeRows([nameless], [row(1, { a: 1 })]).rows).toHaveLength(2);
  });

  it('cuts between keys only, and sooner where there are many metrics', () => {
    const many = Array.from({ length: 1_100 }, (_, i) => row(T0 + i, { a: i }));
    expect(cutRows(many, MAX_ROWS).map(({ length }) => length)).toEqual([512, 512, 76]);
    const alike = Array.from({ length: 700 }, () => row(T0, { a: 1 }, { tsSource: 'receive' }));
    expect(cutRows([...alike, row(T0 + 1, { a: 1 })], MAX_ROWS).map(({ length }) => length)).toEqual([
      700, 1,
    ]);
    const inventive = Array.from({ length: 300 }, (_, i) =>
      row(T0 + i, Object.fromEntries(Array.from({ length: 64 }, (__, k) => [`m${i}x${k}`, 1]))),
    );
    expect(Math.max(...cutRows(inventive, MAX_ROWS).map(({ length }) => length))).toBeLessThan(40);
  });
});
