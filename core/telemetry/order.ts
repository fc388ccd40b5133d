import type { Reading } from './reading.ts';

/** Readings of one equipment that wait for older ones still on their way. */
export interface Waiting {
  /** By time, then unit, then seq: one order, however they came. */
  buffer: Reading[];
  /** Everything up to here has been released; older readings come too late for the detectors. */
  watermarkMs: number;
  newestMs: number;
}

/** Readings held per equipment, at most; beyond it the oldest go on at once. */
export const MAX_WAITING = 4_096;
export const LATENESS_MS = 5_000;

export const newWaiting = (): Waiting => ({ buffer: [], watermarkMs: 0, newestMs: 0 });

const compare = (a: Reading, b: Reading): number => {
  if (a.tsMs !== b.tsMs) return a.tsMs - b.tsMs;
  if (a.unit !== b.unit) return a.unit < b.unit ? -1 : 1;
  return (a.seq ?? 0) - (b.seq ?? 0);
};

/** Most readings come in order, so the place is looked for from the end. */
const insert = (buffer: Reading[], reading: Reading): void => {
  let at = buffer.length;
  while (at > 0 && compare(buffer[at - 1] as Reading, reading) > 0) at -= 1;
  buffer.splice(at, 0, reading);
};

const releaseUpTo = (waiting: Waiting, watermarkMs: number): readonly Reading[] => {
  if (watermarkMs <= waiting.watermarkMs) return [];
  waiting.watermarkMs = watermarkMs;
  let n = 0;
  while (n < waiting.buffer.length && (waiting.buffer[n] as Reading).tsMs <= watermarkMs) n += 1;
  return n === 0 ? [] : waiting.buffer.splice(0, n);
};

/**
 * Takes a reading and gives those that are due, in order of event time. `late`: it is older than what
 * was already released. A device ahead of us cannot push the watermark beyond the receive time.
 */
export const take = (
  waiting: Waiting,
  reading: Reading,
  latenessMs: number = LATENESS_MS,
): { readonly released: readonly Reading[]; readonly late: boolean } => {
  if (reading.tsMs <= waiting.watermarkMs) return { released: [], late: true };
  insert(waiting.buffer, reading);
  const heardMs = Math.min(reading.tsMs, reading.receivedAtMs);
  waiting.newestMs = Math.max(waiting.newestMs, heardMs);
  const overflow = waiting.buffer.length > MAX_WAITING ? (waiting.buffer[0] as Reading).tsMs : 0;
  return { released: releaseUpTo(waiting, Math.max(waiting.newestMs - latenessMs, overflow)), late: false };
};

/** Time passed without a newer reading: those received longer than `latenessMs` ago are due. */
export const tick = (
  waiting: Waiting,
  nowMs: number,
  latenessMs: number = LATENESS_MS,
): readonly Reading[] => {
  let due = 0;
  for (const reading of waiting.buffer) {
    const isDue = nowMs - reading.receivedAtMs >= latenessMs && nowMs >= reading.tsMs;
    if (isDue && reading.tsMs > due) due = reading.tsMs;
  }
  return due === 0 ? [] : releaseUpTo(waiting, due);
};
