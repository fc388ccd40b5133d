import { from, Observable, type ObservableInput, type SchedulerLike, timer } from 'rxjs';
import type { LogRecord } from '../store/log.ts';
import type { Batch } from './batch.ts';

export interface SourceOptions {
  /** Up to `limit` records with an offset greater than `after`, in order; none where there are no more yet. */
  readonly read: (after: number, limit: number) => ObservableInput<readonly LogRecord[]>;
  /** Emits when there may be more to read. */
  readonly appended: Observable<unknown>;
  /** Emits when the batch that was handed on has been dealt with. */
  readonly consumed: Observable<unknown>;
  readonly after: number;
  /** Records in a batch, at most. */
  readonly limit: number;
  /** Payload in a batch, at most (a single record may be larger): it is worked on in one turn. */
  readonly limitBytes: number;
  /** Batches read before they are asked for, at most (and what one read gave beyond them). */
  readonly readAhead: number;
  /**
   * At the end of the log reads are at least so far apart, so that what comes meanwhile is one batch; 0: none waits.
   * Behind, and after a pause, it reads at once.
   */
  readonly paceMs: number;
  readonly scheduler: SchedulerLike;
}

const bytesOf = (record: LogRecord): number => (record.kind === 'message' ? record.payload.byteLength : 0);

/** Cuts what one read gave into batches. */
const cut = (records: readonly LogRecord[], limitBytes: number): readonly (readonly LogRecord[])[] => {
  const batches: LogRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    bytes += bytesOf(record);
    const batch = batches.at(-1);
    if (batch && bytes <= limitBytes) batch.push(record);
    else {
      batches.push([record]);
      bytes = bytesOf(record);
    }
  }
  return batches;
};

/**
 * Follows the log from an offset: hands on one batch, and the next one only when `consumed` says so;
 * meanwhile reads at most `readAhead` batches ahead, and waits for `appended` at the end of the log, there no more
 * often than every `paceMs`.
 * Never completes; an error of `read` is its error. Unsubscribing drops what was read ahead.
 */
export const source = (options: SourceOptions): Observable<Batch<LogRecord>> =>
  new Observable((subscriber) => {
    const { read, appended, consumed, limit, limitBytes, readAhead, paceMs, scheduler } = options;
    const ahead: (readonly LogRecord[])[] = [];
    let last = options.after;
    let isReading = false;
    let isPaused = false;
    let nextReadMs = Number.NEGATIVE_INFINITY;
    let isHandedOn = false;
    let mayHaveMore = false;

    const handOn = (): void => {
      while (!isHandedOn && ahead.length > 0 && !subscriber.closed) {
        const items = ahead.shift() as readonly LogRecord[];
        const newest = items.at(-1) as LogRecord;
        isHandedOn = true;
        subscriber.next({ items, lastOffset: newest.offset, lastReceivedAtMs: newest.receivedAtMs });
      }
    };
    const pause = (ms: number): void => {
      isPaused = true;
      subscriber.add(
        timer(ms, scheduler).subscribe(() => {
          isPaused = false;
          nextReadMs = Number.NEGATIVE_INFINITY;
          fetch();
        }),
      );
    };
    const isMuch = (records: readonly LogRecord[]): boolean =>
      records.length >= limit || records.reduce((sum, record) => sum + bytesOf(record), 0) >= limitBytes;
    const fetch = (): void => {
      if (isReading || isPaused || ahead.length >= readAhead || subscriber.closed) return;
      // A clock that was set back must not stop us.
      const waitMs = Math.min(paceMs, nextReadMs - scheduler.now());
      if (waitMs > 0) {
        pause(waitMs);
        return;
      }
      isReading = true;
      mayHaveMore = false;
      nextReadMs = scheduler.now() + paceMs;
      let records: readonly LogRecord[] = [];
      subscriber.add(
        from(read(last, limit)).subscribe({
          next: (value) => {
            records = value;
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            isReading = false;
            if (records.length > 0) {
              if (isMuch(records)) nextReadMs = scheduler.now();
              last = (records.at(-1) as LogRecord).offset;
              ahead.push(...cut(records, limitBytes));
              handOn();
              fetch();
            } else if (mayHaveMore) fetch();
          },
        }),
      );
    };

    subscriber.add(
      appended.subscribe(() => {
        // A read that is under way may have looked before this append.
        mayHaveMore = true;
        fetch();
      }),
    );
    subscriber.add(
      consumed.subscribe(() => {
        isHandedOn = false;
        handOn();
        fetch();
      }),
    );
    fetch();
  });
