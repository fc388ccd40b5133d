import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Cancel, Timers } from '../time/timers.ts';
import type { Link } from './connection.ts';
import {
  begin,
  CONNECT,
  createFrame,
  isInside,
  packetBytes,
  packetType,
  readHeader,
  skipBody,
} from './frame.ts';
import type { BrokerLimits } from './limits.ts';
import { createPace } from './pace.ts';
import type { Refusal } from './refusal.ts';
import type { Window } from './window.ts';

/**
 * Stands between a socket and aedes, which would buffer a 255 MiB packet whole and wait for ever for the
 * rest of a half-sent one. Counts packets as bytes arrive and passes the chunks on uncopied. Whoever is too
 * fast is not read for a while, and TCP slows the sender down: nothing is dropped.
 */
export interface Guard extends Link {
  /** What aedes gets for a connection. */
  readonly stream: Duplex;
  /** Signed in: packets after CONNECT may pass. */
  admit(): void;
  /** Writes past aedes, and closes gently: the peer gets `lingerMs` to read it. */
  sayLast(bytes: Uint8Array): void;
}

export interface GuardCounters {
  bytesIn: number;
  bytesOut: number;
  packets: number;
  throttledMs: number;
}

export interface GuardOptions {
  readonly socket: Socket;
  readonly limits: BrokerLimits;
  readonly timers: Timers;
  readonly window: Window;
  readonly counters: GuardCounters;
  /** The guard found something; it closes the connection itself. */
  readonly onRefused: (reason: Refusal) => void;
}

export const createGuard = (options: GuardOptions): Guard => {
  const { socket, limits, timers, window, counters } = options;
  const frame = createFrame();

  // The chunk under the eye: scanned up to `at`, passed on up to `from`.
  let chunk: Buffer | null = null;
  let at = 0;
  let from = 0;
  /** Header bytes that came in earlier chunks and wait for the decision: at most 4. */
  let carried: Buffer | null = null;
  let packetStart = 0;

  let stage: 'connect' | 'authenticate' | 'admitted' = 'connect';
  let held = false;
  let wanted = true;
  let ended = false;
  let closed = false;

  let packetTimer: Cancel | null = null;
  const stopConnectTimer = timers.after(limits.connectMs, () => refuse('connect-timeout'));

  const stream = new Duplex({
    read() {
      wanted = true;
      flow();
    },
    write(data: Buffer, _encoding, done) {
      counters.bytesOut += data.length;
      socket.write(data, done);
    },
    // aedes writes a PUBACK in four pieces, and a group of them in one tick: one system call for all.
    writev(pieces, done) {
      const data = Buffer.concat(pieces.map((piece) => piece.chunk as Buffer));
      counters.bytesOut += data.length;
      socket.write(data, done);
    },
    final(done) {
      socket.end();
      done();
    },
    destroy(error, done) {
      shut();
      done(error);
    },
  });

  const stopTimers = (): void => {
    stopConnectTimer();
    stopPacketTimer();
  };

  const shut = (): void => {
    if (closed) return;
    closed = true;
    stopTimers();
    pace.close();
    chunk = carried = null;
    if (socket.destroyed) return;
    // Unread bytes in the kernel would turn our FIN into a reset and lose the last CONNACK: read and forget.
    socket.removeAllListeners('data').on('data', () => {});
    socket.end();
    socket.resume();
    timers.after(limits.lingerMs, () => socket.destroy());
  };

  const cut = (): void => {
    stream.destroy();
    socket.destroy();
  };

  const refuse = (reason: Refusal): void => {
    if (closed) return;
    options.onRefused(reason);
    cut();
  };

  /** Reads the socket or not; a packet's time runs only while we read. */
  const flow = (): void => {
    if (closed) return;
    const reading = wanted && !held && chunk === null;
    if (reading === socket.isPaused()) {
      if (reading) socket.resume();
      else socket.pause();
    }
    const timed = reading && stage === 'admitted' && isInside(frame);
    if (timed) packetTimer ??= timers.after(limits.packetMs, () => refuse('packet-half-sent'));
    else stopPacketTimer();
  };

  const stopPacketTimer = (): void => {
    packetTimer?.();
    packetTimer = null;
  };

  const pass = (data: Buffer): void => {
    if (data.length > 0 && !stream.push(data)) wanted = false;
  };

  const wake = (): void => {
    if (closed || !held) return;
    held = false;
    run();
  };
  const pace = createPace({ limits, timers, window, counters, wake });

  const fault = (): Refusal | null => {
    const type = packetType(frame);
    if (stage === 'connect') {
      if (type !== CONNECT) return 'not-connect-first';
      return packetBytes(frame) > limits.connectBytes ? 'connect-too-large' : null;
    }
    if (type === CONNECT) return 'second-connect';
    return packetBytes(frame) > limits.packetBytes ? 'packet-too-large' : null;
  };

  /** The header is complete: refuse, wait or begin. Returns whether the scan goes on. */
  const decide = (data: Buffer): boolean => {
    const reason = fault();
    if (reason) {
      refuse(reason);
      return false;
    }
    if (stage === 'admitted' && pace.mustWait()) {
      pass(data.subarray(from, packetStart));
      from = packetStart;
      held = true;
      return false;
    }
    counters.packets++;
    pace.pay(packetBytes(frame));
    if (carried) pass(carried);
    carried = null;
    begin(frame);
    return true;
  };

  /** Keeps the header's first bytes until the rest of it is here. */
  const carry = (data: Buffer): void => {
    pass(data.subarray(from, packetStart));
    const piece = data.subarray(packetStart);
    carried = carried ? Buffer.concat([carried, piece]) : Buffer.from(piece);
    chunk = null;
  };

  /** Type and length. Returns whether they are complete. */
  const header = (data: Buffer): boolean => {
    packetStart = frame.headerBytes === 0 ? at : 0;
    at = readHeader(frame, data, at);
    if (frame.state === 'malformed') refuse('length-malformed');
    else if (frame.state === 'header') carry(data);
    return frame.state === 'decide';
  };

  const scan = (data: Buffer): void => {
    while (!held && !closed) {
      if (frame.state === 'header') {
        if (at === data.length) break;
        if (!header(data)) return;
      }
      if (frame.state === 'decide' && !decide(data)) return;
      if (frame.state === 'body') at = skipBody(frame, data, at);
      if (frame.state === 'body') break;
      stopPacketTimer();
      if (stage === 'connect') {
        // The rest waits until aedes has answered: it would keep only 42 packets before CONNACK.
        stage = 'authenticate';
        held = true;
        pass(data.subarray(from, at));
        from = at;
      }
    }
    if (held || closed) return;
    pass(data.subarray(from));
    chunk = null;
  };

  const run = (): void => {
    if (chunk && !closed) scan(chunk);
    if (closed) return;
    if (ended && chunk === null && !held) stream.push(null);
    flow();
  };

  socket.on('data', (data: Buffer) => {
    if (closed) return;
    counters.bytesIn += data.length;
    chunk = data;
    at = from = 0;
    run();
  });
  socket.on('end', () => {
    ended = true;
    run();
  });
  socket.on('error', () => cut());
  socket.on('close', () => {
    stream.destroy();
  });
  stream.on('error', () => {});

  return {
    stream,
    admit() {
      if (closed || stage === 'admitted') return;
      stopConnectTimer();
      stage = 'admitted';
      held = false;
      run();
    },
    enter: pace.enter,
    leave: pace.leave,
    sayLast(data) {
      if (closed) return;
      counters.bytesOut += data.length;
      socket.write(data);
      stream.destroy();
    },
    end: () => void stream.destroy(),
    cut,
  };
};
