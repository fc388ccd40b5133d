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
  type Observable,
  type ObservableInput,
  of,
  type SchedulerLike,
  switchMap,
  takeUntil,
  tap,
  timer,
} from 'rxjs';

export interface CommitPolicy<B> {
  /** Takes the batch's effects to the others that are not committed yet; true when they must not wait. */
  readonly pend: (batch: B) => boolean;
  /** Records that the batch stands for. */
  readonly recordsOf: (batch: B) => number;
  /**
   * Commits what is pending, as it is when it is called; retries by itself. `isDue`: the time has come also for what
   * can wait. Emits true last where some of that is left for the next time.
   */
  readonly flush: (isDue: boolean) => ObservableInput<boolean>;
  readonly everyMs: number;
  readonly everyRecords: number;
  readonly scheduler: SchedulerLike;
}

/**
 * Commits what batches did: what is urgent at once, the rest when `everyRecords` are pending or `everyMs` have passed
 * since the last time, also when no further batch comes, until nothing is left. A batch is handed on when it is
 * pending, or, where a flush was asked for, when that is done; one flush at a time. Flushes all that is left when the
 * source completes; an error of `flush` is its error.
 */
export const commit =
  <B>(policy: CommitPolicy<B>): MonoTypeOperatorFunction<B> =>
  (source) =>
    defer(() => {
      const { pend, recordsOf, flush, everyMs, everyRecords, scheduler } = policy;
      let records = 0;
      let isPending = false;
      let lastMs = scheduler.now();
      const flushed = (isDue: boolean) =>
        defer(() => {
          if (isDue) records = 0;
          isPending = false;
          return from(flush(isDue));
        }).pipe(
          tap({
            next: (isLeft) => {
              isPending = isLeft;
            },
            complete: () => {
              if (isDue) lastMs = scheduler.now();
            },
          }),
          ignoreElements(),
        );
      const isDue = (): boolean => records >= everyRecords || scheduler.now() - lastMs >= everyMs;
      const onBatch = (batch: B) => {
        const isUrgent = pend(batch);
        records += recordsOf(batch);
        isPending = true;
        const isTime = isDue();
        return isUrgent || isTime ? concat(flushed(isTime), of(batch)) : of(batch);
      };
      const onQuiet = () => (isPending ? flushed(true) : of());
      const onEnd = (): Observable<never> => (isPending ? concat(flushed(true), defer(onEnd)) : of());
      const steps = source.pipe(
        connect((batches) =>
          merge(
            batches.pipe(map((batch) => () => onBatch(batch))),
            batches.pipe(
              switchMap(() => timer(everyMs, everyMs, scheduler)),
              takeUntil(batches.pipe(ignoreElements(), endWith(null))),
              map(() => onQuiet),
            ),
          ),
        ),
      );
      return concat(steps, of(onEnd)).pipe(concatMap((step) => step()));
    });
