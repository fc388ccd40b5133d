/** The ledger's server can't be worked with now: nothing was written. Why, and the mend, in one line. */
export class LedgerAwayError extends Error {
  override readonly name = 'LedgerAwayError';
}

/**
 * The connection broke while a transaction was committed: all of it is done, or nothing. Whoever repeats it must look
 * first, or write under a key that makes the second time harmless.
 */
export class LedgerUnsureError extends Error {
  override readonly name = 'LedgerUnsureError';
}

const TROUBLES: ReadonlySet<string> = new Set([
  'LedgerAwayError',
  'LedgerUnsureError',
  'LedgerBusyError',
  'LedgerFullError',
]);

/**
 * The ledger itself fails, not what was asked of it: the same may succeed later. By name, since errors lose their class on
 * the way out of a thread.
 */
export const isLedgerTrouble = (error: unknown): boolean =>
  error instanceof Error && TROUBLES.has(error.name);
