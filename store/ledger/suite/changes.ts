import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { ChangesLostError, CursorError } from '../../ledger.ts';
import { type Bench, event, NOW_MS } from './fixtures.ts';

const site = (id: string) => ({ id, name: id, position: null, timeZone: 'UTC' });

export const changeSuite = ({ ledger, reopen }: Bench): void => {
  describe('changes', () => {
    it('are read on from a cursor, in the order of commits', async () => {
      expect(await ledger().head()).toBeNull();
      expect(await ledger().changes(null, 10)).toEqual([]);
      for (let n = 1; n <= 5; n += 1) await ledger().sites.put(site(`s${n}`), NOW_MS + n);
      const [first, second] = await ledger().changes(null, 2);
      expect(first).toEqual({
        cursor: first?.cursor,
        kind: 'site',
        id: 's1',
        what: 'added',
        atMs: NOW_MS + 1,
      });
      const rest = await ledger().changes(second!.cursor, 10);
      expect(rest.map(({ id }) => id)).toEqual(['s3', 's4', 's5']);
      expect(await ledger().head()).toBe(rest.at(-1)?.cursor);
      expect(await ledger().changes(await ledger().head(), 10)).toEqual([]);
      await expect(ledger().changes('x; drop table', 1)).rejects.toThrow(CursorError);
    });

    it('commit with what they tell of, or not at all', async () => {
      const failed = ledger().transaction(async (tx) => {
        await tx.sites.put(site('s1'), NOW_MS);
        throw new Error('stop');
      });
      await expect(failed).rejects.toThrow('stop');
      expect(await ledger().changes(null, 10)).toEqual([]);
      await ledger().transaction(async (tx) => {
        await tx.sites.put(site('s2'), NOW_MS);
        await tx.alerts.apply([event(1, 'raised')]);
        // Nobody hears of it before it is so.
        expect(await ledger().changes(null, 10)).toEqual([]);
      });
      expect((await ledger().changes(null, 10)).map(({ id }) => id)).toEqual(['s2', 'a1']);
    });

    it('keep a bounded number, and cursors go on growing', async () => {
      await reopen({ keepChanges: 20 });
      for (let n = 0; n < 60; n += 1) await ledger().sites.put(site(`s${n}`), NOW_MS);
      const kept = await ledger().changes(null, 1_000);
      expect(kept.length).toBeGreaterThanOrEqual(20);
      expect(kept.length).toBeLessThanOrEqual(22);
      expect(kept.at(-1)?.id).toBe('s59');
      const last = await ledger().head();
      await reopen({ keepChanges: 20 });
      expect(await ledger().head()).toBe(last);
      await ledger().sites.put(site('more'), NOW_MS);
      expect((await ledger().changes(last, 10)).map(({ id }) => id)).toEqual(['more']);
    });

    it('say so when some after a cursor are no longer kept, up to the last that is missing', async () => {
      await reopen({ keepChanges: 20 });
      const cursors: string[] = [];
      for (let n = 0; n < 60; n += 1) {
        await ledger().sites.put(site(`s${n}`), NOW_MS);
        cursors.push((await ledger().head()) ?? '');
      }
      const kept = await ledger().changes(null, 1_000);
      const first = cursors.indexOf(kept[0]?.cursor ?? '');
      expect(first).toBeGreaterThan(30);
      for (const cursor of ['0', cursors[0]!, cursors[first - 2]!]) {
        const lost = ledger().changes(cursor, 5);
        await expect(lost).rejects.toThrow(ChangesLostError);
        await expect(lost).rejects.toMatchObject({ name: 'ChangesLostError' });
      }
      expect(await ledger().changes(cursors[first - 1]!, 1_000)).toEqual(kept);
      expect(await ledger().changes(cursors[first]!, 1_000)).toEqual(kept.slice(1));
    });

    it('know no cursor that is beyond the newest: it is of another ledger', async () => {
      await ledger().sites.put(site('s1'), NOW_MS);
      const head = await ledger().head();
      await expect(ledger().changes(`${Number(head) + 1}`, 5)).rejects.toThrow(CursorError);
      expect(await ledger().changes(head, 5)).toEqual([]);
    });

    it('are announced after each commit that wrote one, until nobody listens', async () => {
      const heard = vi.fn();
      const stop = ledger().onChange(heard);
      await ledger().sites.put(site('s1'), NOW_MS);
      await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
      await ledger().settings.set('no', 'change');
      await ledger()
        .transaction(async (tx) => {
          await tx.sites.put(site('s2'), NOW_MS);
          throw new Error('rolled back');
        })
        .catch(() => undefined);
      await wait(150);
      expect(heard).toHaveBeenCalledTimes(1);
      stop();
      await ledger().sites.put(site('s3'), NOW_MS);
      await wait(20);
      expect(heard).toHaveBeenCalledTimes(1);
    });
  });
};
