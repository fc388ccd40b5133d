import { hourOf } from '../core/telemetry/hours.ts';
import type { Reading } from '../core/telemetry/reading.ts';
import type { DueHour } from '../store/ledger.ts';

/** More marks than this wait for no commit. */
export const MANY_MARKS = 5_000;

/**
 * Which hours of which equipment something was stored of, since the last commit. An hour that is not over yet is marked
 * once: nobody makes it up before it ends.
 */
export const newHourMarks = (now: () => number) => {
  let pending = new Map<string, DueHour>();
  const marked = { hourMs: Number.NEGATIVE_INFINITY, equipment: new Set<string>() };
  const settle = (): void => {
    const hourMs = hourOf(now());
    if (hourMs === marked.hourMs) return;
    marked.hourMs = hourMs;
    marked.equipment.clear();
  };
  return {
    note: (readings: readonly Reading[], logOffset: number): void => {
      settle();
      for (const { equipment, tsMs } of readings) {
        const hourMs = hourOf(tsMs);
        if (hourMs === marked.hourMs && marked.equipment.has(equipment)) continue;
        pending.set(`${hourMs}/${equipment}`, { equipment, hourMs, logOffset });
      }
    },
    size: (): number => pending.size,
    /** What the next commit is to mark. */
    take: (): readonly DueHour[] => {
      const taken = [...pending.values()];
      pending = new Map();
      return taken;
    },
    /** They are committed. */
    done: (hours: readonly DueHour[]): void => {
      settle();
      for (const { equipment, hourMs } of hours)
        if (hourMs === marked.hourMs) marked.equipment.add(equipment);
    },
  };
};
