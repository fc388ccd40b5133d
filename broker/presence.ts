import type { Control, LogEntry } from '../store/log.ts';
import type { Cancel, Timers } from '../time/timers.ts';
import type { Connection } from './connection.ts';
import type { Counters } from './counters.ts';
import type { BrokerLog, BrokerLogger } from './ledger.ts';
import type { BrokerLimits } from './limits.ts';

/** Tells the log who came and who left. */
export interface Presence {
  connected(connection: Connection): void;
  disconnected(connection: Connection): void;
  waiting(): number;
  /** Waits for what is being written; what waits for a full log is given up and counted. */
  close(): Promise<void>;
}

/**
 * Controls keep their order: while one waits for a full log, all later ones wait behind it. A record
 * that had to wait carries the time when the log took it, so that receive times never run backwards.
 */
export const createPresence = (options: {
  readonly log: BrokerLog;
  readonly logger: BrokerLogger;
  readonly timers: Timers;
  readonly limits: Pick<BrokerLimits, 'controls' | 'fullPauseMs'>;
  readonly counters: Counters;
}): Presence => {
  const { log, logger, timers, limits, counters } = options;
  const backlog: Control[] = [];
  const writing = new Set<Promise<void>>();
  let timer: Cancel | null = null;

  const write = (control: Control): Promise<void> => {
    const entry: LogEntry = { kind: 'control', receivedAtMs: timers.now(), control };
    const done: Promise<void> = log
      .append(entry)
      .then(
        () => {},
        (error: unknown) => {
          logger.error({ error, type: control.type }, 'control record not logged, will try again');
          throw error;
        },
      )
      .finally(() => writing.delete(done));
    writing.add(done);
    return done;
  };

  const later = (): void => {
    timer ??= timers.after(limits.fullPauseMs, () => void retry());
  };

  const keep = (control: Control): void => {
    if (backlog.length >= limits.controls) {
      backlog.shift();
      counters.controlsLost++;
    }
    backlog.push(control);
    later();
  };

  const retry = async (): Promise<void> => {
    try {
      while (backlog[0]) {
        await write(backlog[0]);
        backlog.shift();
      }
      timer = null;
    } catch {
      timer = null;
      later();
    }
  };

  const tell = (control: Control): void => {
    // `timer` is set until the backlog is empty again.
    if (timer) keep(control);
    else write(control).catch(() => keep(control));
  };

  const about = (type: 'connected' | 'disconnected', connection: Connection): Control => {
    const identity = connection.identity;
    const machines = identity?.unplaced ? [identity.credential] : identity?.equipment.map(({ id }) => id);
    return { type, connectionId: connection.id, equipment: machines ?? [] };
  };

  return {
    connected(connection) {
      connection.present = true;
      tell(about('connected', connection));
    },
    disconnected(connection) {
      if (!connection.present) return;
      connection.present = false;
      tell(about('disconnected', connection));
    },
    waiting: () => backlog.length,
    async close() {
      timer?.();
      await Promise.allSettled(writing);
      counters.controlsLost += backlog.length;
      backlog.length = 0;
    },
  };
};
