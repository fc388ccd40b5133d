import { expect, it } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { trySeed, type Verdict } from './seed.ts';

const LAST_LINES = 40;

/** One line to run exactly this again, what did not hold, and how it ended. */
export const report = ({ seed, findings, trace }: Verdict): string =>
  [
    `seed ${seed} fails; replay it with: npm run simulate:seed -- ${seed}`,
    ...findings.map((finding) => `  ${finding}`),
    `  the last of ${trace.length} lines:`,
    ...trace.slice(-LAST_LINES).map((line) => `    ${line}`),
  ].join('\n');

/** Seeds `from` to `to`, in order: neighbours share a town. */
export const simulationSuite = (from: number, to: number): void => {
  const seeds = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  it.each(seeds)('seed %i', async (seed) => {
    const verdict = await trySeed(seed, await loadCatalogue());
    if (verdict.findings.length > 0) expect.fail(report(verdict));
  });
};
