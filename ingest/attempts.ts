import type { Lease, Ledger } from '../store/ledger.ts';

/**
 * Which records have crashed a reader, kept in the ledger so that it holds across restarts.
 *
 * A record that throws is known by its offset. One that takes the whole process down is not; so a reader
 * that starts again and again without getting anywhere becomes careful: one record at a time, each marked
 * before it is worked on and unmarked when its effects are committed.
 */
export interface Attempts {
  /** Records that have crashed this reader twice. */
  readonly skip: ReadonlySet<number>;
  readonly isCareful: boolean;
  /** The record threw, or is about to be worked on carefully. */
  crashed(offset: number): Promise<void>;
  /** It went well after all. */
  survived(offset: number): Promise<void>;
  /** The careful stretch is over. */
  relax(): void;
}

interface Noted {
  readonly start: number;
  readonly starts: number;
  readonly crashes: readonly (readonly [offset: number, times: number])[];
}

const STARTS_WITHOUT_PROGRESS = 3;
const CRASHES = 2;
/** Crash notes kept; a reader that finds more bad records than this at once forgets the oldest. */
const MAX_NOTES = 256;

const read = (text: string | null): Noted | null => (text === null ? null : (JSON.parse(text) as Noted));

export const openAttempts = async (ledger: Pick<Ledger, 'settings'>, lease: Lease): Promise<Attempts> => {
  const key = `reader-attempts:${lease.reader}:${lease.partition}`;
  const before = read(await ledger.settings.get(key));
  const start = lease.offset;
  const starts = before?.start === start ? before.starts + 1 : 1;
  const crashes = new Map((before?.crashes ?? []).filter(([offset]) => offset > start));
  const skip = new Set([...crashes].filter(([, times]) => times >= CRASHES).map(([offset]) => offset));
  let isCareful = starts >= STARTS_WITHOUT_PROGRESS;
  const save = (): Promise<void> => {
    for (const offset of [...crashes.keys()].slice(0, Math.max(0, crashes.size - MAX_NOTES)))
      crashes.delete(offset);
    return ledger.settings.set(key, JSON.stringify({ start, starts, crashes: [...crashes] } satisfies Noted));
  };
  await save();
  return {
    skip,
    get isCareful() {
      return isCareful;
    },
    crashed: (offset) => {
      const times = (crashes.get(offset) ?? 0) + 1;
      crashes.set(offset, times);
      if (times >= CRASHES) skip.add(offset);
      return save();
    },
    survived: (offset) => {
      const times = crashes.get(offset) ?? 0;
      if (times <= 1) crashes.delete(offset);
      else crashes.set(offset, times - 1);
      return save();
    },
    relax: () => {
      isCareful = false;
    },
  };
};
