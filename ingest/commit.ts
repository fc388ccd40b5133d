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

export type Occasion = 'urgent' | 'due' | 'last';

export interface CommitPolicy<B> {
  /** Takes the batch's effects to the others that are not committed yet; true when they must not wait. */
  readonly pend: (batch: B) => boolean;
  /** Records that the batch stands for. */
  readonly recordsOf: (batch: B) => number;
  /**
   * Commits what is pending, as it is when it is called; retries by itself. `due`: the time has come also for what can
   * wait; `last`: for all of it. Emits in how many ms at the latest what was left is due; null where nothing was.
   */
  readonly flush: (why: Occasion) => ObservableInput<number | null>;
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
      let dueMs = scheduler.now() + everyMs;
      const flushed = (why: Occasion) =>
        defer(() => {
          if (why !== 'urgent') records = 0;
          isPending = false;
          return from(flush(why));
        }).pipe(
          tap({
            next: (withinMs) => {
              isPending = withinMs !== null;
              if (why !== 'urgent') dueMs = scheduler.now() + Math.min(everyMs, withinMs ?? everyMs);
            },
          }),
          ignoreElements(),
        );
      const isDue = (): boolean => {
        const leftMs = dueMs - scheduler.now();
        // More than ever was left: the clock was set back.
        return records >= everyRecords || leftMs <= 0 || leftMs > everyMs;
      };
      const onBatch = (batch: B) => {
        const isUrgent = pend(batch);
        records += recordsOf(batch);
        isPending = true;
        const isTime = isDue();
        return isUrgent || isTime ? concat(flushed(isTime ? 'due' : 'urgent'), of(batch)) : of(batch);
      };
      const onQuiet = () => (isPending ? flushed('due') : of());
      const onEnd = (): Observable<never> => (isPending ? concat(flushed('last'), defer(onEnd)) : of());
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
