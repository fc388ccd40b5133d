import { describe, expect, it } from 'vitest';
import { systemTimers } from '../time/system.ts';
import { startBench, topic, until } from './testing/bench.ts';
import {
  connectPacket,
  connectRaw,
  DISCONNECT,
  puback,
  pubcomp,
  publishPacket,
  pubrec,
  pubrelPacket,
} from './testing/raw.ts';

const CONNACK_BYTES = 4;

describe('PUBACK means stored', () => {
  it('waits until the record is durable', async () => {
    const { log, signIn } = await startBench();
    const client = await signIn('G-1');
    log.hold();
    client.send(publishPacket(topic('G-1', 'telemetry'), '{"values":{}}', { id: 7 }));
    await until('the append', () => log.waiting() === 1);
    // Long enough for a PUBACK that did not wait to arrive.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.received().length).toBe(CONNACK_BYTES);
    log.commit();
    expect((await client.receive(CONNACK_BYTES + 4)).subarray(CONNACK_BYTES)).toEqual(puback(7));
    expect(log.texts('telemetry')).toEqual(['{"values":{}}']);
  });

  it('acknowledges groups in order, and only what its group held', async () => {
    const { log, signIn } = await startBench();
    const client = await signIn('G-1');
    log.hold();
    const ids = [1, 2, 3, 4, 5, 6];
    client.send(...ids.map((id) => publishPacket(topic('G-1', 'telemetry'), `m${id}`, { id })));
    await until('the appends', () => log.waiting() === 6);
    log.commit(4);
    const first = await client.receive(CONNACK_BYTES + 16);
    expect(first.subarray(CONNACK_BYTES)).toEqual(Buffer.concat([1, 2, 3, 4].map(puback)));
    log.commit(2);
    const second = await client.receive(CONNACK_BYTES + 24);
    expect(second.subarray(CONNACK_BYTES)).toEqual(Buffer.concat(ids.map(puback)));
    expect(log.texts('telemetry')).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
  });

  it('writes who said it, when, where and over which connection', async () => {
    const { log, signIn } = await startBench({
      timers: { ...systemTimers, now: () => 1_767_225_600_000 },
      newId: () => 'C-1',
    });
    const client = await signIn('G-1');
    client.send(publishPacket(topic('G-1', 'fault'), '{"code":"G06"}', { id: 1 }));
    await client.receive(CONNACK_BYTES + 4);
    const { payload, ...record } = log.records.at(-1) as { payload: Uint8Array };
    expect(record).toEqual({
      kind: 'message',
      receivedAtMs: 1_767_225_600_000,
      equipment: 'G-1',
      site: 'plaza',
      channel: 'fault',
      connectionId: 'C-1',
      partition: 0,
      offset: log.records.length - 1,
    });
    expect(Buffer.from(payload).toString()).toBe('{"code":"G06"}');
  });

  it('does not acknowledge when the log is full, closes, and takes the message again later', async () => {
    const { log, broker, signIn, ledger } = await startBench({ limits: { fullPauseMs: 200 } });
    const client = await signIn('G-1');
    log.fill(true);
    client.send(publishPacket(topic('G-1', 'telemetry'), 'kept by the client', { id: 9 }));
    await client.closed();
    expect(client.received().length).toBe(CONNACK_BYTES);
    expect(broker.stats().refused['log-full']).toBe(1);
    expect(broker.stats().now.logFull).toBe(true);
    // A storm of returning clients is turned away without a look at the log, and without a CONNACK.
    await expect(signIn('G-2')).rejects.toThrow('closed after 0');
    log.fill(false);
    await until('the pause to end', () => !broker.stats().now.logFull);
    const again = await signIn('G-1');
    again.send(publishPacket(topic('G-1', 'telemetry'), 'kept by the client', { id: 9, dup: true }));
    expect((await again.receive(CONNACK_BYTES + 4)).subarray(CONNACK_BYTES)).toEqual(puback(9));
    expect(log.texts('telemetry')).toEqual(['kept by the client']);
    // Not the client's doing: nothing in its audit.
    expect(ledger.audited).toEqual([]);
  });

  it('tells the log of a leaving that fell into a full log', async () => {
    const { log, signIn, broker } = await startBench({ limits: { fullPauseMs: 50 } });
    const client = await signIn('G-1');
    log.fill(true);
    client.send(DISCONNECT);
    await until('the record to wait', () => broker.stats().now.controls === 1);
    log.fill(false);
    await until('the record', () => log.controls().length === 2);
    expect(log.controls().map(({ type }) => type)).toEqual(['connected', 'disconnected']);
    expect(broker.stats().controlsLost).toBe(0);
  });
});

describe('QoS 0', () => {
  it('is logged, also when the client leaves at once', async () => {
    const { log, broker } = await startBench();
    const client = await connectRaw(broker.port);
    // Everything in one write, before any answer, and then the client's side closes.
    client.socket.end(
      Buffer.concat([
        connectPacket({ clientId: 'G-1', username: 'G-1', password: 'correct-horse' }),
        ...Array.from({ length: 200 }, (_, n) =>
          publishPacket(topic('G-1', 'telemetry'), `${n}`, { qos: 0 }),
        ),
        DISCONNECT,
      ]),
    );
    await until('all of it', () => log.texts('telemetry').length === 200);
    expect(log.texts('telemetry').at(-1)).toBe('199');
    await until('its leaving', () => log.controls().at(-1)?.type === 'disconnected');
  });
});

describe('QoS 2', () => {
  it('logs a message once that comes again before PUBREL, and anew after it', async () => {
    const { log, broker, signIn } = await startBench();
    const client = await signIn('G-1');
    log.hold();
    const message = (dup: boolean) => publishPacket(topic('G-1', 'fault'), 'once', { qos: 2, id: 3, dup });
    // Again while the first is still being written, and again after it was.
    client.send(message(false), message(true));
    await until('the append', () => log.waiting() === 1);
    log.release();
    await client.receive(CONNACK_BYTES + 8);
    client.send(message(true));
    expect((await client.receive(CONNACK_BYTES + 12)).subarray(CONNACK_BYTES)).toEqual(
      Buffer.concat([pubrec(3), pubrec(3), pubrec(3)]),
    );
    expect(log.texts('fault')).toEqual(['once']);
    expect(broker.stats().duplicates).toBe(2);
    client.send(pubrelPacket(3));
    expect((await client.receive(CONNACK_BYTES + 16)).subarray(-4)).toEqual(pubcomp(3));
    client.send(message(false));
    await client.receive(CONNACK_BYTES + 20);
    expect(log.texts('fault')).toEqual(['once', 'once']);
  });

  it('knows it again in the next connection of a session that is kept', async () => {
    const { log, signIn } = await startBench();
    const before = await signIn('G-1', { clean: false });
    const message = publishPacket(topic('G-1', 'fault'), 'once', { qos: 2, id: 3 });
    before.send(message);
    await before.receive(CONNACK_BYTES + 4);
    before.socket.destroy();
    const after = await signIn('G-1', { clean: false });
    after.send(publishPacket(topic('G-1', 'fault'), 'once', { qos: 2, id: 3, dup: true }));
    expect((await after.receive(CONNACK_BYTES + 4)).subarray(CONNACK_BYTES)).toEqual(pubrec(3));
    expect(log.texts('fault')).toEqual(['once']);
    after.socket.destroy();
    // A clean session has forgotten: that is what clean means.
    const clean = await signIn('G-1', { clean: true });
    clean.send(message);
    await clean.receive(CONNACK_BYTES + 4);
    expect(log.texts('fault')).toEqual(['once', 'once']);
  });

  it('closes a client that never releases', async () => {
    const { broker, signIn, log } = await startBench({ limits: { unreleased: 5 } });
    const client = await signIn('G-1');
    for (let id = 1; id <= 6; id++)
      client.send(publishPacket(topic('G-1', 'telemetry'), `${id}`, { qos: 2, id }));
    await client.closed();
    expect(broker.stats().refused['too-many-unreleased']).toBe(1);
    expect(log.texts('telemetry').length).toBe(5);
  });
});

describe('only under its own prefix', () => {
  const refused = [
    ["another's topic", topic('G-2', 'telemetry'), 'topic-not-own'],
    ['another site', 'v1/elsewhere/G-1/telemetry', 'topic-not-own'],
    ['its own service topic', topic('G-1', 'service'), 'topic-malformed'],
    ['a topic of another kind', 'spBv1.0/plaza/NDATA/G-1', 'topic-malformed'],
    ['a $SYS topic', '$SYS/broker/uptime', 'topic-malformed'],
    ['an empty topic', '', 'topic-malformed'],
    ['a hundred and one levels', 'a/'.repeat(101), 'topic-malformed'],
    ['#', `v1/plaza/G-1/#`, 'topic-wildcard'],
    ['+', `v1/+/G-1/telemetry`, 'topic-wildcard'],
    ['U+0000', `v1/plaza/G-1/telemetry\0`, 'topic-malformed'],
    ['invalid UTF-8', Buffer.of(0x76, 0x31, 0xc3, 0x28), 'topic-malformed'],
  ] as const;
  for (const [what, name, reason] of refused)
    it(`closes and audits a PUBLISH to ${what}`, async () => {
      const { broker, ledger, log, signIn } = await startBench();
      const client = await signIn('G-1');
      client.send(publishPacket(name, 'x'));
      await client.closed();
      expect(client.received().length).toBe(CONNACK_BYTES);
      expect(broker.stats().refused[reason]).toBe(1);
      expect(ledger.audited).toMatchObject([
        { actor: 'G-1', action: 'mqtt.refused', detail: { reason, address: '127.0.0.1' } },
      ]);
      expect(log.texts('telemetry')).toEqual([]);
    });

  it('closes on packet id 0', async () => {
    const { broker, signIn } = await startBench();
    const client = await signIn('G-1');
    client.send(publishPacket(topic('G-1', 'telemetry'), 'x', { id: 0 }));
    await client.closed();
    expect(broker.stats().refused['packet-id-zero']).toBe(1);
  });

  it('lets a gateway speak for its machines, each on its site, and for no other', async () => {
    const { ledger, broker, log, signIn } = await startBench();
    ledger.provision('GW', 'correct-horse', [
      { id: 'A', site: 'north' },
      { id: 'B', site: 'south' },
    ]);
    const client = await signIn('GW');
    client.send(
      publishPacket('v1/north/A/status', 'a', { id: 1 }),
      publishPacket('v1/south/B/status', 'b', { id: 2 }),
    );
    await client.receive(CONNACK_BYTES + 8);
    expect(log.texts('status')).toEqual(['a', 'b']);
    expect(log.controls()[0]).toMatchObject({ type: 'connected', equipment: ['A', 'B'] });
    client.send(publishPacket('v1/south/A/status', 'a', { id: 3 }));
    await client.closed();
    expect(broker.stats().refused['topic-not-own']).toBe(1);
  });

  it('keeps no retained message and forwards none', async () => {
    const { broker, signIn } = await startBench();
    const client = await signIn('G-1');
    client.send(publishPacket(topic('G-1', 'status'), '{"online":true}', { id: 1, retain: true }));
    await client.receive(CONNACK_BYTES + 4);
    expect(broker.stats()).toMatchObject({ retained: 1, messages: { status: 1 } });
  });
});
