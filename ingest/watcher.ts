import { defer } from 'rxjs';
import type { AlertEvent } from '../core/alert/alert.ts';
import type { Catalogue } from '../core/fault/catalogue.ts';
import { LATENESS_MS } from '../core/telemetry/order.ts';
import type { Lease, Ledger, LedgerNouns, Quarantined } from '../store/ledger.ts';
import type { TelemetryStore } from '../store/telemetry.ts';
import { putWatchedUpTo } from '../store/watched.ts';
import { patiently } from './backoff.ts';
import type { Batch } from './batch.ts';
import { EVERYTHING, restoreMemory, type Saved, type Share, takeCheckpoints } from './checkpoint.ts';
import { commit, type Occasion } from './commit.ts';
import { decode } from './decode.ts';
import { dedupe } from './dedupe.ts';
import { type DerivedTeller, startDerivedTeller } from './derived.ts';
import { detect, type Judged } from './detect.ts';
import { machinesOnly } from './machines-only.ts';
import { type Memory, newMemory } from './memory.ts';
import { order } from './order.ts';
import { startPopulations } from './populations.ts';
import { countReasons, quarantinedOf } from './quarantine.ts';
import {
  type Pace,
  type Pipeline,
  type ReaderNow,
  type ReaderOptions,
  type ReaderStats,
  type Run,
  startReader,
} from './reader.ts';
import { startWarmer, type Warmer } from './warmer.ts';

export interface WatcherOptions extends ReaderOptions {
  readonly catalogue: Catalogue;
  /** Where machines that it does not know may have a history; absent: they begin with nothing. */
  readonly telemetry?: Pick<TelemetryStore, 'list' | 'readings'>;
  /** How often it looks for such machines (default 5 s). */
  readonly warmEveryMs?: number;
  /** How long a reading may come after newer ones of its equipment (default 5 s). */
  readonly latenessMs?: number;
  /** Saves some of what has changed at least this often (default 1 s), and after as many records (10,000). */
  readonly commitEveryMs?: number;
  readonly commitEveryRecords?: number;
}

export interface WatcherStats extends ReaderStats {
  duplicates: number;
  late: number;
  raised: number;
  updated: number;
  cleared: number;
  connections: number;
  /** Fault codes beyond what is kept of one equipment: refused, or given up for worse ones. */
  refusedFaults: number;
  /** Records that crashed it twice, by reason. */
  readonly quarantined: Record<string, number>;
}

export interface Watcher {
  stats(): WatcherStats & {
    readonly warmer?: ReturnType<Warmer['stats']>;
    readonly derived: ReturnType<DerivedTeller['stats']>;
    readonly now: ReaderNow & {
      readonly equipment: number;
      /** Readings that wait for older ones. */
      readonly buffered: number;
      readonly unwatched: number;
      /** Models whose machines are compared with each other. */
      readonly models: number;
      /** Equipment that has changed since it was saved. */
      readonly unsaved: number;
    };
  };
  /** The rules that it judges by, and how far it has committed the log. */
  held(): { readonly version: string; readonly offset: number };
  /** Why it has stopped for good, or null while it runs. */
  stopped(): string | null;
  /** Finishes the batch in hand, commits, and stops. */
  close(): Promise<void>;
}

/** A turn of a few ten milliseconds, then others get theirs; and an alert is told within a blink. */
const PACE: Pace = { batchRecords: 250, batchBytes: 131_072, paceMs: 20 };

/** A turn of ten milliseconds or so; a fleet that is larger than that is saved in more of them, up to four a second. */
const SAVE_BYTES = 524_288;
const URGENT_BYTES = 262_144;
const SAVE_AFTER_TURNS = 10;

/** How much is saved with a commit; careful: the record in hand is only behind us when a restart would begin after it. */
const shareOf = (why: Occasion, isCareful: boolean): Share => {
  if (why === 'last' || isCareful) return { ...EVERYTHING, maxBytes: SAVE_BYTES };
  return why === 'due'
    ? { maxBytes: SAVE_BYTES, minTurns: SAVE_AFTER_TURNS }
    : { maxBytes: URGENT_BYTES, minTurns: Number.POSITIVE_INFINITY };
};

/** What has been done since the last commit, to be written in one transaction. */
interface Pending {
  events: AlertEvent[];
  connections: Map<
    string,
    { readonly connection: Judged['connections'][number]['connection']; atMs: number }
  >;
  quarantine: Quarantined[];
  offset: number;
}

const newPending = (offset: number): Pending => ({
  events: [],
  connections: new Map(),
  quarantine: [],
  offset,
});

/** Takes note of what a batch led to; true where there is something to tell. */
const pend = (pending: Pending, batch: Batch<Judged>, told: number): boolean => {
  for (const item of batch.items) {
    for (const event of item.events) pending.events.push(event);
    // Committed before the restart, though not everybody's checkpoint is as new.
    if (item.offset <= told) continue;
    for (const { equipment, connection } of item.connections)
      pending.connections.set(equipment, { connection, atMs: item.receivedAtMs });
    // Bad payloads are the recorder's to report; what only crashes here is ours.
    const crashed = item.rejected.some(({ reason }) => reason === 'crashes-reader');
    if (crashed) pending.quarantine.push(...quarantinedOf(item));
  }
  pending.offset = batch.lastOffset;
  return pending.events.length + pending.connections.size + pending.quarantine.length > 0;
};

const writePending = async (
  tx: LedgerNouns,
  lease: Lease,
  pending: Pending,
  { checkpoints, offset, told }: Saved,
): Promise<void> => {
  await tx.readers.commit(lease, offset);
  await putWatchedUpTo(tx, told, lease.partition);
  if (pending.events.length > 0) await tx.alerts.apply(pending.events);
  for (const [equipment, { connection, atMs }] of pending.connections) {
    const { online, firmware, id } = connection;
    await tx.equipment.heard(equipment, {
      online,
      connectionId: online === 'unknown' ? null : id,
      firmware,
      atMs,
    });
  }
  if (pending.quarantine.length > 0) await tx.readers.quarantine(pending.quarantine);
  await tx.readers.saveCheckpoints(lease.reader, lease.partition, checkpoints);
};

const restoreFrom = async (ledger: Ledger, lease: Lease): Promise<Memory> =>
  restoreMemory(await ledger.readers.loadCheckpoints(lease.reader, lease.partition));

const buffered = (memory: Memory): number => {
  let readings = 0;
  for (const id of memory.waiting) readings += memory.equipment.get(id)?.waiting.buffer.length ?? 0;
  return readings;
};

/**
 * The reader that judges: log → decode → machines only → dedupe → order → detect. What it does is a function of the
 * log. What there is to tell commits at once: alert events and connections, with the checkpoints of the machines
 * that raised something. The others are saved a part at a time; the offset is the one that a restart must begin
 * after, and each machine's checkpoint says by its fence what it need not be told again.
 */
export const startWatcher = async (options: WatcherOptions): Promise<Watcher> => {
  const { ledger, catalogue, latenessMs = LATENESS_MS } = options;
  const { commitEveryMs = 1_000, commitEveryRecords = 10_000 } = options;
  const stats: WatcherStats = {
    records: 0,
    batches: 0,
    commits: 0,
    retries: 0,
    restarts: 0,
    duplicates: 0,
    late: 0,
    raised: 0,
    updated: 0,
    cleared: 0,
    connections: 0,
    refusedFaults: 0,
    quarantined: {},
  };
  let memory = newMemory();
  let committed = -1;
  const derived = startDerivedTeller(options.log, options.timers.now);

  const count = (pending: Pending): void => {
    stats.commits += 1;
    for (const { type } of pending.events) stats[type] += 1;
    stats.connections += pending.connections.size;
    countReasons(stats.quarantined, pending.quarantine);
  };

  const begin = async (lease: Lease, run: Run): Promise<Pipeline> => {
    const mine = await restoreFrom(ledger, lease);
    memory = mine;
    committed = lease.offset;
    let pending = newPending(lease.offset);
    const withinMs: Readonly<Record<Saved['left'], number | null>> = {
      nothing: null,
      young: commitEveryMs,
      much: commitEveryMs / 4,
    };
    const flush = (why: Occasion) => {
      // Taken now: batches that follow while the ledger writes belong to the next commit.
      const taken = pending;
      const saved = takeCheckpoints(mine, taken.offset, shareOf(why, run.attempts.isCareful));
      pending = newPending(taken.offset);
      return defer(async () => {
        await ledger.transaction((tx) => writePending(tx, lease, taken, saved));
        committed = saved.offset;
        count(taken);
        return withinMs[saved.left];
      }).pipe(
        patiently({
          onRetry: run.onRetry,
          scheduler: run.scheduler,
          isFinal: (error) => error.name === 'LeaseLostError' || run.isClosing(),
        }),
      );
    };
    return (records) =>
      records.pipe(
        decode(run.attempts.skip),
        machinesOnly(),
        dedupe(mine, () => {
          stats.duplicates += 1;
        }),
        order(mine, latenessMs, () => {
          stats.late += 1;
        }),
        detect(
          catalogue,
          mine,
          () => {
            stats.refusedFaults += 1;
          },
          derived.add,
        ),
        commit({
          pend: (batch) => pend(pending, batch, mine.told) || run.attempts.isCareful,
          recordsOf: (batch) => batch.items.length,
          flush,
          everyMs: commitEveryMs,
          everyRecords: commitEveryRecords,
          scheduler: run.scheduler,
        }),
      );
  };

  const reader = await startReader('watcher', options, stats, PACE, { begin });
  const stopPopulations = startPopulations({
    ...options,
    memory: () => memory,
    lagMs: reader.lagMs,
    onProblem: options.onProblem ?? (() => undefined),
  });
  const warmer = options.telemetry
    ? startWarmer({
        ...{ log: options.log, telemetry: options.telemetry, timers: options.timers, catalogue },
        memory: () => memory,
        everyMs: options.warmEveryMs,
        onProblem: options.onProblem ?? (() => undefined),
      })
    : null;
  return {
    stats: () => ({
      ...stats,
      ...(warmer ? { warmer: warmer.stats() } : {}),
      derived: derived.stats(),
      quarantined: { ...stats.quarantined },
      now: {
        offset: committed,
        reached: reader.reached(),
        lagMs: reader.lagMs(),
        equipment: memory.equipment.size,
        buffered: buffered(memory),
        unwatched: memory.unwatched,
        models: memory.shared.populations.size,
        unsaved: memory.dirty.size,
      },
    }),
    held: () => ({ version: memory.rules.version, offset: committed }),
    stopped: reader.stopped,
    close: async () => {
      await warmer?.close();
      await stopPopulations();
      await reader.close();
      await derived.close();
    },
  };
};
