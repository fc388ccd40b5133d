import { createHash, timingSafeEqual } from 'node:crypto';
import type { LedgerNouns, User } from '../../store/ledger.ts';

/**
 * The first administrator of an empty installation, made by whoever holds the one-time link that
 * `serve` printed. The token works once, only while there is no user, and dies with the process.
 */
export interface Setup {
  /** Run in a transaction: reads whether there are users and writes the first. */
  complete(
    tx: LedgerNouns,
    token: string,
    admin: Pick<User, 'id' | 'passwordHash'>,
    nowMs: number,
  ): Promise<'done' | 'wrong-token' | 'gone'>;
}

/** The token stands behind `#`, which browsers keep to themselves: it reaches no log on the way. */
export const setupLink = (publicUrl: string, token: string): string =>
  `${publicUrl.replace(/\/$/, '')}/setup#token=${encodeURIComponent(token)}`;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export const newSetup = (token: string | null): Setup => ({
  complete: async (tx, given, admin, nowMs) => {
    if (token === null || (await tx.people.count()) > 0) return 'gone';
    if (!timingSafeEqual(digest(given), digest(token))) return 'wrong-token';
    await tx.people.put({ ...admin, role: 'admin', crew: null, disabled: false }, nowMs);
    await tx.audit.add({
      atMs: nowMs,
      actor: 'system',
      action: 'setup.completed',
      subject: admin.id,
      detail: {},
    });
    return 'done';
  },
});
