import { describe, expect, it } from 'vitest';
import type { Bench } from './fixtures.ts';

const HOUR_MS = 3_600_000;
const T0 = 1_767_225_600_000;
const due = (equipment: string, hour: number, logOffset: number) => ({
  equipment,
  hourMs: T0 + hour * HOUR_MS,
  logOffset,
});

export const hourSuite = ({ ledger, reopen }: Bench): void => {
  describe('hours to be made up', () => {
    it('are due oldest first, each once, before a time', async () => {
      const { hours } = ledger();
      await hours.mark([due('g2', 1, 7), due('g1', 1, 5), due('g1', 0, 5), due('g1', 1, 6)]);
      await hours.mark([due('g1', 2, 8)]);
      await reopen();
      const dueBefore = (hour: number, limit: number) => ledger().hours.due(T0 + hour * HOUR_MS, limit);
      expect(await dueBefore(2, 10)).toEqual([due('g1', 0, 5), due('g1', 1, 6), due('g2', 1, 7)]);
      expect(await dueBefore(3, 2)).toEqual([due('g1', 0, 5), due('g1', 1, 6)]);
      await ledger().hours.done(await dueBefore(3, 10));
      expect(await dueBefore(3, 10)).toEqual([]);
    });

    it('stay due where something was stored of them meanwhile', async () => {
      const { hours } = ledger();
      await hours.mark([due('g1', 0, 5), due('g1', 1, 5)]);
      const taken = await hours.due(T0 + 5 * HOUR_MS, 10);
      await hours.mark([due('g1', 0, 9)]);
      // An older mark changes nothing.
      await hours.mark([due('g1', 0, 3)]);
      await hours.done(taken);
      expect(await hours.due(T0 + 5 * HOUR_MS, 10)).toEqual([due('g1', 0, 9)]);
    });

    it('are marked and taken by the hundred', async () => {
      const { hours } = ledger();
      const many = Array.from({ length: 700 }, (_, i) => due(`g${i % 7}`, Math.floor(i / 7), i));
      await hours.mark(many);
      const taken = await hours.due(T0 + 1_000 * HOUR_MS, 1_000);
      expect(taken.length).toBe(700);
      await hours.done(taken.slice(0, 650));
      expect((await hours.due(T0 + 1_000 * HOUR_MS, 1_000)).length).toBe(50);
    });
  });
};
