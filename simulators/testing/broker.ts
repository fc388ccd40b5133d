import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';

export interface Heard {
  readonly client: string;
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly dup: boolean;
}

/** An MQTT broker for tests: takes every client or only those with this password, and remembers what it heard. */
export interface TestBroker {
  readonly url: string;
  readonly heard: readonly Heard[];
  /** Says this on a topic. */
  say(topic: string, payload: string): void;
  /** Ends every connection without a word. */
  cut(): void;
  /** From now on publishes are heard but not acknowledged, until called with false. */
  mute(isMute: boolean): void;
  close(): Promise<void>;
}

export const startTestBroker = async (password?: string, port = 0): Promise<TestBroker> => {
  const heard: Heard[] = [];
  const sockets = new Set<Socket>();
  let isMute = false;
  const aedes = await Aedes.createBroker();
  aedes.authenticate = (_client, _user, given, done) => {
    const isRight = password === undefined || given?.toString() === password;
    if (isRight) done(null, true);
    else done(Object.assign(new Error('no'), { returnCode: 5 }) as Parameters<typeof done>[0], null);
  };
  aedes.authorizePublish = (client, packet, done) => {
    const payload = packet.payload.toString();
    const { topic, retain, dup } = packet;
    heard.push({ client: client?.id ?? '', topic, payload, retain, dup });
    // Without calling `done` no PUBACK is sent.
    if (!isMute) done(null);
  };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    say: (topic, payload) =>
      aedes.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, () => {}),
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    mute: (to) => {
      isMute = to;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await new Promise<void>((resolve) => aedes.close(resolve));
    },
  };
};

/** Waits until `met`, looking every few milliseconds; throws after ten seconds, saying what was awaited. */
export const until = async (what: string, met: () => boolean): Promise<void> => {
  for (let waitedMs = 0; !met(); waitedMs += 5) {
    if (waitedMs > 10_000) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
