import { describe, expect, it } from 'vitest';
import type { Grant, User } from '../../ledger.ts';
import { type Bench, NOW_MS, whats } from './fixtures.ts';

const user: User = { id: 'lin', role: 'crew', crew: 'c1', passwordHash: 'argon', disabled: false };

const session: Grant = {
  hash: 'h1',
  kind: 'session',
  subject: 'lin',
  role: 'crew',
  crew: 'c1',
  createdAtMs: NOW_MS,
  expiresAtMs: NOW_MS + 1_000,
};

const token: Grant = {
  ...session,
  hash: 'h2',
  kind: 'token',
  subject: 'script',
  role: 'viewer',
  crew: null,
  expiresAtMs: null,
};

export const peopleSuite = ({ ledger }: Bench): void => {
  describe('people', () => {
    it('are put, counted, listed and disabled once', async () => {
      const { people } = ledger();
      expect(await people.count()).toBe(0);
      await people.put(user, NOW_MS);
      await people.put({ ...user, id: 'admin', role: 'admin', crew: null }, NOW_MS);
      expect(await people.count()).toBe(2);
      expect(await people.get('lin')).toEqual(user);
      expect((await people.list({ limit: 9 })).rows.map(({ id }) => id)).toEqual(['admin', 'lin']);
      expect(await people.disable('lin', NOW_MS)).toBe(true);
      expect(await people.disable('lin', NOW_MS)).toBe(false);
      expect(await people.disable('nobody', NOW_MS)).toBe(false);
      expect(await people.get('lin')).toEqual({ ...user, disabled: true });
      expect(await whats(ledger())).toEqual([
        'people lin added',
        'people admin added',
        'people lin disabled',
      ]);
    });

    it('hold a session until it expires or is revoked', async () => {
      const { people } = ledger();
      await people.put(user, NOW_MS);
      await people.grant(session);
      expect(await people.granted('h1', NOW_MS + 999)).toEqual(session);
      expect(await people.granted('h1', NOW_MS + 1_000)).toBeNull();
      expect(await people.granted('other', NOW_MS)).toBeNull();
      await people.revoke('h1');
      await people.revoke('h1');
      expect(await people.granted('h1', NOW_MS)).toBeNull();
    });

    it('lose their sessions when disabled, for good', async () => {
      const { people } = ledger();
      await people.put(user, NOW_MS);
      await people.grant(session);
      await people.disable('lin', NOW_MS);
      expect(await people.granted('h1', NOW_MS)).toBeNull();
      // One that was being opened in that moment is worth nothing either.
      await people.grant({ ...session, hash: 'h3' });
      expect(await people.granted('h3', NOW_MS)).toBeNull();
      await people.put(user, NOW_MS);
      expect(await people.granted('h1', NOW_MS)).toBeNull();
    });

    it('have in a session the role and crew that they have now', async () => {
      const { people } = ledger();
      await people.put(user, NOW_MS);
      await people.grant(session);
      await people.put({ ...user, role: 'viewer', crew: null }, NOW_MS);
      expect(await people.granted('h1', NOW_MS)).toEqual({ ...session, role: 'viewer', crew: null });
      await people.put({ ...user, passwordHash: 'new' }, NOW_MS);
      expect(await people.granted('h1', NOW_MS)).toBeNull();
    });

    it('must be known to hold a session, and are not needed for a token', async () => {
      const { people } = ledger();
      await people.grant(session);
      await people.grant(token);
      expect(await people.granted('h1', NOW_MS)).toBeNull();
      expect(await people.granted('h2', NOW_MS + 1e12)).toEqual(token);
    });
  });
};
