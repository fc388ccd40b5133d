import type { Ledger, LedgerNouns } from './ledger.ts';
import type { Log } from './log.ts';
import { watchedUpTo } from './watched.ts';

/**
 * Log and ledger belong together: the ledger's offsets, and the keys of alerts and quarantine made from them,
 * mean records of one log. With a log of another age under them, records would never be read, and new alerts
 * would pass for old ones.
 */
export interface AdoptOptions {
  readonly log: Pick<Log, 'id' | 'stats' | 'skipTo'>;
  readonly ledger: Pick<Ledger, 'transaction' | 'settings' | 'readers'>;
  /** Unix ms. */
  readonly clock: () => number;
  readonly partition?: number;
}

export interface Missed {
  readonly reader: string;
  /** First and last offset that the reader never committed and the log does not hold (any more). */
  readonly from: number;
  readonly to: number;
}

export interface Adoption {
  /**
   * `known`: the readers go on where they were · `first`: this ledger has followed no log yet · `replaced`: an
   * empty log took the place of another, and goes on beyond every offset of that one.
   */
  readonly outcome: 'known' | 'first' | 'replaced';
  /** What the log dropped before these readers had it: the ledger is older than the log. Audited, passed over. */
  readonly missed: readonly Missed[];
}

/** The log holds records and is not the one that this ledger's readers followed. Nothing was changed. */
export class ForeignLogError extends Error {
  override readonly name = 'ForeignLogError';
}

/**
 * Left free beyond the old offsets: a reader may have noted what stood after its last commit (a crash, a bad
 * message), and no key of that may come up again.
 */
const GAP = 1_000_000;

interface Found {
  readonly knownId: string | null;
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly readers: readonly { readonly reader: string; readonly offset: number }[];
  /** Newest offset that a reader has committed, or told of; -1 where none has. */
  readonly newest: number;
}

const foreign = ({ id }: AdoptOptions['log'], found: Found): ForeignLogError => {
  const { knownId, firstOffset, nextOffset, newest } = found;
  const whose =
    knownId === id
      ? 'the log is older than the ledger'
      : `the log is not the ledger's: its id is ${id}, the ledger followed ${knownId ?? 'one without an id'}`;
  return new ForeignLogError(
    `${whose}; it holds offsets ${firstOffset} to ${nextOffset - 1}, the readers stood at ${newest}. ` +
      'Put back the log and the ledger of one backup; or, to go on without what this log holds, move its files ' +
      '(PRECALL_LOG, and the -wal beside it) away: a new log then begins beyond the old offsets',
  );
};

const find = async ({ log, ledger }: AdoptOptions, partition: number, key: string): Promise<Found> => {
  const { firstOffset, nextOffset } = await log.stats();
  const readers = (await ledger.readers.offsets()).filter((reader) => reader.partition === partition);
  return {
    knownId: await ledger.settings.get(key),
    firstOffset,
    nextOffset,
    readers,
    newest: Math.max(await watchedUpTo(ledger, partition), ...readers.map(({ offset }) => offset)),
  };
};

/** Sets readers before the log's first record: nothing lies between. */
const moveReaders = async (
  tx: LedgerNouns,
  readers: readonly { readonly reader: string }[],
  partition: number,
  firstOffset: number,
): Promise<void> => {
  for (const { reader } of readers) {
    const lease = await tx.readers.claim(reader, partition);
    if (lease.offset < firstOffset - 1) await tx.readers.commit(lease, firstOffset - 1);
  }
};

const replace = async (
  { log, ledger, clock }: AdoptOptions,
  found: Found,
  partition: number,
  key: string,
): Promise<Adoption> => {
  await log.skipTo(found.newest + 1 + GAP);
  const { nextOffset } = await log.stats();
  await ledger.transaction(async (tx) => {
    await moveReaders(tx, found.readers, partition, nextOffset);
    await tx.settings.set(key, log.id);
    await tx.audit.add({
      atMs: clock(),
      actor: 'system',
      action: 'log.replaced',
      subject: String(partition),
      detail: { before: found.knownId, now: log.id, readTo: found.newest, goesOnAt: nextOffset },
    });
  });
  return { outcome: 'replaced', missed: [] };
};

const keep = async (
  { log, ledger, clock }: AdoptOptions,
  found: Found,
  partition: number,
  key: string,
): Promise<Adoption> => {
  const missed = found.readers
    .filter(({ offset }) => offset + 1 < found.firstOffset)
    .map(({ reader, offset }) => ({ reader, from: offset + 1, to: found.firstOffset - 1 }));
  await ledger.transaction(async (tx) => {
    await tx.settings.init(key, log.id);
    await moveReaders(tx, missed, partition, found.firstOffset);
    for (const { reader, from, to } of missed) {
      await tx.audit.add({
        atMs: clock(),
        actor: 'system',
        action: 'log.missed',
        subject: reader,
        detail: { partition, from, to },
      });
    }
  });
  return { outcome: found.knownId === null ? 'first' : 'known', missed };
};

/**
 * Call it before anything is appended or read. Remembers the log in the ledger at first. A log that holds
 * nothing may take the place of another: it goes on beyond every offset of that one, and the audit says so.
 * Doing it twice changes nothing.
 * @throws ForeignLogError where the log holds records and its id, or a reader's offset, is not this log's
 */
export const adoptLog = async (options: AdoptOptions): Promise<Adoption> => {
  const { log, partition = 0 } = options;
  const key = `log-id:${partition}`;
  const found = await find(options, partition, key);
  const isOwn = found.knownId === null || found.knownId === log.id;
  if (isOwn && found.newest < found.nextOffset) return keep(options, found, partition, key);
  if (found.firstOffset !== found.nextOffset) throw foreign(log, found);
  return replace(options, found, partition, key);
};
