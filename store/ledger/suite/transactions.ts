import { describe, expect, it } from 'vitest';
import { type Bench, line, NOW_MS, opened, ticket } from './fixtures.ts';

export const transactionSuite = ({ ledger }: Bench): void => {
  describe('transactions', () => {
    it('see what they wrote, and others do not before the commit', async () => {
      const value = await ledger().transaction(async (tx) => {
        await tx.settings.set('a', '1');
        expect(await tx.settings.get('a')).toBe('1');
        expect(await ledger().settings.get('a')).toBeNull();
        return 42;
      });
      expect(value).toBe(42);
      expect(await ledger().settings.get('a')).toBe('1');
    });

    it('undo everything when the work throws', async () => {
      const work = ledger().transaction(async (tx) => {
        await tx.settings.set('a', '1');
        const one = ticket();
        await tx.tickets.open(one, line(one, 'opened'));
        await tx.readers.claim('watcher', 0);
        throw new RangeError('no');
      });
      await expect(work).rejects.toThrow(RangeError);
      expect(await ledger().settings.get('a')).toBeNull();
      expect(await ledger().tickets.get('t1')).toBeNull();
      expect(await ledger().readers.offsets()).toEqual([]);
      await opened(ledger());
    });

    it('follow each other: none sees another half done', async () => {
      await ledger().settings.set('count', '0');
      const add = () =>
        ledger().transaction(async (tx) => {
          const count = Number(await tx.settings.get('count'));
          await new Promise((resolve) => setImmediate(resolve));
          await tx.settings.set('count', String(count + 1));
        });
      await Promise.all(Array.from({ length: 40 }, add));
      expect(await ledger().settings.get('count')).toBe('40');
    });

    it('say so instead of hanging when they write past their tx', async () => {
      const work = ledger().transaction(() => ledger().settings.set('a', '1'));
      await expect(work).rejects.toThrow('`tx`');
      await ledger().settings.set('a', '2');
      expect(await ledger().settings.get('a')).toBe('2');
    });

    it('are over when they are over: what was not awaited is refused', async () => {
      let late: Promise<void> | null = null;
      await ledger().transaction(async (tx) => {
        late = new Promise<void>((resolve) => setTimeout(resolve, 30)).then(() =>
          tx.settings.set('late', '1'),
        );
        late.catch(() => undefined);
        await tx.settings.set('a', '1');
      });
      await expect(late).rejects.toThrow();
      const failed = ledger().transaction(async (tx) => {
        const many = Array.from({ length: 20 }, async (_, i) => {
          await tx.settings.set(`half${i}`, '1');
          await tx.settings.set(`half${i}`, '2');
          if (i === 3) throw new Error('one of many');
        });
        await Promise.all(many);
      });
      await expect(failed).rejects.toThrow('one of many');
      await ledger().sites.put({ id: 's', name: 's', position: null, timeZone: 'UTC' }, NOW_MS);
      expect(await ledger().settings.get('late')).toBeNull();
      for (let i = 0; i < 20; i += 1) expect(await ledger().settings.get(`half${i}`)).toBeNull();
    });

    it('finish before the ledger closes, and none begins after', async () => {
      const running = ledger().transaction(async (tx) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        await tx.settings.set('a', '1');
        return tx.settings.get('a');
      });
      await Promise.all([ledger().close(), ledger().close()]);
      expect(await running).toBe('1');
      await expect(ledger().settings.set('a', '2')).rejects.toThrow();
      await expect(ledger().settings.get('a')).rejects.toThrow();
    });
  });
};
