import { defer } from 'rxjs';
import type { Lease, Quarantined } from '../store/ledger.ts';
import type { TelemetryStore } from '../store/telemetry.ts';
import { patiently } from './backoff.ts';
import { commit } from './commit.ts';
import { decode } from './decode.ts';
import { MANY_MARKS, newHourMarks } from './hour-marks.ts';
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
import { readingsOf, write } from './write.ts';

export interface RecorderOptions extends ReaderOptions {
  readonly telemetry: TelemetryStore;
  /** The offset is committed at least this often (default 5 s), and after as many records (10,000). */
  readonly commitEveryMs?: number;
  readonly commitEveryRecords?: number;
}

export interface RecorderStats extends ReaderStats {
  readings: number;
  stored: number;
  duplicates: number;
  readonly quarantined: Record<string, number>;
}

export interface Recorder {
  stats(): RecorderStats & { readonly now: ReaderNow };
  /** Why it has stopped for good, or null while it runs. */
  stopped(): string | null;
  /** Finishes the batch in hand, commits, and stops. */
  close(): Promise<void>;
}

/**
 * The store keeps what belongs together in one place, and writes that place anew for every batch: with a thousand
 * machines one write of half a second costs little more than one of a tenth.
 */
const PACE: Pace = { batchRecords: 5_000, batchBytes: 1_048_576, paceMs: 400 };

/**
 * The reader that stores: log → decode → telemetry store, with what had to be rejected, the hours that it stored
 * something of, and its offset in one ledger transaction. After a crash it writes some readings again, which changes nothing.
 */
export const startRecorder = async (options: RecorderOptions): Promise<Recorder> => {
  const { ledger, telemetry, timers, commitEveryMs = 5_000, commitEveryRecords = 10_000 } = options;
  const stats: RecorderStats = {
    records: 0,
    batches: 0,
    commits: 0,
    retries: 0,
    restarts: 0,
    readings: 0,
    stored: 0,
    duplicates: 0,
    quarantined: {},
  };
  let committed = -1;

  const begin = async (lease: Lease, run: Run): Promise<Pipeline> => {
    let quarantine: Quarantined[] = [];
    let offset = lease.offset;
    committed = lease.offset;
    const marks = newHourMarks(timers.now);
    const patience = {
      onRetry: run.onRetry,
      scheduler: run.scheduler,
      isFinal: (error: Error) => error.name === 'LeaseLostError' || run.isClosing(),
    };
    const flush = () => {
      const items = quarantine;
      const upTo = offset;
      const hours = marks.take();
      quarantine = [];
      const work = () =>
        ledger.transaction(async (tx) => {
          await tx.readers.commit(lease, upTo);
          if (items.length > 0) await tx.readers.quarantine(items);
          if (hours.length > 0) await tx.hours.mark(hours);
        });
      return defer(async () => {
        await work();
        committed = upTo;
        marks.done(hours);
        stats.commits += 1;
        countReasons(stats.quarantined, items);
        return null;
      }).pipe(patiently(patience));
    };
    return (records) =>
      records.pipe(
        decode(run.attempts.skip),
        write(telemetry, patience, ({ stored, duplicates }) => {
          stats.stored += stored;
          stats.duplicates += duplicates;
        }),
        commit({
          pend: (batch) => {
            for (const item of batch.items) quarantine.push(...quarantinedOf(item));
            const readings = readingsOf(batch);
            stats.readings += readings.length;
            offset = batch.lastOffset;
            marks.note(readings, offset);
            return quarantine.length > 0 || marks.size() >= MANY_MARKS || run.attempts.isCareful;
          },
          recordsOf: (batch) => batch.items.length,
          flush,
          everyMs: commitEveryMs,
          everyRecords: commitEveryRecords,
          scheduler: run.scheduler,
        }),
      );
  };

  const reader = await startReader('recorder', options, stats, PACE, { begin });
  return {
    stats: () => ({
      ...stats,
      quarantined: { ...stats.quarantined },
      now: { offset: committed, reached: reader.reached(), lagMs: reader.lagMs() },
    }),
    stopped: reader.stopped,
    close: reader.close,
  };
};
