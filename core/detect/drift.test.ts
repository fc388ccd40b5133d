import { expect, test } from 'vitest';
import { loadCatalogue } from '../../catalogue/load.ts';
import { compiled } from '../rules/book.ts';
import { DEFAULT_RULES } from '../rules/rules.ts';
import { HOUR, normal, player, T0, uniform } from './testing/play.ts';

const catalogue = await loadCatalogue();

test('a limit is told when it is met within the horizon of the rules', () => {
  /** Days before the limit at which a slow climb is first told. */
  const daysAhead = (horizonMs: number): number => {
    const garage = player(catalogue);
    const drift = { on: true, horizonMs };
    garage.rules = compiled({ ...DEFAULT_RULES, detectors: { ...DEFAULT_RULES.detectors, drift } }, 'v');
    const random = uniform(3);
    for (let hour = 0; hour < 24 * 60; hour++) {
      const wear = 1 + 0.005 * Math.max(0, hour / 24 - 20);
      garage.read(T0 + hour * HOUR, { hoistCurrentA: 9 * wear * (1 + 0.01 * normal(random)) });
      const told = garage.events.find(({ rule }) => rule === 'drift:hoistCurrentA');
      if (told) return 20 + 30 - hour / 24;
    }
    return 0;
  };
  const [far, near, nearest] = [30, 14, 3].map((days) => daysAhead(days * 24 * HOUR)) as [
    number,
    number,
    number,
  ];
  expect(far).toBeGreaterThan(near);
  expect(near).toBeGreaterThan(nearest);
  expect(near).toBeLessThan(18);
  expect(nearest).toBeLessThan(5);
});
