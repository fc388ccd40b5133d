import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that speaks bytes: for what no MQTT library would send. */
export interface RawClient {
  readonly socket: Socket;
  send(...bytes: readonly Uint8Array[]): void;
  /** All bytes received so far. */
  received(): Buffer;
  /** Resolves with what was received once it is at least `length` long; rejects when the broker closes first. */
  receive(length: number): Promise<Buffer>;
  /** Resolves when the broker has closed the connection. */
  closed(): Promise<void>;
  isClosed(): boolean;
}

export const connectRaw = async (port: number): Promise<RawClient> => {
  const waiting = new Set<() => void>();
  const grown = (): Promise<void> => new Promise((resolve) => waiting.add(resolve));
  const grow = (): void => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let received = Buffer.alloc(0);
  let closed = false;
  socket.on('data', (data) => {
    received = Buffer.concat([received, data]);
    grow();
  });
  // A reset is a way of closing.
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  socket.on('close', () => {
    closed = true;
    grow();
  });
  await once(socket, 'connect');
  return {
    socket,
    send: (...bytes) => void socket.write(Buffer.concat(bytes)),
    received: () => received,
    async receive(length) {
      while (received.length < length) {
        if (closed) throw new Error(`closed after ${received.length} of ${length} bytes`);
        await grown();
      }
      return received;
    },
    async closed() {
      while (!closed) await grown();
    },
    isClosed: () => closed,
  };
};

const text = (value: string | Uint8Array): Buffer => {
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(bytes.length);
  return Buffer.concat([head, bytes]);
};

/** The length field of MQTT 3.1.1 §2.2.3. */
export const lengthBytes = (length: number): Buffer => {
  const bytes: number[] = [];
  let rest = length;
  do {
    const more = rest >= 128;
    bytes.push((rest % 128) | (more ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
};

export const packet = (first: number, ...body: readonly Uint8Array[]): Buffer => {
  const all = Buffer.concat(body);
  return Buffer.concat([Buffer.of(first), lengthBytes(all.length), all]);
};

export interface RawConnect {
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly clean?: boolean;
  readonly level?: number;
  readonly will?: { readonly topic: string; readonly payload: string };
  readonly keepaliveS?: number;
}

export const connectPacket = (said: RawConnect): Buffer => {
  const { clientId, username, password, clean = true, level = 4, will, keepaliveS = 60 } = said;
  const flags =
    (clean ? 2 : 0) |
    (will ? 4 : 0) |
    (username === undefined ? 0 : 0x80) |
    (password === undefined ? 0 : 0x40);
  return packet(
    0x10,
    text('MQTT'),
    Buffer.of(level, flags, keepaliveS >> 8, keepaliveS & 0xff),
    ...(level === 5 ? [Buffer.of(0)] : []),
    text(clientId),
    ...(will ? [text(will.topic), text(will.payload)] : []),
    ...(username === undefined ? [] : [text(username)]),
    ...(password === undefined ? [] : [text(password)]),
  );
};

const idBytes = (id: number): Buffer => Buffer.of(id >> 8, id & 0xff);

export const publishPacket = (
  topic: string | Uint8Array,
  payload: string | Uint8Array,
  options: {
    readonly qos?: 0 | 1 | 2;
    readonly id?: number;
    readonly dup?: boolean;
    readonly retain?: boolean;
  } = {},
): Buffer => {
  const { qos = 1, id = 1, dup = false, retain = false } = options;
  return packet(
    0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0),
    text(topic),
    ...(qos > 0 ? [idBytes(id)] : []),
    typeof payload === 'string' ? Buffer.from(payload) : payload,
  );
};

export const subscribePacket = (topic: string, id = 1, qos = 1): Buffer =>
  packet(0x82, idBytes(id), text(topic), Buffer.of(qos));

export const pubrelPacket = (id: number): Buffer => packet(0x62, idBytes(id));
export const PINGREQ = Buffer.of(0xc0, 0);
export const DISCONNECT = Buffer.of(0xe0, 0);
export const puback = (id: number): Buffer => Buffer.concat([Buffer.of(0x40, 2), idBytes(id)]);
export const pubrec = (id: number): Buffer => Buffer.concat([Buffer.of(0x50, 2), idBytes(id)]);
export const pubcomp = (id: number): Buffer => Buffer.concat([Buffer.of(0x70, 2), idBytes(id)]);
export const connack = (code: number): Buffer => Buffer.of(0x20, 2, 0, code);
