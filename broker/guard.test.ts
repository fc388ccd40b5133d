import { expect, it } from 'vitest';
import { MAX_PACKET_BYTES } from '../core/telemetry/limits.ts';
import { systemTimers } from '../time/system.ts';
import { SECRET, startBench, topic, until } from './testing/bench.ts';
import {
  connectPacket,
  connectRaw,
  lengthBytes,
  PINGREQ,
  packet,
  puback,
  publishPacket,
} from './testing/raw.ts';

const CONNACK_BYTES = 4;
const hello = connectPacket({ clientId: 'G-1', username: 'G-1', password: SECRET });

/** A QoS 1 PUBLISH of exactly `size` bytes, header and all. */
const sized = (size: number): Buffer => {
  const name = topic('G-1', 'telemetry');
  return publishPacket(name, Buffer.alloc(size - 4 - 2 - name.length - 2, 32), { id: 1 });
};

it('takes a packet of 256 KiB, header and all, and closes at one byte more', async () => {
  const { broker, signIn, log } = await startBench();
  const client = await signIn('G-1');
  expect(sized(MAX_PACKET_BYTES).length).toBe(MAX_PACKET_BYTES);
  client.send(sized(MAX_PACKET_BYTES));
  expect((await client.receive(CONNACK_BYTES + 4)).subarray(CONNACK_BYTES)).toEqual(puback(1));
  client.send(sized(MAX_PACKET_BYTES + 1));
  await client.closed();
  expect(broker.stats().refused['packet-too-large']).toBe(1);
  expect(log.texts('telemetry').length).toBe(1);
});

it('closes a packet of 1 MiB at its header, before any of the body was read', async () => {
  const { broker, signIn, ledger } = await startBench();
  const client = await signIn('G-1');
  const before = broker.stats().bytesIn;
  // The header alone: nothing of the body is ever sent.
  client.send(Buffer.of(0x32), lengthBytes(1024 * 1024));
  await client.closed();
  expect(broker.stats().bytesIn - before).toBe(4);
  expect(broker.stats().refused['packet-too-large']).toBe(1);
  expect(ledger.audited).toMatchObject([{ actor: 'G-1', detail: { reason: 'packet-too-large' } }]);
});

it('closes a client that sends the whole 1 MiB', async () => {
  const { broker, signIn, log } = await startBench();
  const client = await signIn('G-1');
  client.send(sized(1024 * 1024));
  await client.closed();
  expect(broker.stats().refused['packet-too-large']).toBe(1);
  expect(broker.stats().bytesIn).toBeLessThan(1024 * 1024);
  expect(log.texts('telemetry')).toEqual([]);
});

it('closes a half-sent packet, and not one that comes slowly', async () => {
  const { broker, signIn, log } = await startBench({ limits: { packetMs: 700 } });
  const slow = await signIn('G-2');
  const bytes = publishPacket(topic('G-2', 'telemetry'), 'slow', { id: 2 });
  // Packets that overlap: each is whole in time, though there is always half a one.
  for (let round = 0; round < 5; round++) {
    slow.send(bytes.subarray(round === 0 ? 0 : 10), bytes.subarray(0, 10));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const half = await signIn('G-1');
  half.send(publishPacket(topic('G-1', 'telemetry'), 'half').subarray(0, 12));
  await half.closed();
  await slow.closed();
  expect(broker.stats().refused['packet-half-sent']).toBe(2);
  expect(log.texts('telemetry')).toEqual(Array(5).fill('slow'));
});

it('closes on a length that does not end, a second CONNECT and a broken packet', async () => {
  const { broker, signIn } = await startBench();
  const endless = await signIn('G-1');
  endless.send(Buffer.of(0x32, 0x80, 0x80, 0x80, 0x80, 0x01));
  await endless.closed();
  const twice = await signIn('G-1');
  twice.send(hello);
  await twice.closed();
  const broken = await signIn('G-1');
  broken.send(packet(0x36, Buffer.from('both QoS bits')));
  await broken.closed();
  expect(broker.stats().refused).toMatchObject({
    'length-malformed': 1,
    'second-connect': 1,
    'protocol-error': 1,
  });
});

it('lets strangers send a CONNECT and nothing else', async () => {
  const { broker } = await startBench({ limits: { connectMs: 150 } });
  const first = await connectRaw(broker.port);
  first.send(PINGREQ);
  await first.closed();
  const large = await connectRaw(broker.port);
  large.send(Buffer.of(0x10), lengthBytes(17 * 1024));
  await large.closed();
  const silent = await connectRaw(broker.port);
  await silent.closed();
  const half = await connectRaw(broker.port);
  half.send(hello.subarray(0, 9));
  await half.closed();
  expect(broker.stats().refused).toMatchObject({
    'not-connect-first': 1,
    'connect-too-large': 1,
    'connect-timeout': 2,
  });
});

it('takes what a client sends before CONNACK, however the bytes are cut', async () => {
  const { broker, log } = await startBench();
  const client = await connectRaw(broker.port);
  const count = 300;
  const all = Buffer.concat([
    hello,
    ...Array.from({ length: count }, (_, n) =>
      publishPacket(topic('G-1', 'telemetry'), `${n}`, { id: n + 1 }),
    ),
  ]);
  for (let at = 0; at < all.length; at += 701) {
    client.send(all.subarray(at, at + 701));
    if (at % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await client.receive(CONNACK_BYTES + 4 * count);
  expect(log.texts('telemetry')).toEqual(Array.from({ length: count }, (_, n) => `${n}`));
});

it('takes a connection that sends byte by byte', async () => {
  const { broker, log } = await startBench();
  const client = await connectRaw(broker.port);
  const long = publishPacket(topic('G-1', 'telemetry'), 'x'.repeat(300), { id: 1 });
  for (const byte of Buffer.concat([hello, long, PINGREQ])) {
    client.send(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await client.receive(CONNACK_BYTES + 4 + 2);
  expect(log.texts('telemetry')).toEqual(['x'.repeat(300)]);
});

it('slows down who sends too many packets, and loses nothing', async () => {
  let nowMs = 1_000_000;
  const limits = { messagesPerS: 100, messageBurst: 10 };
  const { broker, signIn, log } = await startBench({ limits, timers: { ...systemTimers, now: () => nowMs } });
  const client = await signIn('G-1');
  const count = 60;
  for (let id = 1; id <= count; id++) client.send(publishPacket(topic('G-1', 'telemetry'), `${id}`, { id }));
  // The burst, of which CONNECT took one; then ten per tenth of a second, and while time stands, none.
  await until('the burst', () => log.texts('telemetry').length === 9);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(log.texts('telemetry').length).toBe(9);
  nowMs += 100;
  await until('the next ten', () => log.texts('telemetry').length === 19);
  nowMs += 50;
  await until('the next five', () => log.texts('telemetry').length === 24);
  const moving = setInterval(() => {
    nowMs += 50;
  }, 5);
  await client.receive(CONNACK_BYTES + 4 * count);
  clearInterval(moving);
  expect(log.texts('telemetry')).toEqual(Array.from({ length: count }, (_, n) => `${n + 1}`));
  expect(broker.stats().throttledMs).toBeGreaterThan(0);
});

it('slows down who sends too many bytes', async () => {
  let nowMs = 1_000_000;
  const limits = { bytesPerS: 100_000, byteBurst: 10_000 };
  const { signIn, log } = await startBench({ limits, timers: { ...systemTimers, now: () => nowMs } });
  const client = await signIn('G-1');
  for (let n = 0; n < 3; n++) client.send(sized(10_000));
  await until('the first', () => log.texts('telemetry').length === 1);
  nowMs += 10;
  await until('the second, on debt', () => log.texts('telemetry').length === 2);
  nowMs += 50;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(log.texts('telemetry').length).toBe(2);
  nowMs += 50;
  await until('the third, when the debt is paid', () => log.texts('telemetry').length === 3);
});

it('stops reading a connection whose messages wait for the log', async () => {
  const { broker, signIn, log } = await startBench();
  const client = await signIn('G-1');
  log.hold();
  const message = Buffer.alloc(10_000, 65);
  const count = 2_000;
  for (let n = 0; n < count; n++)
    client.send(publishPacket(topic('G-1', 'telemetry'), message, { id: n + 1 }));
  await until('something to wait', () => log.waiting() > 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  // Some reads' worth may wait; 20 MB may not.
  expect(broker.stats().bytesIn).toBeLessThan(1_000_000);
  log.release();
  await client.receive(CONNACK_BYTES + 4 * count);
  expect(log.texts('telemetry').length).toBe(count);
  expect(broker.stats().now.inFlight).toBe(0);
});

it('limits what one connection has in flight, also when its messages come one by one', async () => {
  const { broker, signIn, log } = await startBench({ limits: { inFlightMessages: 20 } });
  const client = await signIn('G-1');
  log.hold();
  const count = 200;
  for (let id = 1; id <= count; id++) {
    client.send(publishPacket(topic('G-1', 'telemetry'), `${id}`, { id }));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await until('the limit', () => log.waiting() >= 20);
  expect(log.waiting()).toBeLessThan(40);
  log.release();
  await client.receive(CONNACK_BYTES + 4 * count);
  expect(log.texts('telemetry')).toEqual(Array.from({ length: count }, (_, n) => `${n + 1}`));
  expect(broker.stats().now.inFlight).toBe(0);
});

it('stops reading everybody when all together wait for too much', async () => {
  const { broker, signIn, log } = await startBench({ limits: { totalInFlightMessages: 10 } });
  const one = await signIn('G-1');
  const two = await signIn('G-2');
  log.hold();
  for (let id = 1; id <= 10; id++) one.send(publishPacket(topic('G-1', 'telemetry'), 'a', { id }));
  await until('the window to fill', () => log.waiting() === 10);
  two.send(publishPacket(topic('G-2', 'telemetry'), 'b', { id: 1 }));
  await until('the other to wait', () => broker.stats().now.waiting === 1);
  log.release();
  await two.receive(CONNACK_BYTES + 4);
  await one.receive(CONNACK_BYTES + 40);
});

it('limits connections, in all and from one address, and frees the places', async () => {
  const few = await startBench({ limits: { connections: 2 } });
  const first = await few.signIn('G-1');
  await few.signIn('G-2');
  const third = await connectRaw(few.broker.port);
  await third.closed();
  expect(few.broker.stats().refused['too-many-connections']).toBe(1);
  first.socket.destroy();
  await until('the place to be free', () => few.broker.stats().now.connections === 1);
  await few.signIn('G-1');

  const narrow = await startBench({ limits: { connectionsPerAddress: 1 } });
  await narrow.signIn('G-1');
  const second = await connectRaw(narrow.broker.port);
  await second.closed();
  expect(narrow.broker.stats().refused['too-many-from-address']).toBe(1);
});
