import { expect, test } from 'vitest';
import { nextRetryMs } from './retry.ts';

test('doubles up to half a minute, spread over the upper half', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => nextRetryMs(attempt, 1_000, 0.999_999))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
  expect(nextRetryMs(3, 1_000, 0)).toBe(4_000);
});
