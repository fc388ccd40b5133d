import type { Ticket } from '../core/ticket/ticket.ts';
import type { Cancel, Timers } from '../time/timers.ts';
import type { Connection } from './connection.ts';
import type { Counters } from './counters.ts';
import type { BrokerLedger, BrokerLogger } from './ledger.ts';
import type { BrokerLimits } from './limits.ts';

/**
 * Tells equipment of its repairs on `v1/{site}/{equipment}/service`:
 * `{"component":"hoist","unit":"bay7","repairedAt":1767225600000,"ticket":"…"}`, QoS 1. Papers, never a command.
 *
 * Nothing is queued: the ledger knows the repairs, and who subscribes is told those of the last days again.
 * A machine must therefore take one (component, unit, repairedAt) twice as once.
 */
export interface Service {
  /** Sends what was repaired lately, and from now on each repair as it is said. */
  subscribed(connection: Connection, topic: string, send: Send): void;
  unsubscribed(connection: Connection, topic: string): void;
  left(connection: Connection): void;
  /** A crew said that this ticket's item is repaired. */
  resolved(ticketId: string): Promise<void>;
  /** Repairs may have been missed: everybody who listens is told those of the last days again. */
  tellAgain(): void;
  subscriptions(): number;
  close(): void;
}

/** Hands a message to the connection's client. */
export type Send = (topic: string, payload: string) => void;

interface Listener {
  readonly connection: Connection;
  readonly equipment: string;
  readonly send: Send;
  timer: Cancel | null;
  /** The repairs are being read; asked again meanwhile, they are read once more. */
  telling: boolean;
  again: boolean;
}

const RETRY_MS = 2_000;
const MAX_RETRY_MS = 60_000;

const paper = (ticket: Ticket): string =>
  JSON.stringify({
    component: ticket.component,
    unit: ticket.unit,
    repairedAt: ticket.resolvedAtMs,
    ticket: ticket.id,
  });

export const createService = (options: {
  readonly tickets: BrokerLedger['tickets'];
  readonly logger: BrokerLogger;
  readonly timers: Timers;
  readonly limits: Pick<BrokerLimits, 'repairs' | 'repairsMs'>;
  readonly counters: Counters;
}): Service => {
  const { tickets, logger, timers, limits, counters } = options;
  const byTopic = new Map<string, Map<Connection, Listener>>();
  const byConnection = new Map<Connection, Set<string>>();

  const give = (listener: Listener, topic: string, ticket: Ticket): void => {
    // Reopened since: the repair is not said any more.
    if (ticket.resolvedAtMs === null) return;
    counters.repairsSent++;
    listener.send(topic, paper(ticket));
  };

  const isListening = (listener: Listener, topic: string): boolean =>
    byTopic.get(topic)?.get(listener.connection) === listener;

  const tell = async (listener: Listener, topic: string): Promise<void> => {
    const repairs = await tickets.repairs(listener.equipment, timers.now() - limits.repairsMs);
    if (!isListening(listener, topic)) return;
    for (const ticket of repairs.slice(-limits.repairs)) give(listener, topic, ticket);
  };

  const tellAll = (listener: Listener, topic: string, waitMs = RETRY_MS): void => {
    if (listener.telling) {
      listener.again = true;
      return;
    }
    listener.telling = true;
    const finished = (): void => {
      listener.telling = false;
      if (!listener.again) return;
      listener.again = false;
      tellAll(listener, topic);
    };
    tell(listener, topic).then(finished, (error: unknown) => {
      logger.error({ error, equipment: listener.equipment }, 'repairs could not be read, will try again');
      if (!isListening(listener, topic)) return;
      listener.timer = timers.after(waitMs, () => {
        listener.timer = null;
        listener.telling = false;
        tellAll(listener, topic, Math.min(MAX_RETRY_MS, waitMs * 2));
      });
    });
  };

  const drop = (connection: Connection, topic: string): void => {
    const listeners = byTopic.get(topic);
    listeners?.get(connection)?.timer?.();
    listeners?.delete(connection);
    if (listeners?.size === 0) byTopic.delete(topic);
  };

  const listen = (connection: Connection, topic: string, equipment: string, send: Send): Listener => {
    const listeners = byTopic.get(topic) ?? new Map<Connection, Listener>();
    byTopic.set(topic, listeners);
    const known = listeners.get(connection);
    if (known) return known;
    const listener: Listener = { connection, equipment, send, timer: null, telling: false, again: false };
    listeners.set(connection, listener);
    const topics = byConnection.get(connection) ?? new Set<string>();
    byConnection.set(connection, topics.add(topic));
    return listener;
  };

  return {
    subscribed(connection, topic, send) {
      const machine = connection.identity?.subscribe.get(topic);
      if (!machine || connection.closing) return;
      tellAll(listen(connection, topic, machine.id, send), topic);
    },
    unsubscribed(connection, topic) {
      drop(connection, topic);
      byConnection.get(connection)?.delete(topic);
    },
    left(connection) {
      for (const topic of byConnection.get(connection) ?? []) drop(connection, topic);
      byConnection.delete(connection);
    },
    async resolved(ticketId) {
      if (byTopic.size === 0) return;
      const ticket = await tickets.get(ticketId);
      if (!ticket) return;
      // By the machine, not by the ticket's site: it may have moved since the ticket was opened.
      for (const [topic, listeners] of byTopic)
        for (const listener of listeners.values())
          if (listener.equipment === ticket.equipment) give(listener, topic, ticket);
    },
    tellAgain() {
      for (const [topic, listeners] of byTopic)
        for (const listener of listeners.values()) tellAll(listener, topic);
    },
    subscriptions: () => [...byTopic.values()].reduce((sum, listeners) => sum + listeners.size, 0),
    close() {
      for (const connection of [...byConnection.keys()]) this.left(connection);
    },
  };
};
