import { hash, verify } from '@node-rs/argon2';

/**
 * Passwords of people, as argon2id in the PHC string format. Slow on purpose (about 20 ms of one core):
 * secrets of equipment and sessions are random and use store/secret.ts instead.
 */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const MIN_PASSWORD_CHARACTERS = 8;
export const MAX_PASSWORD_CHARACTERS = 1_000;

/** What is wrong with a new password, naming the mend, or null. */
export const passwordProblem = (password: string): string | null => {
  const length = [...password].length;
  if (length < MIN_PASSWORD_CHARACTERS)
    return `the password has ${length} characters; use at least ${MIN_PASSWORD_CHARACTERS}`;
  if (length > MAX_PASSWORD_CHARACTERS)
    return `the password has ${length} characters; use at most ${MAX_PASSWORD_CHARACTERS}`;
  return null;
};

export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFKC'), COST);

/** False also for a hash that can't be read. */
export const verifyPassword = async (stored: string, password: string): Promise<boolean> => {
  try {
    return await verify(stored, password.normalize('NFKC'));
  } catch {
    return false;
  }
};

let absent: Promise<string> | null = null;

/** A hash that no password matches: verified for users who don't exist, so that the answer takes as long. */
export const absentHash = (): Promise<string> => {
  absent ??= hashPassword(crypto.randomUUID());
  return absent;
};
