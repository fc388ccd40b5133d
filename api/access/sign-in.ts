import type { LedgerNouns, User } from '../../store/ledger.ts';
import { absentHash, verifyPassword } from '../../store/password.ts';
import { hashSecret, newSecret } from '../../store/secret.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problem.ts';
import type { Attempts } from './attempts.ts';
import { SESSION_MS } from './roles.ts';

/**
 * Failures that are allowed before waiting. By address and user together, so that one who tries from
 * elsewhere seldom locks anybody out; by address, against trying one password on many users; by user, from
 * whatever addresses: 32 tries in 5 min are too few to guess a password, and more than one person mistypes.
 */
export const SIGN_IN_LIMITS = {
  address: { tries: 50, windowMs: 5 * 60_000, maxKeys: 10_000 },
  pair: { tries: 8, windowMs: 5 * 60_000, maxKeys: 10_000 },
  user: { tries: 32, windowMs: 5 * 60_000, maxKeys: 10_000 },
} as const;

/** Passwords checked at a time; each takes a core for a moment. */
const MAX_CHECKS = 16;
let checking = 0;

const tooMany = (retryAfterS: number): Problem => ({
  status: 429,
  reason: 'too-many-attempts',
  detail: `too many failed attempts; try again in ${retryAfterS} s`,
  retryAfterS,
});

const WRONG: Problem = {
  status: 401,
  reason: 'wrong-credentials',
  detail: 'the user or the password is wrong',
};

type Limited = { readonly by: Attempts; readonly key: string };

/** Counts a try on every limit, or says how long to wait and counts nowhere. */
export const takeTry = (limits: readonly Limited[], nowMs: number): Problem | null => {
  for (const [index, { by, key }] of limits.entries()) {
    const waitS = by.take(key, nowMs);
    if (waitS === null) continue;
    for (const earlier of limits.slice(0, index)) earlier.by.giveBack(earlier.key);
    return tooMany(waitS);
  }
  return null;
};

export const giveBack = (limits: readonly Limited[]): void => {
  for (const { by, key } of limits) by.giveBack(key);
};

/** The work is the same for users who don't exist or are disabled. */
const verified = async (user: User | null, password: string): Promise<User | null> => {
  checking += 1;
  try {
    const isUsable = user !== null && !user.disabled;
    const matches = await verifyPassword(isUsable ? user.passwordHash : await absentHash(), password);
    return matches && isUsable ? user : null;
  } finally {
    checking -= 1;
  }
};

/** Opens a session and returns its secret, which is stored nowhere. */
export const openSession = async (
  tx: LedgerNouns,
  key: string,
  user: Pick<User, 'id' | 'role' | 'crew'>,
  nowMs: number,
): Promise<string> => {
  const secret = newSecret();
  await tx.people.grant({
    hash: hashSecret(key, secret),
    kind: 'session',
    subject: user.id,
    role: user.role,
    crew: user.crew,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + SESSION_MS[user.role],
  });
  await tx.audit.add({ atMs: nowMs, actor: user.id, action: 'session.opened', subject: user.id, detail: {} });
  return secret;
};

export type SignedIn =
  | { readonly ok: true; readonly user: User; readonly secret: string }
  | { readonly ok: false; readonly problem: Problem };

export const signIn = async (
  { ledger, clock, key, attempts }: Context,
  given: { readonly user: string; readonly password: string; readonly address: string },
): Promise<SignedIn> => {
  const limits = [
    { by: attempts.address, key: given.address },
    { by: attempts.pair, key: `${given.address} ${given.user}` },
    { by: attempts.user, key: given.user },
  ];
  const limited = takeTry(limits, clock());
  if (limited) return { ok: false, problem: limited };
  if (checking >= MAX_CHECKS) {
    giveBack(limits);
    return { ok: false, problem: tooMany(1) };
  }
  const known = await ledger.people.get(given.user);
  const user = await verified(known, given.password);
  const nowMs = clock();
  if (!user) {
    // Names that don't exist are not written down: anybody can send any number of them.
    if (known)
      await ledger.audit.add({
        atMs: nowMs,
        actor: 'system',
        action: 'session.refused',
        subject: known.id,
        detail: { disabled: known.disabled },
      });
    return { ok: false, problem: WRONG };
  }
  giveBack(limits);
  const secret = await ledger.transaction((tx) => openSession(tx, key, user, nowMs));
  return { ok: true, user, secret };
};
