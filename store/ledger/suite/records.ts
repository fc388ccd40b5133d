import { describe, expect, it } from 'vitest';
import { verifyAudit } from '../verify-audit.ts';
import { allPages, type Bench, HOUR_MS, NOW_MS } from './fixtures.ts';

const entry = (n: number) => ({
  atMs: NOW_MS + n,
  actor: 'admin',
  action: 'equipment.added',
  subject: `g${n}`,
  detail: { n, list: [1, { b: 2, a: null }], text: '车库 "7"' },
});

export const recordSuite = ({ ledger, reopen, setTime }: Bench): void => {
  describe('audit', () => {
    it('is one chain, whoever adds and however many at once', async () => {
      expect(await verifyAudit(ledger())).toMatchObject({ ok: true, entries: 0 });
      await Promise.all([1, 2, 3, 4].map((n) => ledger().audit.add(entry(n))));
      await ledger().transaction((tx) => Promise.all([5, 6, 7].map((n) => tx.audit.add(entry(n)))));
      await ledger()
        .transaction(async (tx) => {
          await tx.audit.add(entry(99));
          throw new Error('rolled back');
        })
        .catch(() => undefined);
      await reopen();
      await ledger().audit.add(entry(8));
      const rows = await allPages(ledger().audit.list, 3);
      expect(rows.map(({ id }) => id)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
      const { id, hash, ...rest } = rows[0]!;
      expect(rest).toEqual(entry(8));
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
      expect(await verifyAudit(ledger(), 3)).toEqual({ ok: true, entries: 8, head: hash });
    });

    it('holds for text that a database could change', async () => {
      await ledger().audit.add({
        ...entry(1),
        subject: 'a\0b\ud800',
        detail: { 'k\0': '\0', drop: undefined },
      });
      await ledger().audit.add({ ...entry(2), detail: {} });
      expect(await verifyAudit(ledger())).toMatchObject({ ok: true, entries: 2 });
    });
  });

  describe('idempotency', () => {
    const answer = { request: 'POST /tickets abc', status: 201, body: '{"id":"t1"}' };

    it('keeps the first answer for an actor and key', async () => {
      const { idempotency } = ledger();
      expect(await idempotency.get('lin', 'k')).toBeNull();
      await idempotency.put('lin', 'k', answer, NOW_MS);
      await idempotency.put('lin', 'k', { ...answer, status: 500 }, NOW_MS + 1);
      await idempotency.put('wang', 'k', { ...answer, status: 409 }, NOW_MS);
      expect(await idempotency.get('lin', 'k')).toEqual(answer);
      expect((await idempotency.get('wang', 'k'))?.status).toBe(409);
    });

    it('forgets after 24 hours', async () => {
      const { idempotency } = ledger();
      await idempotency.put('lin', 'k', answer, NOW_MS);
      setTime(NOW_MS + 24 * HOUR_MS - 1);
      expect(await idempotency.get('lin', 'k')).toEqual(answer);
      setTime(NOW_MS + 24 * HOUR_MS);
      expect(await idempotency.get('lin', 'k')).toBeNull();
      await idempotency.put('lin', 'k', { ...answer, status: 200 }, NOW_MS + 24 * HOUR_MS);
      expect((await idempotency.get('lin', 'k'))?.status).toBe(200);
    });
  });
};
