import { AsyncLocalStorage } from 'node:async_hooks';
import type { Kysely } from 'kysely';
import type { Ledger } from '../ledger.ts';
import { changeFeed, type NewChange, writeChanges } from './changes.ts';
import { nouns, onTheirOwn, type Transaction } from './nouns.ts';
import type { Schema, Scope } from './schema.ts';

export interface LedgerParts {
  /** Its transactions write. */
  readonly writer: Kysely<Schema>;
  /** Its transactions claim beside those that write, and pass over what another holds; without it claims take turns, too. */
  readonly claimer?: Kysely<Schema>;
  /** Reads outside transactions; must see what was committed before. */
  readonly reader: Kysely<Schema>;
  readonly clock: () => number;
  /** How many change events are kept. */
  readonly keepChanges: number;
  /** Tells other processes of the changes of a transaction, as its last act: it is heard when they are committed. */
  readonly announce?: (db: Scope['db']) => Promise<unknown>;
  /** Hears of each transaction that writes how it ended: null where it was committed. */
  readonly wrote?: (error: unknown) => void;
  /** Runs a single call again where the connection broke before its commit. */
  readonly again?: <T>(write: () => Promise<T>) => Promise<T>;
  /** Called after a commit that wrote changes, with the number of the last one. */
  readonly committed: (lastChange: number) => void;
}

const noChange = (who: string) => (): never => {
  throw new Error(`${who} may not write a change event`);
};

/** What is the same for every SQL database: nouns, transactions and the feed of changes. */
export const createLedger = (parts: LedgerParts): Omit<Ledger, 'onChange' | 'close'> => {
  const { writer, claimer, reader, clock, keepChanges, committed, announce } = parts;
  const { again = (write) => write(), wrote } = parts;
  const inside = new AsyncLocalStorage<{ over: boolean }>();

  const alone = async <T>(run: (state: { over: boolean }) => Promise<T>): Promise<T> => {
    // Waiting here for a transaction that waits for us would hang for ever, and silently.
    if (inside.getStore()?.over === false) {
      throw new Error('inside a transaction write with its `tx`, not with the ledger itself');
    }
    const state = { over: false };
    try {
      return await run(state);
    } finally {
      state.over = true;
    }
  };

  const transaction: Transaction = (work) =>
    alone(async (state) => {
      const changes: NewChange[] = [];
      const change: Scope['change'] = (kind, id, what, atMs) => changes.push({ kind, id, what, atMs });
      const writing = writer.transaction().execute(async (db) => {
        const scope = { db, clock, change, skipsLocked: false };
        const value = await inside.run(state, () => work(nouns(scope)));
        const last = await writeChanges(db, changes, keepChanges);
        if (last !== null) await announce?.(db);
        return { value, last };
      });
      writing.then(
        () => wrote?.(null),
        (error) => wrote?.(error),
      );
      const done = await writing;
      if (done.last !== null) committed(done.last);
      return done.value;
    });

  const claiming: Transaction = (work) =>
    alone((state) =>
      (claimer ?? writer).transaction().execute((db) => {
        const scope = { db, clock, change: noChange('a claim'), skipsLocked: claimer !== undefined };
        return inside.run(state, () => work(nouns(scope)));
      }),
    );

  const reading = nouns({ db: reader, clock, change: noChange('a read'), skipsLocked: false });
  const ownWrite: Transaction = (work) => again(() => transaction(work));
  const ownClaim: Transaction = (work) => again(() => claiming(work));
  return { ...onTheirOwn(reading, ownWrite, ownClaim), ...changeFeed(reader), transaction, claiming };
};
