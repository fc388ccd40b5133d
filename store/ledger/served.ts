import type { Ledger } from '../ledger.ts';
import type { Gate, GateStats } from './gate.ts';
import type { ChangeWatch } from './watch.ts';

/** A ledger that says how many wait for it. */
export interface ServedLedger extends Ledger {
  queues(): { readonly writes: GateStats; readonly reads: GateStats };
}

export interface Served {
  readonly ledger: Omit<Ledger, 'onChange' | 'close'>;
  readonly writes: Gate;
  readonly reads: Gate;
  readonly watch: ChangeWatch;
  /** Lets go of the database, when nobody uses it any more. */
  readonly release: () => Promise<unknown>;
}

/** A ledger behind its gates, with its feed of changes. It is closed once: writes end first, then who watches, then reads. */
export const serve = ({ ledger, writes, reads, watch, release }: Served): ServedLedger => {
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
    queues: () => ({ writes: writes.stats(), reads: reads.stats() }),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};
