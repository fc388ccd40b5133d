import {
  concatMap,
  identity,
  interval,
  lastValueFrom,
  type MonoTypeOperatorFunction,
  merge,
  Observable,
  type SchedulerLike,
  Subject,
  takeUntil,
  tap,
} from 'rxjs';
import { adoptLog } from '../store/adopt.ts';
import type { Lease, Ledger } from '../store/ledger.ts';
import type { Log, LogRecord } from '../store/log.ts';
import { schedulerOf } from '../time/scheduler.ts';
import { sleep, type Timers } from '../time/timers.ts';
import { type Attempts, openAttempts } from './attempts.ts';
import { backoffMs } from './backoff.ts';
import { type Batch, RecordError } from './batch.ts';
import { source } from './source.ts';

export interface Problem {
  readonly what: string;
  readonly error: Error;
}

export interface ReaderOptions {
  readonly log: Log;
  readonly ledger: Ledger;
  readonly timers: Timers;
  readonly onProblem?: (problem: Problem) => void;
  readonly partition?: number;
  /** Records read in one go. */
  readonly batchRecords?: number;
  /** At the end of the log it reads at most this often: see source.ts. */
  readonly paceMs?: number;
  /** Looks by itself for what another process has appended, this often (default 1 s). */
  readonly lookMs?: number;
}

export interface ReaderStats {
  records: number;
  batches: number;
  commits: number;
  /** Tries again of a store that was away. */
  retries: number;
  /** Starts over from the last commit, after an error. */
  restarts: number;
}

export interface ReaderNow {
  /** Where a restart would begin after. */
  readonly offset: number;
  /** The newest record that was dealt with. */
  readonly reached: number;
  readonly lagMs: number;
}

/** How much a kind of reader takes at once. */
export interface Pace {
  readonly batchRecords: number;
  readonly batchBytes: number;
  readonly paceMs: number;
}

/** What a kind of reader does with the records. */
export interface Work {
  /** Restores what it needs; called after every claim of the lease. */
  readonly begin: (lease: Lease, run: Run) => Promise<Pipeline>;
}

export interface Run {
  readonly attempts: Attempts;
  readonly scheduler: SchedulerLike;
  readonly isClosing: () => boolean;
  readonly onRetry: (error: Error, attempt: number) => void;
}

/** Emits each batch when it has been dealt with; completes, all committed, when the source does. */
export type Pipeline = (records: Observable<Batch<LogRecord>>) => Observable<{ readonly lastOffset: number }>;

export interface Reader {
  /** Why it has stopped for good, or null while it runs. */
  stopped(): string | null;
  /** The newest record that was dealt with; what it led to may not be committed yet. */
  reached(): number;
  /** How far behind the log it is: age of the newest record dealt with while there are more. */
  lagMs(): number;
  close(): Promise<void>;
}

/** Appends of another process are not announced; so look by ourselves as well. */
const LOOK_MS = 1_000;
const READ_AHEAD = 2;
const CAREFUL_RECORDS = 256;

const appendsOf = (log: Log, lookMs: number, scheduler: SchedulerLike): Observable<unknown> =>
  merge(
    new Observable<void>((subscriber) => log.onAppend(() => subscriber.next())),
    interval(lookMs, scheduler),
  );

/** Careful: notes each record before it is handed on, so that one that ends the process is known. */
const markFirst = (attempts: Attempts): MonoTypeOperatorFunction<Batch<LogRecord>> =>
  concatMap(async (batch) => {
    if (!attempts.skip.has(batch.lastOffset)) await attempts.crashed(batch.lastOffset);
    return batch;
  });

/**
 * Runs a pipeline over the log from the reader's committed offset, for as long as it takes: claims the
 * lease, restores, follows; starts over from the last commit after an error, later each time; stops for
 * good when another process has claimed the lease. A record that crashes it twice is skipped.
 * @throws ForeignLogError where the log is not the one that this ledger's offsets belong to
 */
export const startReader = async (
  name: string,
  options: ReaderOptions,
  stats: ReaderStats,
  pace: Pace,
  work: Work,
): Promise<Reader> => {
  const { log, ledger, timers, onProblem = () => undefined, partition = 0 } = options;
  const { batchRecords = pace.batchRecords, paceMs = pace.paceMs } = options;
  const scheduler = schedulerOf(timers);
  const closing = new Subject<void>();
  const abort = new AbortController();
  let stopped: string | null = null;
  let reached = -1;
  let newestMs: number | null = null;
  let isBehind = false;

  const onRetry = (error: Error, attempt: number): void => {
    stats.retries += 1;
    if (attempt === 1 || attempt % 10 === 0)
      onProblem({ what: `${name}: try ${attempt}, will try again`, error });
  };

  const prepare = async (known: Attempts | null) => {
    const lease = await ledger.readers.claim(name, partition);
    reached = lease.offset;
    const attempts = known ?? (await openAttempts(ledger, lease));
    const run: Run = { attempts, scheduler, isClosing: () => abort.signal.aborted, onRetry };
    return { lease, attempts, pipeline: await work.begin(lease, run) };
  };

  const follow = async ({
    lease,
    attempts,
    pipeline,
  }: Awaited<ReturnType<typeof prepare>>): Promise<void> => {
    const consumed = new Subject<void>();
    const relaxed = new Subject<void>();
    const isCareful = attempts.isCareful;
    let left = CAREFUL_RECORDS;
    const records = source({
      read: async (after, limit) => {
        const batch = await log.read(after, limit);
        isBehind = batch.length > 0;
        return batch;
      },
      appended: appendsOf(log, options.lookMs ?? LOOK_MS, scheduler),
      consumed,
      after: lease.offset,
      limit: isCareful ? 1 : batchRecords,
      limitBytes: pace.batchBytes,
      readAhead: READ_AHEAD,
      paceMs,
      scheduler,
    }).pipe(
      tap((batch) => {
        stats.batches += 1;
        stats.records += batch.items.length;
        newestMs = batch.lastReceivedAtMs;
      }),
      isCareful ? markFirst(attempts) : identity,
      takeUntil(merge(closing, relaxed)),
    );
    const unmark = async (offset: number): Promise<void> => {
      left -= 1;
      await attempts.survived(offset).catch(() => undefined);
      if (left > 0) consumed.next();
      else relaxed.next();
    };
    const dealtWith = pipeline(records).pipe(
      tap(({ lastOffset }) => {
        reached = lastOffset;
        if (isCareful) unmark(lastOffset);
        // In a turn of its own, so that a long way to catch up leaves others theirs.
        else timers.soon(() => consumed.next());
      }),
    );
    await lastValueFrom(dealtWith, { defaultValue: null });
    if (isCareful) attempts.relax();
  };

  const live = async (first: Awaited<ReturnType<typeof prepare>>): Promise<void> => {
    let prepared: typeof first | null = first;
    let attempts = first.attempts;
    for (let failures = 0; !abort.signal.aborted; ) {
      const recordsBefore = stats.records;
      try {
        prepared ??= await prepare(attempts);
        await follow(prepared);
      } catch (cause) {
        const error = cause as Error;
        if (error.name === 'LeaseLostError') {
          stopped = error.message;
          onProblem({ what: `${name}: stops, another process reads this partition now`, error });
          return;
        }
        if (abort.signal.aborted) return;
        onProblem({ what: `${name}: starts over from its last commit`, error });
        failures = stats.records > recordsBefore + batchRecords ? 1 : failures + 1;
        if (error instanceof RecordError) await attempts.crashed(error.offset).catch(() => undefined);
        else await sleep(timers, backoffMs(failures), abort.signal);
      }
      attempts = prepared?.attempts ?? attempts;
      prepared = null;
      if (!abort.signal.aborted) stats.restarts += 1;
    }
  };

  await adoptLog({ log, ledger, clock: timers.now, partition });
  const living = live(await prepare(null));
  return {
    stopped: () => stopped,
    reached: () => reached,
    lagMs: () => (isBehind && newestMs !== null ? Math.max(0, timers.now() - newestMs) : 0),
    close: async () => {
      abort.abort();
      closing.next();
      await living;
    },
  };
};
