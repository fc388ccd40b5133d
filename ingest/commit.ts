import {
  concat,
  concatMap,
  connect,
  defer,
  endWith,
  from,
  ignoreElements,
  type MonoTypeOperatorFunction,
  map,
  merge,
  type ObservableInput,
  of,
  type SchedulerLike,
  switchMap,
  takeUntil,
  timer,
} from 'rxjs';

export interface CommitPolicy<B> {
  /** Takes the batch's effects to the others that are not committed yet; true when they must not wait. */
  readonly pend: (batch: B) => boolean;
  /** Records that the batch stands for. */
  readonly recordsOf: (batch: B) => number;
  /** Commits everything that is pending, as it is when it is called; retries by itself. */
  readonly flush: () => ObservableInput<unknown>;
  readonly everyMs: number;
  readonly everyRecords: number;
  readonly scheduler: SchedulerLike;
}

/**
 * Commits what batches did: at once where that is urgent, else when `everyRecords` are pending or
 * `everyMs` have passed since the last time, also when no further batch comes. A batch is handed on when
 * it is pending, or, where it was due, when it is committed; one flush at a time. Flushes what is left
 * when the source completes; an error of `flush` is its error.
 */
export const commit =
  <B>(policy: CommitPolicy<B>): MonoTypeOperatorFunction<B> =>
  (source) =>
    defer(() => {
      const { pend, recordsOf, flush, everyMs, everyRecords, scheduler } = policy;
      let records = 0;
      let isPending = false;
      let lastMs = scheduler.now();
      const flushed = defer(() => {
        records = 0;
        isPending = false;
        return from(flush());
      }).pipe(ignoreElements());
      const settled = defer(() => {
        lastMs = scheduler.now();
        return of();
      });
      const isDue = (): boolean => records >= everyRecords || scheduler.now() - lastMs >= everyMs;
      const onBatch = (batch: B) => {
        const isUrgent = pend(batch);
        records += recordsOf(batch);
        isPending = true;
        return isUrgent || isDue() ? concat(flushed, settled, of(batch)) : of(batch);
      };
      const onQuiet = () => (isPending ? concat(flushed, settled) : of());
      const steps = source.pipe(
        connect((batches) =>
          merge(
            batches.pipe(map((batch) => () => onBatch(batch))),
            batches.pipe(
              switchMap(() => timer(everyMs, scheduler)),
              takeUntil(batches.pipe(ignoreElements(), endWith(null))),
              map(() => onQuiet),
            ),
          ),
        ),
      );
      return concat(steps, of(onQuiet)).pipe(concatMap((step) => step()));
    });
