import type { Reading } from './reading.ts';

/** How far one unit has come. */
interface Lane {
  /** Everything up to here has been released; older readings come too late for the detectors. */
  watermarkMs: number;
  newestMs: number;
  /** Newest time released: beyond the watermark only where a clock is ahead of ours. */
  releasedMs: number;
}

/** Readings of one equipment that wait for older ones still on their way. */
export interface Waiting {
  /** By time, then unit, then seq: one order, however they came. */
  buffer: Reading[];
  /** By unit, because a past may be told unit by unit; see `MAX_LANES`. */
  readonly lanes: Map<string, Lane>;
}

/** Readings held per equipment, at most; beyond it the oldest go on at once. */
export const MAX_WAITING = 4_096;
/** Units of an equipment with a watermark of their own; any beyond it share one. */
export const MAX_LANES = 1_024;
export const LATENESS_MS = 5_000;
/** No unit can be called so. */
const SHARED = '*';

export const newWaiting = (): Waiting => ({ buffer: [], lanes: new Map() });

const laneOf = (waiting: Waiting, unit: string): Lane => {
  const known = waiting.lanes.get(unit);
  if (known) return known;
  if (unit !== SHARED && waiting.lanes.size >= MAX_LANES) return laneOf(waiting, SHARED);
  const lane = { watermarkMs: 0, newestMs: 0, releasedMs: 0 };
  waiting.lanes.set(unit, lane);
  return lane;
};

const compare = (a: Reading, b: Reading): number => {
  if (a.tsMs !== b.tsMs) return a.tsMs - b.tsMs;
  if (a.unit !== b.unit) return a.unit < b.unit ? -1 : 1;
  return (a.seq ?? 0) - (b.seq ?? 0);
};

const isRepeat = (known: Reading, reading: Reading): boolean =>
  reading.tsSource === 'device' &&
  known.tsSource === 'device' &&
  Object.keys(reading.values).every((metric) => Object.hasOwn(known.values, metric));

/** Most readings come in order, so the place is looked for from the end. False: it waits here already. */
const insert = (buffer: Reading[], reading: Reading): boolean => {
  let at = buffer.length;
  while (at > 0 && compare(buffer[at - 1] as Reading, reading) > 0) at -= 1;
  for (let i = at - 1; i >= 0 && compare(buffer[i] as Reading, reading) === 0; i--)
    if (isRepeat(buffer[i] as Reading, reading)) return false;
  buffer.splice(at, 0, reading);
  return true;
};

/**
 * Older than what was released already. Where a clock is ahead of ours, readings go on before their time
 * comes: then only what is ahead as well is held to that, so that one wild time mutes nothing.
 */
const isLate = (lane: Lane, { tsMs, receivedAtMs }: Reading): boolean =>
  tsMs <= lane.watermarkMs || (tsMs <= lane.releasedMs && tsMs > receivedAtMs);

/** Takes out what is due in its lane, or is among the `overflow` oldest. */
const release = (waiting: Waiting, dueUpTo: (lane: Lane) => number, overflow: number): readonly Reading[] => {
  const due: Reading[] = [];
  const rest: Reading[] = [];
  for (const reading of waiting.buffer) {
    const lane = laneOf(waiting, reading.unit);
    if (due.length < overflow) lane.watermarkMs = Math.max(lane.watermarkMs, reading.tsMs);
    (reading.tsMs > Math.max(lane.watermarkMs, dueUpTo(lane)) ? rest : due).push(reading);
  }
  if (due.length > 0) waiting.buffer = rest;
  for (const { unit, tsMs } of due) {
    const lane = laneOf(waiting, unit);
    lane.releasedMs = Math.max(lane.releasedMs, tsMs);
  }
  return due;
};

/**
 * Takes the readings of one message and gives those that are due, in order of event time. The whole
 * message is taken before anything is released: an array may be grouped by unit, or newest first. `late`:
 * how many were older than what had been released of their unit before it. A device ahead of us cannot
 * push the watermark beyond the receive time.
 */
export const take = (
  waiting: Waiting,
  readings: readonly Reading[],
  latenessMs: number = LATENESS_MS,
): { readonly released: readonly Reading[]; readonly late: number } => {
  const lanes = new Set<Lane>();
  let late = 0;
  for (const reading of readings) {
    const lane = laneOf(waiting, reading.unit);
    if (isLate(lane, reading) || !insert(waiting.buffer, reading)) {
      late += 1;
      continue;
    }
    lane.newestMs = Math.max(lane.newestMs, Math.min(reading.tsMs, reading.receivedAtMs));
    lanes.add(lane);
  }
  if (lanes.size === 0) return { released: [], late };
  for (const lane of lanes) lane.watermarkMs = Math.max(lane.watermarkMs, lane.newestMs - latenessMs);
  const overflow = waiting.buffer.length - MAX_WAITING;
  return { released: release(waiting, (lane) => lane.watermarkMs, overflow), late };
};

/**
 * Time passed without a newer reading: those received `latenessMs` ago are due, and what is older of their
 * unit. So nothing waits longer than that, also where the device's clock is ahead of ours.
 */
export const tick = (
  waiting: Waiting,
  nowMs: number,
  latenessMs: number = LATENESS_MS,
): readonly Reading[] => {
  const due = new Map<Lane, number>();
  for (const { unit, tsMs, receivedAtMs } of waiting.buffer) {
    if (nowMs - receivedAtMs < latenessMs) continue;
    const lane = laneOf(waiting, unit);
    // The buffer is in order of time: the last one set is the newest.
    due.set(lane, tsMs);
    lane.watermarkMs = Math.max(lane.watermarkMs, Math.min(tsMs, nowMs));
  }
  return due.size > 0 ? release(waiting, (lane) => due.get(lane) ?? 0, 0) : [];
};

export const waitingToJson = (waiting: Waiting) => ({
  buffer: waiting.buffer,
  lanes: [...waiting.lanes].map(
    ([unit, lane]) => [unit, lane.watermarkMs, lane.newestMs, lane.releasedMs] as const,
  ),
});

/** A checkpoint from before units had lanes has none. */
export const waitingFromJson = (
  saved: Pick<Waiting, 'buffer'> & Partial<ReturnType<typeof waitingToJson>>,
): Waiting => ({
  buffer: saved.buffer,
  lanes: new Map(
    (saved.lanes ?? []).map(([unit, watermarkMs, newestMs, releasedMs]) => [
      unit,
      { watermarkMs, newestMs, releasedMs },
    ]),
  ),
});
