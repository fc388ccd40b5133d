import { expect, it } from 'vitest';
import type { LogRecord } from '../store/log.ts';
import { startBench, topic, until } from './testing/bench.ts';
import { DISCONNECT, publishPacket } from './testing/raw.ts';

const CONNACK_BYTES = 4;
const will = { topic: topic('G-1', 'status'), payload: '{"online":false}' };

/** What happened over which connection, in the order of the log. */
const story = (records: readonly LogRecord[]): readonly string[] =>
  records.map((record) => {
    if (record.kind === 'message') return `${Buffer.from(record.payload)} ${record.connectionId}`;
    if (record.kind === 'tick' || !('connectionId' in record.control)) return record.kind;
    return `${record.control.type} ${record.control.connectionId}`;
  });

const counting = (): (() => string) => {
  let n = 0;
  return () => `c${++n}`;
};

it('tells the log who came and who left, before and after all that they said', async () => {
  const { log, signIn } = await startBench({ newId: counting() });
  const client = await signIn('G-1', { will });
  client.send(publishPacket(topic('G-1', 'status'), 'hello', { id: 1 }), DISCONNECT);
  await until('its leaving', () => log.records.length === 3);
  // DISCONNECT takes the Last Will back.
  expect(story(log.records)).toEqual(['connected c1', 'hello c1', 'disconnected c1']);
});

it('logs the Last Will of a connection that breaks, with its connection id', async () => {
  const { log, broker, signIn } = await startBench({ newId: counting() });
  const client = await signIn('G-1', { will });
  client.socket.resetAndDestroy();
  await until('its leaving', () => log.records.length === 3);
  expect(story(log.records)).toEqual(['connected c1', '{"online":false} c1', 'disconnected c1']);
  expect(broker.stats().wills).toBe(1);
});

it('logs the Last Will of a connection that broke the rules', async () => {
  const { log, signIn } = await startBench({ newId: counting() });
  const client = await signIn('G-1', { will });
  client.send(publishPacket(topic('G-2', 'status'), 'x'));
  await until('its leaving', () => log.records.length === 3);
  expect(story(log.records)).toEqual(['connected c1', '{"online":false} c1', 'disconnected c1']);
});

it('lets a newer connection take over: the older is closed, and its late Last Will is known as late', async () => {
  const { log, broker, signIn } = await startBench({ newId: counting() });
  const older = await signIn('G-1', { will });
  const newer = await signIn('G-1', { will });
  await older.closed();
  newer.send(publishPacket(topic('G-1', 'status'), '{"online":true}', { id: 1 }));
  await newer.receive(CONNACK_BYTES + 4);
  expect(story(log.records)).toEqual([
    'connected c1',
    '{"online":false} c1',
    'disconnected c1',
    'connected c2',
    '{"online":true} c2',
  ]);
  expect(newer.isClosed()).toBe(false);
  expect(broker.stats()).toMatchObject({ takeovers: 1, now: { signedIn: 1 } });
  await until('the older to be gone', () => broker.stats().now.connections === 1);
});

it('survives many taking over from one another', async () => {
  const { log, broker, signIn } = await startBench();
  const clients = await Promise.allSettled(Array.from({ length: 30 }, () => signIn('G-1', { will })));
  expect(clients.some(({ status }) => status === 'fulfilled')).toBe(true);
  await until('one to be left', () => broker.stats().now.connections === 1);
  const last = await signIn('G-1');
  last.send(publishPacket(topic('G-1', 'telemetry'), 'mine', { id: 1 }));
  await last.receive(CONNACK_BYTES + 4);
  await until('the others to have left', () => broker.stats().now.connections === 1);
  const open = new Set<string>();
  for (const control of log.controls()) {
    if (control.type === 'connected') open.add(control.connectionId);
    if (control.type === 'disconnected') expect(open.delete(control.connectionId)).toBe(true);
  }
  expect(open.size).toBe(1);
});

it('closes who is silent for longer than it promised, with its Last Will', async () => {
  const { log, broker, signIn } = await startBench();
  const client = await signIn('G-1', { will, keepaliveS: 1 });
  await client.closed();
  await until('its leaving', () => log.controls().length === 2);
  expect(log.texts('status')).toEqual(['{"online":false}']);
  expect(broker.stats().refused['keepalive-timeout']).toBe(1);
});
