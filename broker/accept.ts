import { createServer, type Server, type Socket } from 'node:net';
import type { Timers } from '../time/timers.ts';
import type { Connection } from './connection.ts';
import type { Edge } from './edge.ts';
import { createGuard } from './guard.ts';
import type { Wire } from './hooks.ts';
import type { Refusal } from './refusal.ts';

export interface AcceptOptions {
  readonly edge: Edge;
  readonly timers: Timers;
  /** A guarded connection for aedes. */
  readonly onWire: (wire: Wire) => void;
  readonly onClosed: (connection: Connection) => void;
}

const TCP_KEEPALIVE_MS = 60_000;

/** An IPv4 address is one and the same, however the listener was bound. */
const addressOf = (socket: Socket): string => (socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');

const guarded = (socket: Socket, address: string, { edge, timers }: AcceptOptions): Wire => {
  const { limits, window, counters } = edge;
  const guard = createGuard({
    socket,
    limits,
    timers,
    window,
    counters,
    onRefused: (reason) => edge.note(connection, reason),
  });
  const connection = edge.open(guard, address);
  return { connection, guard };
};

const turnAway = ({ connections, limits }: Edge, address: string): Refusal | null => {
  if (connections.counts().open >= limits.connections) return 'too-many-connections';
  return connections.atAddress(address) >= limits.connectionsPerAddress ? 'too-many-from-address' : null;
};

/** Accepts sockets up to the limits and puts a guard before each. */
export const createAcceptor = (options: AcceptOptions): Server => {
  const { edge } = options;
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
      const reason = turnAway(edge, address);
      if (reason) {
        socket.on('error', () => {}).destroy();
        edge.turnedAway(reason, address);
        return;
      }
      const wire = guarded(socket, address, options);
      // A place is free again when the socket is gone, not when we have said goodbye.
      socket.once('close', () => edge.closed(wire.connection));
      wire.guard.stream.once('close', () => options.onClosed(wire.connection));
      options.onWire(wire);
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
