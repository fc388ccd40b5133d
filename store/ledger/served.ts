import type { Ledger } from '../ledger.ts';
import { isLedgerTrouble } from '../trouble.ts';
import type { Gate, GateStats } from './gate.ts';
import type { ChangeWatch } from './watch.ts';

/** A ledger that says how many wait for it. */
export interface ServedLedger extends Ledger {
  queues(): { readonly writes: GateStats; readonly reads: GateStats };
  /** Why the last transaction could not be written, with the mend; null when it was. Reads may go on meanwhile. */
  trouble(): string | null;
}

export interface Trouble {
  /** How a transaction ended: null where it was committed. What is the caller's own fault says nothing of the ledger. */
  wrote(error: unknown): void;
  now(): string | null;
}

export const createTrouble = (): Trouble => {
  let message: string | null = null;
  return {
    wrote: (error) => {
      if (error === null) message = null;
      else if (isLedgerTrouble(error)) message = (error as Error).message;
    },
    now: () => message,
  };
};

export interface Served {
  readonly ledger: Omit<Ledger, 'onChange' | 'close'>;
  readonly writes: Gate;
  readonly reads: Gate;
  readonly watch: ChangeWatch;
  readonly trouble: Trouble;
  /** Lets go of the database, when nobody uses it any more. */
  readonly release: () => Promise<unknown>;
}

/** A ledger behind its gates, with its feed of changes. It is closed once: writes end first, then who watches, then reads. */
export const serve = ({ ledger, writes, reads, watch, trouble, release }: Served): ServedLedger => {
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await writes.close();
    await watch.close();
    await reads.close();
    await release();
  };
  return {
    ...ledger,
    onChange: watch.onChange,
    trouble: trouble.now,
    queues: () => ({ writes: writes.stats(), reads: reads.stats() }),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};
