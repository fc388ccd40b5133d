import { expect, it } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { planOf } from './plan-seed.ts';
import { simulate } from './simulate.ts';

it('writes the same trace for the same seed, byte by byte, and another for another', async () => {
  const catalogue = await loadCatalogue();
  const traceOf = async (seed: number): Promise<string> => {
    const { trace, disks } = await simulate(planOf(seed), catalogue);
    disks.dispose();
    return trace.lines.join('\n');
  };
  const first = await traceOf(2);
  expect(await traceOf(2)).toBe(first);
  expect(await traceOf(3)).not.toBe(first);
});
