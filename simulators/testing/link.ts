import type { Link, LinkOptions } from '../link/link.ts';

/** What one machine said over a line without a network. */
export interface Said {
  readonly atMs: number;
  readonly equipment: string;
  readonly kind: 'telemetry' | 'fault' | 'up' | 'down' | 'resent' | 'flap';
  readonly payload: string;
}

/** Lines for tests in virtual time: what is said is heard at once; while a line is cut it waits, up to its memory. */
export const createLines = (
  now: () => number,
): { readonly said: readonly Said[]; readonly connect: (options: LinkOptions) => Link } => {
  const said: Said[] = [];
  const connect = (options: LinkOptions): Link => {
    const { id, timers, meter, queue } = options;
    let isUp = true;
    let waiting: Said[] = [];
    const note = (kind: Said['kind'], payload: string): void => {
      said.push({ atMs: now(), equipment: id, kind, payload });
    };
    note('up', options.firmware);
    return {
      send: (kind, payload, count, dueMs) => {
        meter.offered({ topic: kind, payload, count, dueMs });
        if (isUp) note(kind, payload);
        else waiting = [...waiting, { atMs: now(), equipment: id, kind, payload }].slice(-queue);
      },
      resend: (_kind, payload) => note('resent', payload),
      flap: (isNoticed) => note('flap', isNoticed ? 'noticed' : 'late'),
      room: async () => {},
      drained: async () => {},
      get connected() {
        return isUp;
      },
      cut: () => {
        isUp = false;
        note('down', '');
      },
      restore: (delayMs, firmware) => {
        timers?.after(delayMs, () => {
          isUp = true;
          note('up', firmware ?? '');
          for (const { kind, payload } of waiting) note(kind, payload);
          waiting = [];
        });
      },
      forget: () => {
        waiting = [];
      },
      stop: async () => {},
    };
  };
  return { said, connect };
};
