import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { reading } from '../telemetry.suite.ts';
import { lineOf, pointOf, safeTag, tagText, whyNot } from './point.ts';

const name = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom('\\', ',', ' ', '=', '\n', '\r', '"', "'", '%', 'a', '车'),
    minLength: 1,
  }),
);

/** Reads a line as InfluxDB does: a backslash before comma, space or equals sign takes its meaning away. */
const parts = (line: string): string[] => line.split(/(?<!\\) /);

test('any name becomes one line of three parts and can be read back', () => {
  fc.assert(
    fc.property(name, name, fc.double({ noNaN: true, noDefaultInfinity: true }), (equipment, unit, value) => {
      const row = reading(equipment, 1_767_225_600_000, { a: value }, { unit, seq: 5 });
      expect(whyNot(row)).toBeNull();
      const line = lineOf(pointOf(row, 5));
      expect(line).not.toMatch(/[\r\n]/);
      const [head = '', fields = '', time, ...more] = parts(line);
      expect(more).toEqual([]);
      expect(time).toBe('1767225600000000005');
      const tags = head
        .split(/(?<!\\),/)
        .slice(1)
        .map((tag) => tag.split(/(?<!\\)=/));
      expect(tags.map(([key, text = '']) => [key, tagText(text.replace(/\\([ ,=])/g, '$1'))])).toEqual([
        ['equipment', equipment],
        ['unit', unit],
      ]);
      expect(Object.is(Number(fields.split(',')[0]?.slice(2)), value)).toBe(true);
    }),
  );
});

test('a name can be read back, and different names stay different', () => {
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(tagText(safeTag(a))).toBe(a);
      expect(safeTag(a) === safeTag(b)).toBe(a === b);
    }),
  );
});

test('what InfluxDB can not hold is refused with its reason', () => {
  expect(whyNot(reading('', 0, { a: 1 }))).toMatch(/no name/);
  expect(whyNot(reading('E', 0, { a: Number.NaN }))).toMatch(/finite/);
  expect(whyNot(reading('E', 0, { a: Number.NEGATIVE_INFINITY }))).toMatch(/finite/);
  expect(whyNot(reading('E', 0, { 'a b': 1 }))).toMatch(/metric name/);
  expect(whyNot(reading('E', 1e14, { a: 1 }))).toMatch(/time/);
  expect(whyNot(reading('E\ud800', 0, { a: 1 }))).toMatch(/Unicode/);
});
