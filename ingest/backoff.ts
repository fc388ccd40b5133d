import { type MonoTypeOperatorFunction, retry, type SchedulerLike, throwError, timer } from 'rxjs';

/** Waits between tries, doubling from 100 ms to 5 s. `attempt` counts from 1. */
export const backoffMs = (attempt: number): number => Math.min(5_000, 100 * 2 ** Math.min(20, attempt - 1));

export interface Patience {
  /** Called before each wait. */
  readonly onRetry: (error: Error, attempt: number) => void;
  /** Says for which errors, or since when, trying again is of no use. */
  readonly isFinal: (error: Error) => boolean;
  readonly scheduler: SchedulerLike;
}

/** Resubscribes after an error, later each time, for as long as it takes; final errors pass through. */
export const patiently = <T>({ onRetry, isFinal, scheduler }: Patience): MonoTypeOperatorFunction<T> =>
  retry({
    delay: (cause: unknown, attempt) => {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      if (isFinal(error)) return throwError(() => error);
      onRetry(error, attempt);
      return timer(backoffMs(attempt), scheduler);
    },
  });
