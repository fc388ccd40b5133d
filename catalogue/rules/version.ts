import { createHash } from 'node:crypto';
import type { Rules } from '../../core/rules/rules.ts';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
};

/** Names exactly these rules, whatever the order or the comments of their file: 12 hex digits of a SHA-256. */
export const rulesVersion = (rules: Rules): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(rules)))
    .digest('hex')
    .slice(0, 12);
