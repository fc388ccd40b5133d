/**
 * How a part waits. The service is given the machine's own timers (`system.ts`); a simulation gives it virtual
 * ones (`virtual.ts`), so that days pass in seconds and every order of events can be replayed from its seed.
 */
export interface Timers {
  /** Unix ms. */
  now(): number;
  /** Runs `work` once, `delayMs` from now. Returns what takes it back. */
  after(delayMs: number, work: () => void): Cancel;
  /** Runs `work` every `everyMs`, first after `everyMs`. */
  every(everyMs: number, work: () => void): Cancel;
  /** Runs `work` in a turn of its own, after what is waiting now: long work lets others in between. */
  soon(work: () => void): Cancel;
}

/** Takes a timer back; harmless when it has run, and when called twice. */
export type Cancel = () => void;

/** Resolves in a turn of its own, after what is waiting now. */
export const turn = (timers: Timers): Promise<void> =>
  new Promise((resolve) => {
    timers.soon(resolve);
  });

/** Resolves after `delayMs`; at once when `signal` is, or becomes, aborted. Never rejects. */
export const sleep = (timers: Timers, delayMs: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = timers.after(delayMs, end);
    signal?.addEventListener('abort', end, { once: true });
  });
