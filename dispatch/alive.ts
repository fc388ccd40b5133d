import type { Ledger } from '../store/ledger.ts';
import type { Absence } from './timers.ts';

/** What a part notes of itself in the ledger, so that its next process knows whether it was away. */
export interface Alive {
  /** How long nobody was there before this process, or null; read once, before this one says that it is. */
  absence(): Promise<Absence | null>;
  /** Says now and then that it is there; not before the absence was read. */
  note(): Promise<void>;
}

/** A longer silence than so many notes apart means that it was away. */
const MISSED = 3;
const ALIVE_MS = 10_000;

/** @param everyMs how often it notes that it is there (default 10 s) */
export const createAlive = (
  ledger: Pick<Ledger, 'settings'>,
  key: string,
  clock: () => number,
  everyMs: number = ALIVE_MS,
): Alive => {
  let absence: Absence | null | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;

  const read = async (): Promise<Absence | null> => {
    const fromMs = Number((await ledger.settings.get(key)) ?? clock());
    return clock() - fromMs > MISSED * everyMs ? { fromMs, toMs: clock() } : null;
  };

  return {
    absence: async () => {
      if (absence === undefined) absence = await read();
      return absence;
    },
    note: async () => {
      if (absence === undefined || clock() - lastMs < everyMs) return;
      lastMs = clock();
      await ledger.settings.set(key, String(lastMs));
    },
  };
};
