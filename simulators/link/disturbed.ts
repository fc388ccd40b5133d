import type { Cancel, Timers } from '../../time/timers.ts';
import { uniform } from '../random/draw.ts';
import type { Random } from '../random/stream.ts';
import type { Link } from './link.ts';

/** What becomes of messages between a machine and its line. */
export interface Disturbance {
  /** Part of the messages that are sent twice. */
  readonly resent: number;
  /** Part of the messages that others overtake. */
  readonly late: number;
  /** How late these come at most, ms. */
  readonly lateMs: number;
}

export interface DisturbedLink extends Link {
  /** From now on. What is held back still comes. */
  disturb(how: Partial<Disturbance>): void;
}

const UNDISTURBED: Disturbance = { resent: 0, late: 0, lateMs: 0 };
/** Messages held back at once, at most; beyond it they go at once. */
const LIMIT = 1_000;
/** One copy in two comes at once; the other within this time, when newer readings have come. */
const SECOND_MS = 5_000;

/** A line on which messages can be doubled and overtaken, until `disturb` says otherwise. */
export const disturbed = (line: Link, timers: Timers, random: Random): DisturbedLink => {
  let how = UNDISTURBED;
  const held = new Map<() => void, Cancel>();

  const later = (send: () => void, withinMs: number): void => {
    if (held.size >= LIMIT) {
      send();
      return;
    }
    const due = (): void => {
      held.delete(due);
      send();
    };
    held.set(due, timers.after(uniform(random, 0, withinMs), due));
  };

  const release = (): void => {
    for (const [due, cancel] of [...held]) {
      cancel();
      due();
    }
  };

  const again = (kind: 'telemetry' | 'fault', payload: string): void => {
    const resend = (): void => line.resend(kind, payload);
    if (random() < 0.5) resend();
    else later(resend, SECOND_MS);
  };

  return {
    resend: line.resend,
    flap: line.flap,
    room: line.room,
    cut: line.cut,
    restore: line.restore,
    get connected() {
      return line.connected;
    },
    send: (kind, payload, count, dueMs) => {
      const go = (due: readonly number[]): void => {
        line.send(kind, payload, count, due);
        if (how.resent > 0 && random() < how.resent) again(kind, payload);
      };
      // The wait is ours, so the latency of what waited says nothing of the service.
      if (how.late > 0 && random() < how.late) later(() => go([]), how.lateMs);
      else go(dueMs);
    },
    drained: () => {
      release();
      return line.drained();
    },
    forget: () => {
      for (const cancel of held.values()) cancel();
      held.clear();
      line.forget();
    },
    stop: (graceMs) => {
      release();
      return line.stop(graceMs);
    },
    disturb: (to) => {
      how = { ...how, ...to };
    },
  };
};
