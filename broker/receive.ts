import { LogFullError } from '../store/log.ts';
import type { Connection } from './connection.ts';
import type { Counters } from './counters.ts';
import type { BrokerLog, BrokerLogger } from './ledger.ts';
import type { BrokerLimits } from './limits.ts';
import type { Refusal } from './refusal.ts';
import { type Target, topicFault } from './topic.ts';

/** The part of a PUBLISH (or of a Last Will, which has no `cmd` and no id) that matters here. */
export interface Heard {
  readonly cmd?: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly messageId?: number | undefined;
  readonly retain: boolean;
}

/** `done()` lets aedes acknowledge; `done(error)` makes it close the connection without. */
export type Done = (error?: Error) => void;

export interface Receiver {
  /** Logs the message, and calls `done` once it is durable. */
  receive(connection: Connection, heard: Heard, done: Done): void;
  /** True for a while after the log said that it is full. */
  isFull(): boolean;
}

const OVERHEAD_BYTES = 64;

const isFullError = (error: unknown): boolean =>
  error instanceof LogFullError || (error as Error | null)?.name === 'LogFullError';

/**
 * Of a connection that is being closed only the Last Will still counts; but not the word of one whose
 * secret was taken back, nor when it is we who stop: the machine is still there.
 */
const isHeard = ({ closing }: Connection, isWill: boolean): boolean =>
  closing === null || (isWill && closing !== 'credential-changed' && closing !== 'shutdown');

export const createReceiver = (options: {
  readonly log: BrokerLog;
  readonly logger: BrokerLogger;
  readonly clock: () => number;
  readonly limits: Pick<BrokerLimits, 'unreleased' | 'fullPauseMs'>;
  readonly counters: Counters;
  /** Names, counts, audits and closes. */
  readonly refuse: (connection: Connection, reason: Refusal, detail: object) => void;
}): Receiver => {
  const { log, logger, clock, limits, counters, refuse } = options;
  let fullUntilMs = Number.NEGATIVE_INFINITY;

  const append = (connection: Connection, target: Target, heard: Heard): Promise<number> => {
    const size = heard.payload.length + OVERHEAD_BYTES;
    connection.link.enter(size);
    return log
      .append({
        kind: 'message',
        receivedAtMs: clock(),
        equipment: target.equipment,
        site: target.site,
        channel: target.channel,
        connectionId: connection.id,
        payload: heard.payload,
      })
      .then(
        (offset) => {
          counters.messages[target.channel]++;
          counters.messageBytes += heard.payload.length;
          connection.link.leave(size);
          return offset;
        },
        (error: unknown) => {
          connection.link.leave(size);
          throw error;
        },
      );
  };

  /** Not stored, so not acknowledged: the client keeps it and sends it again when it has reconnected. */
  const notLogged = (connection: Connection, heard: Heard, error: unknown, done: Done): void => {
    const full = isFullError(error);
    if (full) fullUntilMs = clock() + limits.fullPauseMs;
    else logger.error({ error, connectionId: connection.id }, 'message could not be logged');
    if (heard.qos === 0) {
      counters.unacknowledgedLost++;
      done();
      return;
    }
    const reason = full ? 'log-full' : 'log-failed';
    refuse(connection, reason, {});
    done(new Error(reason));
  };

  const appendOnce = (connection: Connection, target: Target, heard: Heard): Promise<number> | Refusal => {
    const unreleased = connection.session?.unreleased;
    const id = heard.messageId;
    if (heard.qos !== 2 || id === undefined || !unreleased) return append(connection, target, heard);
    const before = unreleased.get(id);
    if (before) {
      counters.duplicates++;
      return before;
    }
    if (unreleased.size >= limits.unreleased) return 'too-many-unreleased';
    const first = append(connection, target, heard);
    unreleased.set(id, first);
    first.catch(() => {
      if (unreleased.get(id) === first) unreleased.delete(id);
    });
    return first;
  };

  return {
    receive(connection, heard, done) {
      const isWill = heard.cmd === undefined;
      if (!connection.identity || !isHeard(connection, isWill)) {
        if (isWill) counters.willsDropped++;
        done(new Error(connection.closing ?? 'not signed in'));
        return;
      }
      const stop = (reason: Refusal): void => {
        refuse(connection, reason, reason.startsWith('topic-') ? { topic: heard.topic.slice(0, 256) } : {});
        done(new Error(reason));
      };
      if (heard.qos > 0 && !isWill && !((heard.messageId ?? 0) > 0)) return stop('packet-id-zero');
      const target = connection.identity.publish.get(heard.topic);
      if (!target) return stop(topicFault(heard.topic));
      if (heard.retain) counters.retained++;
      const stored = appendOnce(connection, target, heard);
      if (typeof stored === 'string') return stop(stored);
      if (isWill) counters.wills++;
      stored.then(
        () => done(),
        (error: unknown) => notLogged(connection, heard, error, done),
      );
    },
    isFull: () => clock() < fullUntilMs,
  };
};
