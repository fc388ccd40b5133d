import { expect, test } from 'vitest';
import { loadCatalogue } from '../../../catalogue/load.ts';
import { machineClasses } from '../../../simulators/trial.ts';
import { classOutcome } from './class.ts';

test('the evaluation itself: kettles wear and are found, those that stay well are left alone, and a seed repeats', async () => {
  const catalogue = await loadCatalogue();
  const kind = machineClasses().find(({ id }) => id === 'kettle');
  if (!kind) throw new Error('kettles are simulated');
  const options = { catalogue, kind, tier: 3, seed: 4_711 } as const;
  const outcome = classOutcome(options);
  expect(outcome.wears.map(({ wear }) => wear)).toEqual(kind.wears.map(({ mechanism }) => mechanism));
  expect(outcome.wears.filter(({ found }) => found).length).toBeGreaterThan(0);
  expect(outcome.wellVisits).toEqual([]);
  expect(classOutcome(options)).toEqual(outcome);
});
