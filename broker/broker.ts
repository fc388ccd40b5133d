import { Aedes } from 'aedes';
import { turn } from '../time/timers.ts';
import { createAcceptor, listen } from './accept.ts';
import { createEdge, type Edge, type EdgeOptions } from './edge.ts';
import { attachEvents, createHooks, type Wire, type WireOf } from './hooks.ts';
import { createSilence } from './silence.ts';
import type { BrokerStats } from './stats.ts';

export interface BrokerOptions extends EdgeOptions {
  readonly listen: { readonly host: string; readonly port: number };
}

export interface Broker {
  /** Where it listens; the one that the system chose where port 0 was asked for. */
  readonly port: number;
  stats(): BrokerStats;
  /** Closes every connection; resolves when all that was accepted is in the log or refused by it. */
  close(): Promise<void>;
}

const startAedes = async ({ timers }: BrokerOptions, edge: Edge, wireOf: WireOf): Promise<Aedes> => {
  const { limits, sessions } = edge;
  const aedes = await Aedes.createBroker({
    ...createHooks(edge, wireOf),
    mq: createSilence(timers),
    persistence: sessions.persistence((stream) => wireOf(stream)?.connection ?? null),
    drainTimeout: limits.drainMs,
    // The guard's own limit, which also covers signing in, comes first.
    connectTimeout: limits.connectMs * 2,
    maxClientsIdLength: 64,
  });
  attachEvents(aedes, edge, wireOf);
  return aedes;
};

/** The MQTT 3.1.1 edge (CONTRACT §3): who you are, what you may publish, how big, how fast; logged before PUBACK. */
export const startBroker = async (options: BrokerOptions): Promise<Broker> => {
  const { timers } = options;
  const edge = await createEdge(options);
  const wires = new WeakMap<object, Wire>();
  const aedes = await startAedes(options, edge, (stream) => wires.get(stream) ?? null);
  const server = createAcceptor({
    edge,
    timers,
    onWire(wire) {
      wires.set(wire.guard.stream, wire);
      void aedes.handle(wire.guard.stream);
    },
    // After aedes, which publishes the Last Will when it hears of the same.
    onClosed: (connection) => timers.soon(() => edge.gone(connection)),
  });

  const stop = async (): Promise<void> => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    await edge.close();
  };

  const port = await listen(server, options.listen.host, options.listen.port).catch(
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );

  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await edge.drain();
    // The last acknowledgements leave in this turn of the loop.
    await turn(timers);
    for (const { link } of edge.connections.all()) link.end();
    await turn(timers);
    await stop();
    for (const { link } of edge.connections.all()) link.cut();
    await closed;
  };

  return { port, stats: edge.stats, close: () => (closing ??= close()) };
};
