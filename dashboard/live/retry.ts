const LONGEST_MS = 30_000;

/**
 * How long to wait before trying again: doubling, at most 30 s, spread over its upper half so that a town of
 * dashboards doesn't come back in one instant. `chance` in [0, 1).
 */
export const nextRetryMs = (attempt: number, baseMs: number, chance: number): number => {
  const ceiling = Math.min(LONGEST_MS, baseMs * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling * (0.5 + chance / 2));
};
