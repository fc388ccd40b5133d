import { describe, expect, it } from 'vitest';
import { LeaseLostError, type Ledger, type Quarantined } from '../../ledger.ts';
import { allPages, type Bench, event, NOW_MS, whats } from './fixtures.ts';

const bad = (offset: number, changed: Partial<Quarantined> = {}): Quarantined => ({
  partition: 0,
  offset,
  index: 0,
  equipment: 'g1',
  channel: 'telemetry',
  reason: 'not-json',
  detail: 'broken JSON',
  atMs: NOW_MS,
  payload: '{"a',
  ...changed,
});

const leaseSuite = ({ ledger, reopen }: Bench): void => {
  it('go on from the offset that was committed', async () => {
    const { readers } = ledger();
    const first = await readers.claim('watcher', 0);
    expect(first).toEqual({ reader: 'watcher', partition: 0, epoch: 1, offset: -1 });
    await readers.commit(first, 41);
    await readers.claim('recorder', 3);
    await reopen();
    expect(await ledger().readers.claim('watcher', 0)).toMatchObject({ epoch: 2, offset: 41 });
    expect(await ledger().readers.offsets()).toEqual([
      { reader: 'recorder', partition: 3, offset: -1 },
      { reader: 'watcher', partition: 0, offset: 41 },
    ]);
  });

  it('lose everything of a transaction when the lease was lost', async () => {
    const old = await ledger().readers.claim('watcher', 0);
    await ledger().readers.saveCheckpoints('watcher', 0, [{ key: 'g1', state: 'old' }]);
    const young = await ledger().readers.claim('watcher', 0);
    const work = ledger().transaction(async (tx) => {
      await tx.alerts.apply([event(1, 'raised')]);
      await tx.readers.saveCheckpoints('watcher', 0, [{ key: 'g1', state: 'new' }]);
      await tx.readers.quarantine([bad(1)]);
      await tx.readers.commit(old, 5);
    });
    await expect(work).rejects.toThrow(LeaseLostError);
    expect(await ledger().alerts.get('a1')).toBeNull();
    expect(await ledger().readers.loadCheckpoints('watcher', 0)).toEqual([{ key: 'g1', state: 'old' }]);
    expect(await ledger().readers.quarantineCounts()).toEqual([]);
    expect(await ledger().head()).toBeNull();
    await ledger().readers.commit(young, 5);
    await expect(ledger().readers.commit({ ...young, partition: 9 }, 5)).rejects.toThrow(LeaseLostError);
  });

  it('never move back', async () => {
    const lease = await ledger().readers.claim('watcher', 0);
    await ledger().readers.commit(lease, 9);
    await ledger().readers.commit(lease, 9);
    await expect(ledger().readers.commit(lease, 8)).rejects.toThrow('move back');
    expect((await ledger().readers.offsets())[0]?.offset).toBe(9);
  });
};

const checkpointSuite = ({ ledger }: Bench): void => {
  it('keep the last checkpoint of each key, per reader and partition', async () => {
    const { readers } = ledger();
    const states = Array.from({ length: 1_234 }, (_, i) => ({ key: `g${i}`, state: `{"n":${i}}` }));
    await readers.saveCheckpoints('watcher', 0, states);
    await readers.saveCheckpoints('watcher', 0, [
      { key: 'g7', state: 'first' },
      { key: 'g7', state: 'second' },
      { key: '', state: 'engine' },
    ]);
    await readers.saveCheckpoints('watcher', 1, [{ key: 'g7', state: 'other partition' }]);
    await readers.saveCheckpoints('watcher', 0, []);
    const loaded = await readers.loadCheckpoints('watcher', 0);
    expect(loaded).toHaveLength(1_235);
    const byKey = new Map(loaded.map(({ key, state }) => [key, state]));
    expect([byKey.get('g7'), byKey.get(''), byKey.get('g1233')]).toEqual(['second', 'engine', '{"n":1233}']);
    expect(await readers.loadCheckpoints('recorder', 0)).toEqual([]);
  });
};

const fill = async (ledger: Ledger, from: number, to: number): Promise<void> => {
  const items = Array.from({ length: to - from }, (_, i) =>
    bad(from + i, { reason: (from + i) % 4 ? 'not-json' : 'future' }),
  );
  await ledger.readers.quarantine(items);
};

const quarantineSuite = ({ ledger }: Bench): void => {
  it('keep what was bad once, newest first, and count it by reason', async () => {
    const { readers } = ledger();
    await readers.quarantine([bad(1), bad(2, { reason: 'future' }), bad(2, { index: 1 })]);
    await readers.quarantine([
      bad(1),
      bad(2),
      bad(3, { payload: `\0${'x'.repeat(5_000)}`, equipment: 'g2' }),
    ]);
    await readers.quarantine([]);
    const rows = await allPages(readers.quarantined, 2);
    expect(rows.map(({ offset, index }) => `${offset}.${index}`)).toEqual(['3.0', '2.1', '2.0', '1.0']);
    expect(rows[3]).toEqual(bad(1));
    expect(rows[0]?.payload).toHaveLength(2_048);
    expect(await readers.quarantineCounts()).toEqual([
      { reason: 'future', count: 1 },
      { reason: 'not-json', count: 3 },
    ]);
    expect(await whats(ledger())).toEqual([
      'quarantine g1 not-json',
      'quarantine g1 future',
      'quarantine g2 not-json',
    ]);
  });

  it('keep the newest 10,000 of what was bad, and count all', async () => {
    await fill(ledger(), 0, 6_000);
    await fill(ledger(), 6_000, 12_000);
    const rows = await allPages(ledger().readers.quarantined, 3_000);
    expect(rows).toHaveLength(10_000);
    expect([rows[0]?.offset, rows.at(-1)?.offset]).toEqual([11_999, 2_000]);
    expect(await ledger().readers.quarantineCounts()).toEqual([
      { reason: 'future', count: 3_000 },
      { reason: 'not-json', count: 9_000 },
    ]);
  });
};

export const readerSuite = (bench: Bench): void => {
  describe('readers', () => {
    leaseSuite(bench);
    checkpointSuite(bench);
    quarantineSuite(bench);
  });
};
