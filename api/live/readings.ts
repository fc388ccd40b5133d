/**
 * Which machines have new values to tell, each at most once in `everyMs`.
 * Holds machines, not values: a burst of writes costs one entry. At most `max` wait; the rest is counted
 * and told with the machine's next write.
 */
export interface Dirty {
  mark(equipment: readonly string[]): void;
  /** The machines whose turn it is, at most `limit`. */
  take(nowMs: number, limit: number): readonly string[];
  clear(): void;
  readonly overflowed: () => number;
}

export const newDirty = (everyMs: number, max: number): Dirty => {
  const waiting = new Set<string>();
  const toldAtMs = new Map<string, number>();
  let overflowed = 0;

  const forgetOld = (nowMs: number): void => {
    // In order of telling: the first one that is recent ends the walk.
    for (const [id, atMs] of toldAtMs) {
      if (nowMs - atMs < everyMs) return;
      toldAtMs.delete(id);
    }
  };

  return {
    mark: (equipment) => {
      for (const id of equipment) {
        if (waiting.has(id)) continue;
        if (waiting.size >= max) overflowed += 1;
        else waiting.add(id);
      }
    },
    take: (nowMs, limit) => {
      forgetOld(nowMs);
      const due: string[] = [];
      for (const id of waiting) {
        if (due.length === limit) break;
        if (toldAtMs.has(id)) continue;
        due.push(id);
      }
      for (const id of due) {
        waiting.delete(id);
        toldAtMs.set(id, nowMs);
      }
      return due;
    },
    clear: () => {
      waiting.clear();
      toldAtMs.clear();
    },
    overflowed: () => overflowed,
  };
};
