import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ledger, LedgerFullError } from '../store/ledger.ts';
import { newMemoryLedger } from '../store/memory/ledger.ts';
import { LedgerAwayError, LedgerUnsureError } from '../store/trouble.ts';
import { createFollower } from './follow.ts';

const NOW_MS = 1_767_225_600_000;

describe('a follower of changes', () => {
  let ledger: Ledger;
  let handled: string[];
  let skipped: string[];
  let fail: (id: string) => void;
  let failAfterwards: Error | null;
  const storage = newMemoryLedger();
  beforeEach(async () => {
    handled = [];
    skipped = [];
    fail = () => undefined;
    failAfterwards = null;
    ledger = await storage.open({ clock: () => NOW_MS });
    for (const id of ['s1', 's2', 's3'])
      await ledger.sites.put({ id, name: id, position: null, timeZone: 'UTC' }, NOW_MS);
    await ledger.settings.set('cursor', String(Number(await ledger.head()) - 3));
  });
  afterEach(() => ledger.close());

  const follower = () =>
    createFollower({
      // The answer to a commit can be lost after it was done.
      ledger: {
        ...ledger,
        transaction: async (work) => {
          const value = await ledger.transaction(work);
          const error = failAfterwards;
          failAfterwards = null;
          if (error) throw error;
          return value;
        },
      },
      name: 'cursor',
      clock: () => NOW_MS,
      concerns: () => true,
      handle: async (tx, { id }) => {
        fail(id);
        await tx.settings.set(
          `handled:${id}`,
          String(Number((await tx.settings.get(`handled:${id}`)) ?? 0) + 1),
        );
        handled.push(id);
      },
      rebuild: async () => undefined,
      onSkip: ({ id }) => skipped.push(id),
    });
  const times = async () => Promise.all(['s1', 's2', 's3'].map((id) => ledger.settings.get(`handled:${id}`)));

  it('passes over the one that fails five times, and handles the others', async () => {
    fail = (id) => {
      if (id === 's2') throw new Error('bad');
    };
    const follow = follower();
    for (let times = 0; times < 5; times += 1) await expect(follow()).rejects.toThrow('bad');
    await follow();
    expect(skipped).toEqual(['s2']);
    expect(await times()).toEqual(['1', null, '1']);
  });

  it.each([new LedgerFullError('no room'), new LedgerAwayError('away')])(
    'passes over nothing because the ledger itself failed, however often: $name',
    async (error) => {
      const before = await times();
      fail = () => {
        throw error;
      };
      const follow = follower();
      for (let times = 0; times < 9; times += 1) await expect(follow()).rejects.toThrow(error);
      fail = () => undefined;
      await follow();
      expect(skipped).toEqual([]);
      expect(await times()).toEqual(before.map((count) => String(Number(count ?? 0) + 1)));
    },
  );

  it('does not handle again what may be done, before it has looked', async () => {
    const before = await times();
    failAfterwards = new LedgerUnsureError('broke');
    const follow = follower();
    await expect(follow()).rejects.toThrow('broke');
    await follow();
    expect(await times()).toEqual(before.map((count) => String(Number(count ?? 0) + 1)));
  });
});
