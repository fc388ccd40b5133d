import type { Change, Ledger, LedgerNouns } from '../store/ledger.ts';
import { isLedgerTrouble } from '../store/trouble.ts';

/**
 * Follows the ledger's changes with a cursor of its own, kept in the ledger. Each change is handled in one
 * transaction with the cursor: after a crash it is handled again or not at all, never twice.
 */
export interface FollowOptions {
  readonly ledger: Ledger;
  /** Under which name the cursor is kept. */
  readonly name: string;
  readonly concerns: (change: Change) => boolean;
  readonly handle: (tx: LedgerNouns, change: Change) => Promise<void>;
  /** Changes were trimmed before they were read: derive anew, from what stands in the ledger, what they would have told. */
  readonly rebuild: () => Promise<void>;
  /** A change that failed five times was passed over. */
  readonly onSkip: (change: Change) => void;
  readonly clock: () => number;
}

const BATCH = 200;
/** So many changes share a transaction: a storm costs few fsyncs, and a person's click waits little. */
const TOGETHER = 20;
const MAX_ATTEMPTS = 5;

const chunks = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );

/** Returns the function that handles the next changes; it answers whether there may be more. */
export const createFollower = (options: FollowOptions): (() => Promise<boolean>) => {
  const { ledger, name, handle, clock } = options;
  let failing: { readonly cursor: string; readonly times: number } | null = null;

  /**
   * One bad change must not stop every other ticket: it is written to the audit and passed over. Where the
   * ledger itself is what fails, this fails too, and nothing is passed over.
   */
  const skip = async (change: Change): Promise<void> => {
    await ledger.transaction(async (tx) => {
      const detail = { kind: change.kind, what: change.what };
      await tx.audit.add({
        atMs: clock(),
        actor: 'system',
        action: 'desk.skipped',
        subject: change.id,
        detail,
      });
      await tx.settings.set(name, change.cursor);
    });
    options.onSkip(change);
  };

  const together = (changes: readonly Change[]): Promise<void> =>
    ledger.transaction(async (tx) => {
      for (const change of changes) await handle(tx, change);
      await tx.settings.set(name, changes.at(-1)?.cursor ?? '');
    });

  const alone = async (change: Change): Promise<void> => {
    try {
      if (failing?.cursor === change.cursor && failing.times >= MAX_ATTEMPTS) await skip(change);
      else await together([change]);
    } catch (error) {
      if (isLedgerTrouble(error)) throw error;
      failing = { cursor: change.cursor, times: failing?.cursor === change.cursor ? failing.times + 1 : 1 };
      throw error;
    }
  };

  const startAnew = async (): Promise<void> => {
    const head = await ledger.head();
    await options.rebuild();
    if (head !== null) await ledger.settings.set(name, head);
  };

  return async () => {
    const cursor = await ledger.settings.get(name);
    let changes: readonly Change[];
    try {
      changes = await ledger.changes(cursor, BATCH);
    } catch (error) {
      if ((error as Error).name !== 'ChangesLostError') throw error;
      await startAnew();
      return true;
    }
    for (const group of chunks(changes.filter(options.concerns), TOGETHER)) {
      try {
        await together(group);
      } catch (error) {
        // Nothing is known of any of them, and perhaps they are done: the next look begins at the cursor that is stored.
        if (isLedgerTrouble(error)) throw error;
        // One of them is bad, and the transaction took the others back: find out which.
        for (const change of group) await alone(change);
      }
    }
    const last = changes.at(-1);
    if (last && !options.concerns(last)) await ledger.settings.set(name, last.cursor);
    return changes.length === BATCH;
  };
};
