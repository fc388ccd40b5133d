import { uniform } from '../random/draw.ts';
import type { Random } from '../random/stream.ts';

const FIRST_MS = 250;
const LONGEST_MS = 15_000;

/**
 * How long to wait before the attempt after `failures` failed ones, ms. Doubling, and spread over its upper half:
 * machines that lost the same server must not come back in the same instant.
 */
export const backoffMs = (failures: number, random: Random): number => {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  return uniform(random, fullMs / 2, fullMs);
};
