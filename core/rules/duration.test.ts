import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationMs, durationText } from './duration.ts';

test.each([
  ['90s', 90_000],
  ['14d', 14 * 86_400_000],
  ['1h 30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['2w', 14 * 86_400_000],
  ['10min', 600_000],
  ['250ms', 250],
  ['0s', 0],
])('%s', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each(['', 'soon', '14', '-1s', '1y', '1 fortnight', 's', '1h30', '0.5ms', '9999999999999999w'])(
  'is none: %j',
  (text) => {
    expect(durationMs(text)).toBeNull();
  },
);

test('what is said is read back as it was', () => {
  expect([90_000, 5_400_000, 14 * 86_400_000, 0, 1, 90_061_001].map(durationText)).toEqual([
    '90s',
    '90m',
    '14d',
    '0s',
    '1ms',
    '1d1h1m1s1ms',
  ]);
  fc.assert(
    fc.property(fc.nat({ max: 400 * 86_400_000 }), (ms) => {
      expect(durationMs(durationText(ms))).toBe(ms);
    }),
  );
});
