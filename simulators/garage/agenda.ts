import type { Emission } from '../machine.ts';

/** Something that is already certain and will be said at its time. */
export interface Entry {
  atMs: number;
  readonly unit: string;
  /** `motion`: the end of a motion, which a stop delays and a power cut takes away. */
  readonly kind: 'motion' | 'failure' | 'clear' | 'other';
  /** Which code it clears or sets; `''` where it does neither. */
  readonly code: string;
  say(atMs: number): readonly Emission[];
}

/** What is to be said, by time; of one time in the order in which it was added. */
export interface Agenda {
  nextAtMs(): number;
  add(entry: Entry): void;
  take(): Entry;
  drop(which: (entry: Entry) => boolean): void;
  /** Moves these later by so much. */
  delay(which: (entry: Entry) => boolean, byMs: number): void;
  /** Nothing is said before this: it was impossible until now. */
  notBefore(atMs: number): void;
}

export const createAgenda = (): Agenda => {
  let entries: Entry[] = [];
  const sort = (): void => {
    entries.sort((a, b) => a.atMs - b.atMs);
  };
  return {
    nextAtMs: () => entries[0]?.atMs ?? Number.POSITIVE_INFINITY,
    add: (entry) => {
      let at = entries.length;
      while (at > 0 && (entries[at - 1] as Entry).atMs > entry.atMs) at -= 1;
      entries.splice(at, 0, entry);
    },
    take: () => {
      const first = entries.shift();
      if (!first) throw new Error('agenda: nothing is to be said');
      return first;
    },
    drop: (which) => {
      entries = entries.filter((entry) => !which(entry));
    },
    delay: (which, byMs) => {
      for (const entry of entries) if (which(entry)) entry.atMs += byMs;
      sort();
    },
    notBefore: (atMs) => {
      for (const entry of entries) entry.atMs = Math.max(entry.atMs, atMs);
    },
  };
};
