import { expect, it } from 'vitest';
import type { LogRecord } from '../store/log.ts';
import { virtualTime } from '../time/virtual.ts';
import type { Connection, Link } from './connection.ts';
import { createEdge, type Edge } from './edge.ts';
import type { Heard } from './receive.ts';
import { SECRET, SITE, topic } from './testing/bench.ts';
import { createMemoryLedger } from './testing/memory-ledger.ts';
import { createMemoryLog } from './testing/memory-log.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const START_MS = 1_767_225_600_000;

/** The edge on virtual time, without a protocol or a socket before it. */
const stand = async () => {
  const time = virtualTime(START_MS);
  const log = createMemoryLog();
  const ledger = createMemoryLedger(time.now);
  ledger.provision('G-1', SECRET, [{ id: 'G-1', site: SITE }]);
  let ids = 0;
  const edge = await createEdge({ log, ledger, logger: quiet, timers: time, newId: () => `c${++ids}` });
  return { time, log, ledger, edge };
};

const connect = async (edge: Edge, password = SECRET) => {
  const cuts: string[] = [];
  const link: Link = { enter: () => {}, leave: () => {}, end: () => {}, cut: () => void cuts.push('cut') };
  const connection = edge.open(link, '10.0.0.1');
  const recognition = await edge.signIn(connection, {
    clientId: 'G-1',
    username: 'G-1',
    password: Buffer.from(password),
    willTopic: topic('G-1', 'status'),
    clean: true,
  });
  if (recognition?.ok) edge.present(connection);
  return { connection, recognition, cuts };
};

const heard = (payload: string, more: Partial<Heard> = {}): Heard => ({
  cmd: 'publish',
  topic: topic('G-1', 'telemetry'),
  payload: Buffer.from(payload),
  qos: 1,
  messageId: 1,
  retain: false,
  ...more,
});
const publish = (edge: Edge, connection: Connection, message: Heard): Promise<string> =>
  new Promise((resolve) => {
    edge.publish(connection, message, (error) => resolve(error?.message ?? 'stored'));
  });
const lastWill = ({ cmd: _, messageId: __, ...message }: Heard): Heard => ({
  ...message,
  topic: topic('G-1', 'status'),
});

const story = (records: readonly LogRecord[]): readonly string[] =>
  records.flatMap((record) => {
    if (record.kind === 'message') return `${Buffer.from(record.payload)} ${record.connectionId}`;
    if (record.kind === 'tick') return 'tick';
    return 'connectionId' in record.control ? `${record.control.type} ${record.control.connectionId}` : [];
  });

it('logs before it acknowledges, and lets a late Last Will be known by its older connection', async () => {
  const { edge, log } = await stand();
  const older = await connect(edge);
  log.hold();
  let isStored = false;
  const stored = publish(edge, older.connection, heard('one')).then((answer) => {
    isStored = true;
    return answer;
  });
  await Promise.resolve();
  expect(isStored).toBe(false);
  log.release();
  expect(await stored).toBe('stored');

  const newer = await connect(edge);
  expect(older.cuts).toEqual(['cut']);
  expect(await publish(edge, older.connection, lastWill(heard('offline')))).toBe('stored');
  edge.gone(older.connection);
  edge.closed(older.connection);
  edge.gone(older.connection);
  expect(await publish(edge, newer.connection, heard('two'))).toBe('stored');
  expect(story(log.records)).toEqual([
    'connected c1',
    'one c1',
    'connected c2',
    'offline c1',
    'disconnected c1',
    'two c2',
  ]);
  expect(edge.stats()).toMatchObject({ takeovers: 1, wills: 1, now: { connections: 1 } });
});

it('refuses a stranger by name, and what is not its own', async () => {
  const { edge, log } = await stand();
  const stranger = await connect(edge, 'guess');
  expect(stranger.recognition).toEqual({ ok: false, reason: 'wrong-secret' });
  expect(await publish(edge, stranger.connection, heard('x'))).toBe('wrong-secret');

  const { connection, cuts } = await connect(edge);
  expect(await edge.subscribe(connection, `v1/${SITE}/G-1/service`)).toBe(true);
  const other = `v1/${SITE}/G-2/telemetry`;
  expect(await publish(edge, connection, heard('x', { topic: other }))).toBe('topic-not-own');
  expect(cuts).toEqual(['cut']);
  expect(story(log.records)).toEqual(['connected c2']);
});

it('a QoS 2 message that comes again is stored once', async () => {
  const { edge, log } = await stand();
  const { connection } = await connect(edge);
  const twice = heard('once', { qos: 2, messageId: 7 });
  const answers = [publish(edge, connection, twice), publish(edge, connection, twice)];
  expect(await Promise.all(answers)).toEqual(['stored', 'stored']);
  expect(log.texts('telemetry')).toEqual(['once']);
});

it('controls that found the log full are told when it has room again, in their order, in its own time', async () => {
  const { edge, log, time } = await stand();
  const first = await connect(edge);
  log.fill(true);
  edge.gone(first.connection);
  await time.advance(START_MS + 500);
  expect(edge.stats().now.controls).toBe(1);
  log.fill(false);
  await time.advance(START_MS + 2_500);
  expect(story(log.records)).toEqual(['connected c1', 'disconnected c1']);
  expect(log.records[1]?.receivedAtMs).toBe(START_MS + 1_000);
});
