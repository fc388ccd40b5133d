import type { Ledger } from './ledger.ts';

/**
 * Up to which record the watcher has told the ledger what it found. Its committed offset may lie some way behind:
 * that is where a restart begins, because not every machine's checkpoint is as new.
 */
const keyOf = (partition: number): string => `watched:${partition}`;

/** -1: nothing yet. */
export const watchedUpTo = async ({ settings }: Pick<Ledger, 'settings'>, partition = 0): Promise<number> =>
  Number((await settings.get(keyOf(partition))) ?? -1);

export const putWatchedUpTo = (
  { settings }: Pick<Ledger, 'settings'>,
  offset: number,
  partition = 0,
): Promise<void> => settings.set(keyOf(partition), String(offset));
