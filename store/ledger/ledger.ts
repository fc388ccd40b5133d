import { AsyncLocalStorage } from 'node:async_hooks';
import type { Kysely } from 'kysely';
import type { Ledger } from '../ledger.ts';
import { changeFeed, type NewChange, writeChanges } from './changes.ts';
import { nouns, onTheirOwn } from './nouns.ts';
import type { Schema, Scope } from './schema.ts';

export interface LedgerParts {
  /** Its transactions write. */
  readonly writer: Kysely<Schema>;
  /** Reads outside transactions; must see what was committed before. */
  readonly reader: Kysely<Schema>;
  readonly clock: () => number;
  /** How many change events are kept. */
  readonly keepChanges: number;
  /** Tells other processes of the changes of a transaction, as its last act: it is heard when they are committed. */
  readonly announce?: (db: Scope['db']) => Promise<unknown>;
  /** Called after a commit that wrote changes, with the number of the last one. */
  readonly committed: (lastChange: number) => void;
}

const noChange: Scope['change'] = () => {
  throw new Error('a read may not write a change event');
};

/** What is the same for every SQL database: nouns, transactions and the feed of changes. */
export const createLedger = (parts: LedgerParts): Omit<Ledger, 'onChange' | 'close'> => {
  const { writer, reader, clock, keepChanges, committed, announce } = parts;
  const inside = new AsyncLocalStorage<{ over: boolean }>();

  const transaction: Ledger['transaction'] = async (work) => {
    // Waiting here for a transaction that waits for us would hang for ever, and silently.
    if (inside.getStore()?.over === false) {
      throw new Error('inside a transaction write with its `tx`, not with the ledger itself');
    }
    const state = { over: false };
    const changes: NewChange[] = [];
    const change: Scope['change'] = (kind, id, what, atMs) => changes.push({ kind, id, what, atMs });
    try {
      const done = await writer.transaction().execute(async (db) => {
        const value = await inside.run(state, () => work(nouns({ db, clock, change })));
        const last = await writeChanges(db, changes, keepChanges);
        if (last !== null) await announce?.(db);
        return { value, last };
      });
      if (done.last !== null) committed(done.last);
      return done.value;
    } finally {
      state.over = true;
    }
  };

  const reading = nouns({ db: reader, clock, change: noChange });
  return { ...onTheirOwn(reading, transaction), ...changeFeed(reader), transaction };
};
