import mqtt from 'mqtt';
import { describe, expect, it } from 'vitest';
import { SECRET, SITE, startBench, topic, until } from './testing/bench.ts';
import { connectPacket, connectRaw, puback, publishPacket, type RawConnect } from './testing/raw.ts';

const CONNACK_BYTES = 4;

const right: RawConnect = { clientId: 'G-1', username: 'G-1', password: SECRET };

/** Sends a CONNECT that must be refused; returns CONNACK's code. */
const refusedWith = async (port: number, said: RawConnect): Promise<number | undefined> => {
  const client = await connectRaw(port);
  client.send(connectPacket(said));
  await client.closed();
  expect(client.received().length).toBe(4);
  return client.received()[3];
};

describe('who may come in', () => {
  const cases: readonly (readonly [string, Partial<RawConnect>, number, string])[] = [
    ['a wrong secret', { password: 'guessed' }, 4, 'wrong-secret'],
    ['an unknown id', { clientId: 'G-9', username: 'G-9' }, 4, 'unknown-identity'],
    ["another's name", { username: 'G-2' }, 5, 'username-not-client-id'],
    ['MQTT 5', { level: 5 }, 1, 'protocol-version'],
    ['MQTT 3.1', { level: 3 }, 1, 'protocol-version'],
    ['a zero-length client id', { clientId: '', clean: true }, 2, 'client-id-malformed'],
    ['U+0000 in the client id', { clientId: 'G-1\0', username: 'G-1\0' }, 2, 'client-id-malformed'],
    ['a client id that is no id', { clientId: 'G 1', username: 'G 1' }, 2, 'client-id-malformed'],
    [
      'a client id of 65 signs',
      { clientId: 'x'.repeat(65), username: 'x'.repeat(65) },
      2,
      'client-id-malformed',
    ],
    [
      "a Last Will on another's topic",
      { will: { topic: topic('G-2', 'status'), payload: '{}' } },
      5,
      'will-not-own',
    ],
    [
      'a Last Will on a wildcard',
      { will: { topic: `v1/${SITE}/+/status`, payload: '{}' } },
      5,
      'will-not-own',
    ],
    [
      'a Last Will on its service topic',
      { will: { topic: topic('G-1', 'service'), payload: '{}' } },
      5,
      'will-not-own',
    ],
  ];
  for (const [what, said, code, reason] of cases)
    it(`answers ${what} with CONNACK ${code}, counts and audits it`, async () => {
      const { broker, ledger, log } = await startBench();
      expect(await refusedWith(broker.port, { ...right, ...said })).toBe(code);
      expect(broker.stats().refused).toMatchObject({ [reason]: 1 });
      expect(ledger.audited).toMatchObject([{ action: 'mqtt.refused', detail: { reason } }]);
      expect(JSON.stringify(ledger.audited)).not.toContain(String(said.password ?? SECRET));
      expect(log.records).toEqual([]);
    });

  it('refuses who names no user and no secret', async () => {
    const { broker } = await startBench();
    expect(await refusedWith(broker.port, { clientId: 'G-1' })).toBe(5);
    expect(await refusedWith(broker.port, { clientId: 'G-1', username: 'G-1' })).toBe(4);
    expect(broker.stats().refused).toMatchObject({ 'username-not-client-id': 1, 'wrong-secret': 1 });
  });

  it('closes without an answer while the ledger cannot be read, and remembers nothing wrong', async () => {
    const { broker, ledger, signIn } = await startBench();
    ledger.breakDown(true);
    const client = await connectRaw(broker.port);
    client.send(connectPacket(right));
    await client.closed();
    expect(client.received().length).toBe(0);
    expect(broker.stats().refused['ledger-unavailable']).toBe(1);
    ledger.breakDown(false);
    await signIn('G-1');
    expect(ledger.audited).toEqual([]);
  });

  it('asks the ledger once for a machine that comes often', async () => {
    const { ledger, signIn } = await startBench();
    (await signIn('G-1')).socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = ledger.lookUps();
    for (let n = 0; n < 5; n++) (await signIn('G-1')).socket.destroy();
    expect(ledger.lookUps()).toBe(before);
  });

  it('writes a thousand wrong secrets into the audit as a few lines with their count', async () => {
    const { broker, ledger } = await startBench({ limits: { auditMs: 400 } });
    for (let n = 0; n < 100; n++) await refusedWith(broker.port, { ...right, password: `guess-${n}` });
    await until('the sum', () => ledger.audited.length >= 2);
    const counts = ledger.audited.map(({ detail }) => Number(detail.count));
    expect(counts.reduce((sum, count) => sum + count)).toBe(100);
    expect(counts.length).toBeLessThan(10);
    expect(broker.stats().refused['wrong-secret']).toBe(100);
  });
});

describe('a secret that is taken back', () => {
  it('closes the live connection at once when revoked, and lets nobody in with it', async () => {
    const { broker, ledger, signIn, log } = await startBench();
    const will = { topic: topic('G-1', 'status'), payload: '{"online":false}' };
    const client = await signIn('G-1', { will });
    ledger.revoke('G-1');
    await until('the connection to close', () => client.isClosed(), 1_000);
    expect(await refusedWith(broker.port, right)).toBe(4);
    expect(broker.stats().refused).toMatchObject({ 'credential-changed': 1, revoked: 1 });
    expect(ledger.audited).toMatchObject([
      { actor: 'G-1', detail: { reason: 'credential-changed' } },
      { actor: 'G-1', detail: { reason: 'revoked' } },
    ]);
    // Its word counts no more, but that it left does.
    await until('its leaving', () => log.controls().length === 2);
    expect(log.texts('status')).toEqual([]);
    expect(broker.stats().willsDropped).toBe(1);
  });

  it('closes the live connection when rotated, and takes the new secret only', async () => {
    const { broker, ledger, signIn } = await startBench();
    const client = await signIn('G-1');
    const other = await signIn('G-2');
    ledger.provision('G-1', 'new-secret', [{ id: 'G-1', site: SITE }]);
    await until('the connection to close', () => client.isClosed(), 1_000);
    expect(await refusedWith(broker.port, right)).toBe(4);
    await signIn('G-1', { password: 'new-secret' });
    expect(other.isClosed()).toBe(false);
  });

  it('closes a gateway whose machines changed, and not one that stays as it is', async () => {
    const { ledger, signIn } = await startBench();
    const client = await signIn('G-1');
    ledger.provision('G-1', SECRET, [{ id: 'G-1', site: SITE }]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.isClosed()).toBe(false);
    ledger.provision('G-1', SECRET, [{ id: 'G-1', site: 'moved' }]);
    await until('the connection to close', () => client.isClosed(), 1_000);
  });

  it('lets a machine in that was refused a moment ago and has been entered since', async () => {
    const { broker, ledger, signIn } = await startBench();
    expect(await refusedWith(broker.port, { ...right, clientId: 'G-3', username: 'G-3' })).toBe(4);
    ledger.provision('G-3', SECRET, [{ id: 'G-3', site: SITE }]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await signIn('G-3');
  });

  it('closes rather than trusts when a change cannot be read', async () => {
    const { broker, ledger, signIn } = await startBench();
    const client = await signIn('G-1');
    // The change itself is read, the credential is not.
    ledger.credentials.get = () => Promise.reject(new Error('down'));
    ledger.revoke('G-1');
    await until('the connection to close', () => client.isClosed(), 1_000);
    expect(broker.stats().refused['ledger-unavailable']).toBe(1);
  });
});

describe('mqtt.js', () => {
  const url = (port: number): string => `mqtt://127.0.0.1:${port}`;
  const options = { clientId: 'G-1', username: 'G-1', password: SECRET, reconnectPeriod: 0 } as const;

  const firstError = (client: mqtt.MqttClient): Promise<number | string> =>
    new Promise((resolve) =>
      client.once('error', (error) => resolve((error as { code?: number }).code ?? error.message)),
    );

  it('publishes at all three qualities', async () => {
    const { broker, log } = await startBench();
    const client = await mqtt.connectAsync(url(broker.port), options);
    for (const qos of [0, 1, 2] as const)
      await client.publishAsync(topic('G-1', 'telemetry'), `qos ${qos}`, { qos });
    await client.endAsync();
    expect(log.texts('telemetry')).toEqual(['qos 0', 'qos 1', 'qos 2']);
    await until('its leaving', () => log.controls().length === 2);
  });

  it('is refused cleanly with MQTT 5', async () => {
    const { broker } = await startBench();
    const client = mqtt.connect(url(broker.port), { ...options, protocolVersion: 5 });
    expect(await firstError(client)).toBe(1);
    expect(broker.stats().refused['protocol-version']).toBe(1);
    await client.endAsync(true);
  });

  it('is told of a wrong secret', async () => {
    const { broker } = await startBench();
    const client = mqtt.connect(url(broker.port), { ...options, password: 'wrong' });
    expect(await firstError(client)).toBe(4);
    await client.endAsync(true);
  });

  it('sends again by itself what a full log did not take', async () => {
    const { broker, log } = await startBench({ limits: { fullPauseMs: 50 } });
    const client = await mqtt.connectAsync(url(broker.port), { ...options, reconnectPeriod: 20 });
    log.fill(true);
    const acknowledged = client.publishAsync(topic('G-1', 'telemetry'), 'patience', { qos: 1 });
    await until('some refusals', () => broker.stats().refused['log-full'] >= 3);
    log.fill(false);
    await acknowledged;
    expect(log.texts('telemetry')).toEqual(['patience']);
    await client.endAsync();
  });
});

it('names the setting when the port is taken', async () => {
  const { broker } = await startBench();
  await expect(startBench({ listen: { host: '127.0.0.1', port: broker.port } })).rejects.toThrow(
    'PRECALL_MQTT',
  );
});

it('closes in order: everybody is told to leave, and all that was taken is logged', async () => {
  const { broker, log, signIn } = await startBench();
  const will = { topic: topic('G-1', 'status'), payload: '{"online":false}' };
  const client = await signIn('G-1', { will });
  log.hold();
  client.send(publishPacket(topic('G-1', 'telemetry'), 'last', { id: 5 }));
  await until('the append', () => log.waiting() === 1);
  const closed = broker.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  log.release();
  await closed;
  await client.closed();
  expect(client.received().subarray(CONNACK_BYTES)).toEqual(puback(5));
  expect(log.texts('telemetry')).toEqual(['last']);
  expect(log.controls().map(({ type }) => type)).toEqual(['connected', 'disconnected']);
  // The machine did not vanish, we did.
  expect(log.texts('status')).toEqual([]);
});
