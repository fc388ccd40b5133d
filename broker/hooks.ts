import type { Aedes, AedesOptions, AuthenticateError, Client } from 'aedes';
import type { Connection } from './connection.ts';
import type { Edge } from './edge.ts';
import type { Guard } from './guard.ts';
import type { Heard } from './receive.ts';
import { connackCode, isTemporary, type Refusal } from './refusal.ts';
import type { Send } from './service.ts';

/** A connection, and the guard that carries it. */
export interface Wire {
  readonly connection: Connection;
  readonly guard: Guard;
}

/** Found by the stream that aedes knows; also after it has closed: a Last Will is published after its connection. */
export type WireOf = (stream: object) => Wire | null;

type Hooks = Required<
  Pick<
    AedesOptions,
    'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'
  >
>;

/** Told to a client that does not speak 3.1.1: CONNACK, unacceptable protocol version. */
const CONNACK_VERSION = Uint8Array.of(0x20, 2, 0, 1);

const GONE = new Error('connection closed');

/** aedes' questions, put to the edge. */
export const createHooks = (edge: Edge, wireOf: WireOf): Hooks => ({
  preConnect(client, packet, done) {
    const wire = wireOf(client.conn);
    if (!wire) return done(GONE, false);
    const { connection, guard } = wire;
    connection.clientId = packet.clientId;
    connection.willTopic = packet.will?.topic ?? null;
    if (packet.protocolVersion === 4) return done(null, true);
    edge.note(connection, 'protocol-version', { version: packet.protocolVersion ?? null });
    guard.sayLast(CONNACK_VERSION);
    done(new Error('protocol-version'), false);
  },

  authenticate(client, username, password, done) {
    const connection = wireOf(client.conn)?.connection;
    if (!connection) return done(Object.assign(new Error('gone'), { returnCode: 3 }), false);
    const arrival = {
      clientId: connection.clientId ?? '',
      username: username ?? null,
      password: password ?? null,
      willTopic: connection.willTopic,
      clean: client.clean,
    };
    edge.signIn(connection, arrival).then((recognition) => {
      if (!recognition || client.conn.destroyed) return;
      if (recognition.ok) return done(null, true);
      // Cut already, and not answered.
      if (isTemporary(recognition.reason)) return;
      const error = new Error(recognition.reason) as AuthenticateError;
      done(Object.assign(error, { returnCode: connackCode(recognition.reason) }), false);
    });
  },

  authorizePublish(client, packet, done) {
    const connection = client && wireOf(client.conn)?.connection;
    // Not from a connection: nobody else may speak here.
    if (!connection) return done(GONE);
    edge.publish(connection, packet as unknown as Heard, done);
  },

  authorizeSubscribe(client, subscription, done) {
    const connection = wireOf(client.conn)?.connection;
    if (!connection || connection.closing) return done(GONE);
    edge.subscribe(connection, subscription.topic).then((isOwn) => {
      if (isOwn) done(null, subscription);
      else done(new Error('subscribe-not-own'));
    });
  },

  // The service sends to a connection by name; nothing else ever goes out.
  authorizeForward(client, packet) {
    const identity = wireOf(client.conn)?.connection.identity;
    return identity?.subscribe.has(packet.topic) ? packet : null;
  },
});

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
export const attachEvents = (aedes: Aedes, edge: Edge, wireOf: WireOf): void => {
  const sendTo =
    (client: Client): Send =>
    (topic, payload) =>
      client.publish(
        { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false },
        () => {},
      );

  const failed = (client: Client, error: Error): void => {
    const connection = wireOf(client.conn)?.connection;
    const reason = classify(error.message);
    if (!connection || connection.closing || !reason) return;
    edge.refuse(connection, reason);
  };

  aedes.on('client', (client) => {
    // aedes has closed the older one that it knew; it can forget one when a newcomer leaves halfway.
    const connection = wireOf(client.conn)?.connection;
    if (connection) edge.present(connection);
  });
  aedes.on('clientReady', (client) => {
    const wire = wireOf(client.conn);
    if (!wire) return;
    wire.guard.admit();
    // A restored session subscribes without a SUBSCRIBE.
    if (!client.clean)
      for (const topic of wire.connection.session?.subscriptions.keys() ?? [])
        edge.listen(wire.connection, topic, sendTo(client));
  });
  aedes.on('subscribe', (subscriptions, client) => {
    const connection = wireOf(client.conn)?.connection;
    if (!connection) return;
    for (const { topic, qos } of subscriptions)
      if ((qos as number) !== 128) edge.listen(connection, topic, sendTo(client));
  });
  aedes.on('unsubscribe', (topics, client) => {
    const connection = wireOf(client.conn)?.connection;
    if (connection) for (const topic of topics) edge.unlisten(connection, topic);
  });
  aedes.on('clientDisconnect', (client) => {
    const connection = wireOf(client.conn)?.connection;
    if (connection) edge.gone(connection);
  });
  aedes.on('clientError', failed);
  aedes.on('connectionError', failed);
};
