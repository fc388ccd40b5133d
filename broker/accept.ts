import { createServer, type Server, type Socket } from 'node:net';
import type { Timers } from '../time/timers.ts';
import type { Connection, Connections } from './connection.ts';
import type { Counters } from './counters.ts';
import { createGuard } from './guard.ts';
import type { BrokerLimits } from './limits.ts';
import type { Refusal } from './refusal.ts';
import type { Window } from './window.ts';

export interface AcceptOptions {
  readonly connections: Connections;
  readonly limits: BrokerLimits;
  readonly window: Window;
  readonly counters: Counters;
  readonly timers: Timers;
  readonly newId: () => string;
  /** A guarded connection for aedes. */
  readonly onConnection: (connection: Connection) => void;
  readonly onClosed: (connection: Connection) => void;
  readonly onTurnedAway: (reason: Refusal, address: string) => void;
  readonly onRefused: (connection: Connection, reason: Refusal) => void;
}

const TCP_KEEPALIVE_MS = 60_000;

/** An IPv4 address is one and the same, however the listener was bound. */
const addressOf = (socket: Socket): string => (socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');

const guarded = (socket: Socket, address: string, options: AcceptOptions): Connection => {
  const { limits, timers, window, counters } = options;
  const guard = createGuard({
    socket,
    limits,
    timers,
    window,
    counters,
    onRefused: (reason) => options.onRefused(connection, reason),
  });
  const connection: Connection = {
    id: options.newId(),
    address,
    guard,
    clientId: null,
    willTopic: null,
    identity: null,
    session: null,
    closing: null,
    present: false,
  };
  return connection;
};

/** Accepts sockets up to the limits and puts a guard before each. */
export const createAcceptor = (options: AcceptOptions): Server => {
  const { connections, limits, counters } = options;

  const turnAway = (address: string): Refusal | null => {
    if (connections.counts().open >= limits.connections) return 'too-many-connections';
    return connections.atAddress(address) >= limits.connectionsPerAddress ? 'too-many-from-address' : null;
  };

  return createServer(
    {
      // What a client sent before it closed its side must still be read: mosquitto_pub sends and leaves.
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEPALIVE_MS,
    },
    (socket) => {
      const address = addressOf(socket);
      const reason = turnAway(address);
      if (reason) {
        socket.on('error', () => {}).destroy();
        options.onTurnedAway(reason, address);
        return;
      }
      counters.accepted++;
      const connection = guarded(socket, address, options);
      connections.add(connection);
      // A place is free again when the socket is gone, not when we have said goodbye.
      socket.once('close', () => connections.remove(connection));
      connection.guard.stream.once('close', () => options.onClosed(connection));
      options.onConnection(connection);
    },
  );
};

/** @throws with the setting to change when the port is taken. */
export const listen = async (server: Server, host: string, port: number): Promise<number> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      const words = `MQTT port ${port} on ${host} is in use; set PRECALL_MQTT to another host:port`;
      reject(Object.assign(new Error(words, { cause: error }), { code: error.code }));
    });
    server.listen({ host, port, backlog: 4_096 }, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
};
