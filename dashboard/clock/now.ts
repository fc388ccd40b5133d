import { signal } from '@preact/signals';

/**
 * The time that the whole page agrees on, Unix ms, once a second. It is the service's time: a phone whose
 * clock is wrong would otherwise show countdowns that nobody promised. This is the one place that reads a clock.
 */
export const now = signal(0);

let offsetMs = 0;

/** Differences below this are the second's rounding of the Date header and the way it took. */
const TOLERANCE_MS = 2_500;

const read = (): number => Date.now() + offsetMs;

export const nowMs = (): number => {
  now.value = read();
  return now.peek();
};

/** `date` is the Date header of an answer that was just received. */
export const alignClock = (date: string | null): void => {
  const served = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(served)) return;
  const difference = served - Date.now();
  if (Math.abs(difference - offsetMs) <= TOLERANCE_MS) return;
  offsetMs = Math.abs(difference) <= TOLERANCE_MS ? 0 : difference;
  now.value = read();
};

/** Starts ticking; gives back how to stop. */
export const startClock = (): (() => void) => {
  now.value = read();
  const timer = setInterval(() => {
    now.value = read();
  }, 1_000);
  return () => clearInterval(timer);
};
