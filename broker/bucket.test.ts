import { expect, it } from 'vitest';
import { createBucket } from './bucket.ts';

it('lets the burst pass, then the rate', () => {
  const bucket = createBucket(10, 3, 0);
  for (let n = 0; n < 3; n++) {
    expect(bucket.waitMs(0)).toBe(0);
    bucket.pay(1);
  }
  expect(bucket.waitMs(0)).toBeGreaterThan(0);
  expect(bucket.waitMs(100)).toBe(0);
});

it('lets one packet larger than the burst pass, and has it paid for', () => {
  const bucket = createBucket(1_000, 100, 0);
  expect(bucket.waitMs(0)).toBe(0);
  bucket.pay(2_100);
  expect(bucket.waitMs(0)).toBe(2_000);
  expect(bucket.waitMs(1_000)).toBe(1_000);
  expect(bucket.waitMs(2_001)).toBe(0);
});

it('takes no harm from a clock that steps back', () => {
  const bucket = createBucket(10, 1, 10_000);
  bucket.pay(1);
  expect(bucket.waitMs(0)).toBeLessThanOrEqual(100);
  expect(bucket.waitMs(200)).toBe(0);
});
