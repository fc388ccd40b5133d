import type { Aedes, AedesOptions, AuthenticateError, Client } from 'aedes';
import type { Connection, Connections } from './connection.ts';
import type { Counters } from './counters.ts';
import type { Doorman } from './doorman.ts';
import type { OpenDoor } from './open.ts';
import type { Presence } from './presence.ts';
import type { Heard, Receiver } from './receive.ts';
import { connackCode, isTemporary, type Refusal } from './refusal.ts';
import type { Send, Service } from './service.ts';
import type { Sessions } from './session.ts';

/** Names, counts and audits; `refuse` also closes. The first reason of a connection stands. */
export interface Verdicts {
  note(connection: Connection, reason: Refusal, detail: object): void;
  refuse(connection: Connection, reason: Refusal, detail: object): void;
}

export interface HookOptions {
  readonly connections: Connections;
  readonly sessions: Sessions;
  readonly doorman: Doorman;
  readonly receiver: Receiver;
  readonly service: Service;
  readonly presence: Presence;
  readonly open: OpenDoor | null;
  readonly counters: Counters;
  readonly verdicts: Verdicts;
  /** Closes connections whose credential no longer holds. */
  readonly recheck: (credential: string) => Promise<void>;
}

type Hooks = Required<
  Pick<
    AedesOptions,
    'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'
  >
>;

/** Told to a client that does not speak 3.1.1: CONNACK, unacceptable protocol version. */
const CONNACK_VERSION = Uint8Array.of(0x20, 2, 0, 1);

const GONE = new Error('connection closed');

/**
 * Open mode: the first topic that a new machine names says where it stands. Later messages wait behind the
 * first, so that their order holds.
 */
const createPlacing = (open: OpenDoor | null, connections: Connections) => {
  const pending = new WeakMap<Connection, Promise<Refusal | null>>();
  return (
    connection: Connection,
    topic: string,
    payload: Uint8Array | null,
  ): Promise<Refusal | null> | null => {
    if (!connection.identity?.unplaced || !open) return null;
    const placing =
      pending.get(connection) ??
      open.place(connection.identity, topic, payload).then(
        (placed): Refusal | null => {
          if (typeof placed === 'string') return placed;
          connections.identify(connection, placed);
          return null;
        },
        (): Refusal => 'ledger-unavailable',
      );
    pending.set(connection, placing);
    return placing;
  };
};

export const createHooks = (options: HookOptions): Hooks => {
  const { connections, sessions, doorman, receiver, open, counters, verdicts } = options;
  const place = createPlacing(open, connections);

  const settle = (connection: Connection, clean: boolean): void => {
    const identity = connection.identity;
    if (!identity) return;
    if (connections.with(identity.credential).some((other) => other.present)) counters.takeovers++;
    connection.session = sessions.attach(identity, clean);
    counters.signedIn++;
  };

  return {
    preConnect(client, packet, done) {
      const connection = connections.of(client.conn);
      if (!connection) return done(GONE, false);
      connection.clientId = packet.clientId;
      connection.willTopic = packet.will?.topic ?? null;
      if (packet.protocolVersion === 4) return done(null, true);
      verdicts.note(connection, 'protocol-version', { version: packet.protocolVersion ?? null });
      connection.guard.sayLast(CONNACK_VERSION);
      done(new Error('protocol-version'), false);
    },

    authenticate(client, username, password, done) {
      const connection = connections.of(client.conn);
      if (!connection) return done(Object.assign(new Error('gone'), { returnCode: 3 }), false);
      const arrival = {
        clientId: connection.clientId ?? '',
        username: username ?? null,
        password: password ?? null,
        willTopic: connection.willTopic,
      };
      doorman(arrival).then((recognition) => {
        if (client.conn.destroyed || connection.closing) return;
        if (!recognition.ok) {
          if (isTemporary(recognition.reason)) return verdicts.refuse(connection, recognition.reason, {});
          verdicts.note(connection, recognition.reason, {});
          const error = new Error(recognition.reason) as AuthenticateError;
          done(Object.assign(error, { returnCode: connackCode(recognition.reason) }), false);
          return;
        }
        connections.identify(connection, recognition.identity);
        settle(connection, client.clean);
        done(null, true);
        // Its credential may have changed in the moment between the look-up and here.
        void options.recheck(recognition.identity.credential);
      });
    },

    authorizePublish(client, packet, done) {
      const connection = client && connections.of(client.conn);
      // Not from a connection: nobody else may speak here.
      if (!connection) return done(GONE);
      const heard = packet as unknown as Heard;
      const placing = place(connection, heard.topic, heard.payload);
      if (!placing) return receiver.receive(connection, heard, done);
      placing.then((reason) => {
        if (!reason) return receiver.receive(connection, heard, done);
        verdicts.refuse(connection, reason, {});
        done(new Error(reason));
      });
    },

    authorizeSubscribe(client, subscription, done) {
      const connection = connections.of(client.conn);
      if (!connection || connection.closing) return done(GONE);
      const decide = (reason: Refusal | null): void => {
        const own = connection.identity?.subscribe.has(subscription.topic);
        if (!reason && own && !connection.closing) {
          done(null, subscription);
          return;
        }
        verdicts.refuse(connection, reason ?? 'subscribe-not-own', {
          topic: subscription.topic.slice(0, 256),
        });
        done(new Error('subscribe-not-own'));
      };
      const placing = place(connection, subscription.topic, null);
      if (placing) placing.then(decide);
      else decide(null);
    },

    // The service sends to a connection by name; nothing else ever goes out.
    authorizeForward(client, packet) {
      return connections.of(client.conn)?.identity?.subscribe.has(packet.topic) ? packet : null;
    },
  };
};

/** aedes names its errors in words only; a test holds these. */
const classify = (message: string): Refusal | null => {
  if (message === 'connection closed') return null;
  if (message === 'drain timeout') return 'slow-reader';
  if (message === 'keep alive timeout') return 'keepalive-timeout';
  if (message === 'connect did not arrive in time') return 'connect-timeout';
  if (/SUBSCRIBE/.test(message)) return 'subscribe-not-own';
  if (/^[#+] is (not|only) allowed/.test(message)) return 'topic-wildcard';
  if (/topic/.test(message)) return 'topic-malformed';
  return 'protocol-error';
};

/** Follows aedes' own life of a client: came, ready, subscribed, left, failed. */
export const attachEvents = (aedes: Aedes, options: HookOptions): void => {
  const { connections, service, presence, verdicts } = options;

  const sendTo =
    (client: Client): Send =>
    (topic, payload) =>
      client.publish(
        { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false },
        () => {},
      );

  const failed = (client: Client, error: Error): void => {
    const connection = connections.of(client.conn);
    const reason = classify(error.message);
    if (!connection || connection.closing || !reason) return;
    verdicts.refuse(connection, reason, {});
  };

  aedes.on('client', (client) => {
    const connection = connections.of(client.conn);
    if (!connection?.identity) return;
    // aedes has closed the one that it knew; it can forget one when a newcomer leaves halfway.
    for (const other of connections.with(connection.identity.credential))
      if (other !== connection && other.present) other.guard.cut();
    presence.connected(connection);
  });
  aedes.on('clientReady', (client) => {
    const connection = connections.of(client.conn);
    if (!connection) return;
    connection.guard.admit();
    // A restored session subscribes without a SUBSCRIBE.
    if (!client.clean)
      for (const topic of connection.session?.subscriptions.keys() ?? [])
        service.subscribed(connection, topic, sendTo(client));
  });
  aedes.on('subscribe', (subscriptions, client) => {
    const connection = connections.of(client.conn);
    if (!connection) return;
    for (const { topic, qos } of subscriptions)
      if ((qos as number) !== 128) service.subscribed(connection, topic, sendTo(client));
  });
  aedes.on('unsubscribe', (topics, client) => {
    const connection = connections.of(client.conn);
    if (connection) for (const topic of topics) service.unsubscribed(connection, topic);
  });
  aedes.on('clientDisconnect', (client) => {
    const connection = connections.of(client.conn);
    if (connection) presence.disconnected(connection);
  });
  aedes.on('clientError', failed);
  aedes.on('connectionError', failed);
};
