import { Readable } from 'node:stream';
import type { Client, Subscription } from 'aedes';
import type { Connection, Connections } from './connection.ts';
import type { Identity } from './identity.ts';

/** What outlives a packet, and with clean session = 0 a connection. No payload is ever kept. */
export interface Session {
  /**
   * QoS 2 packet ids from PUBLISH to PUBREL. The promise is the append: a PUBLISH that comes again
   * meanwhile waits for the same one, and is not logged twice.
   */
  readonly unreleased: Map<number, Promise<number>>;
  /** Topic → QoS. Only topics of its own, so at most one per equipment. */
  readonly subscriptions: Map<string, number>;
}

export interface Sessions {
  /** The session of a connection that signs in; a clean one ends what was kept. */
  attach(identity: Identity, clean: boolean): Session;
  /** Kept for clients with clean session = 0. */
  size(): number;
  /**
   * What aedes asks of a persistence. Its own one keeps queues, wills and QoS 2 payloads of every client
   * without a limit; ours keeps ids and topics, because what an equipment must hear (repairs) is in the
   * ledger and is told again at every subscribe.
   */
  persistence(connectionOf: (stream: object) => Connection | null): object;
}

const createSession = (): Session => ({ unreleased: new Map(), subscriptions: new Map() });

export const createSessions = (options: {
  readonly limit: number;
  readonly connections: Connections;
}): Sessions => {
  const { limit, connections } = options;
  /** Least recently used first. */
  const kept = new Map<string, Session>();

  const isLive = (id: string): boolean => connections.with(id).length > 0;

  /** Ends the oldest session that nobody is connected with; its client is told "no session" and goes on. */
  const evict = (): void => {
    for (const id of kept.keys()) {
      if (kept.size <= limit) return;
      if (!isLive(id)) kept.delete(id);
    }
  };

  const attach = (identity: Identity, clean: boolean): Session => {
    const id = identity.credential;
    const session = (clean ? undefined : kept.get(id)) ?? createSession();
    kept.delete(id);
    if (clean) return session;
    for (const topic of session.subscriptions.keys())
      if (!identity.subscribe.has(topic)) session.subscriptions.delete(topic);
    kept.set(id, session);
    if (kept.size > limit) evict();
    return session;
  };

  return {
    attach,
    size: () => kept.size,
    persistence: (connectionOf) => createPersistence(kept, connectionOf),
  };
};

const createPersistence = (
  kept: ReadonlyMap<string, Session>,
  connectionOf: (stream: object) => Connection | null,
): object => {
  const sessionOf = (client: Client): Session | null => connectionOf(client.conn)?.session ?? null;
  const nothing = async (): Promise<void> => {};
  const empty = (): Readable => Readable.from([]);
  return {
    setup: nothing,
    destroy: nothing,
    // Retained messages: none.
    storeRetained: nothing,
    createRetainedStream: empty,
    createRetainedStreamCombi: empty,
    // Offline queues: none.
    subscriptionsByTopic: async () => [],
    outgoingEnqueue: nothing,
    outgoingEnqueueCombi: nothing,
    outgoingUpdate: nothing,
    outgoingClearMessageId: nothing,
    outgoingStream: empty,
    // Wills live on the connection; none is left over by another process.
    putWill: nothing,
    getWill: nothing,
    delWill: nothing,
    streamWill: empty,
    getClientList: empty,

    async addSubscriptions(client: Client, subscriptions: readonly Subscription[]): Promise<void> {
      const own = connectionOf(client.conn)?.identity?.subscribe;
      for (const { topic, qos } of subscriptions)
        if (own?.has(topic)) sessionOf(client)?.subscriptions.set(topic, qos);
    },
    async removeSubscriptions(client: Client, topics: readonly string[]): Promise<void> {
      for (const topic of topics) sessionOf(client)?.subscriptions.delete(topic);
    },
    async subscriptionsByClient(client: Pick<Client, 'id'>) {
      const subscriptions = kept.get(client.id)?.subscriptions ?? new Map<string, number>();
      return [...subscriptions].map(([topic, qos]) => ({ topic, qos }));
    },
    cleanSubscriptions: nothing,
    countOffline: async () => ({ subsCount: 0, clientsCount: kept.size }),

    // A clean session's ids go with its connection.
    cleanIncoming: nothing,
    incomingStorePacket: nothing,
    /** The id is there as soon as the message is logged, so aedes only answers PUBREC and forwards nothing. */
    async incomingGetPacket(client: Client, { messageId }: { readonly messageId: number }) {
      if (!sessionOf(client)?.unreleased.has(messageId)) throw new Error('no such packet');
      return { messageId };
    },
    async incomingDelPacket(client: Client, { messageId }: { readonly messageId: number }): Promise<void> {
      sessionOf(client)?.unreleased.delete(messageId);
    },
  };
};
