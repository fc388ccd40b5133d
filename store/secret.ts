import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { LedgerNouns } from './ledger.ts';

/**
 * Secrets of equipment, sessions and tokens are 256 random bits, so a keyed hash is enough and cheap:
 * argon2 would cost minutes of CPU when ten thousand machines reconnect at once.
 */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** The key of a webhook, in the form of Standard Webhooks: it must sign, so it is kept as it is (docs/notices.md). */
export const newSigningSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

export const hashSecret = (key: string, secret: string): string =>
  createHmac('sha256', key).update(secret).digest('hex');

/** Compares in constant time. */
export const matchesSecret = (key: string, secret: string, hash: string): boolean => {
  const a = Buffer.from(hashSecret(key, secret), 'hex');
  const b = Buffer.from(hash, 'hex');
  return a.length === b.length && timingSafeEqual(a, b);
};

/** The installation's key, made at the first start and kept in the ledger. */
export const secretKey = (ledger: Pick<LedgerNouns, 'settings'>): Promise<string> =>
  ledger.settings.init('secret-key', newSecret());
