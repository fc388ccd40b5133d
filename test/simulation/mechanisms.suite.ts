import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { MECHANISMS, switchOn } from './mechanisms.ts';

/** The first of these seeds that fails without the mechanism, and what it found; null where none does. */
const firstToFail = async (seeds: readonly number[]): Promise<string | null> => {
  vi.resetModules();
  const { tryDisturbed } = await import('./seed.ts');
  const catalogue = await loadCatalogue();
  for (const seed of seeds) {
    const { findings } = await tryDisturbed(seed, catalogue);
    if (findings.length > 0) return `seed ${seed}: ${findings[0]}`;
  }
  return null;
};

/** With any one mechanism switched off the simulation fails. */
export const mechanismSuite = (seedsOf: (known: number) => readonly number[]): void => {
  describe('the simulation fails without', () => {
    afterEach(switchOn);
    it.each(MECHANISMS)('$name', async ({ off, seed, name }) => {
      off();
      const found = await firstToFail(seedsOf(seed));
      if (process.env.MECHANISMS) process.stderr.write(`${name}: ${found}\n`);
      expect(found, 'no seed noticed').not.toBeNull();
    });
  });
};
