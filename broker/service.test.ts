import mqtt from 'mqtt';
import { expect, it } from 'vitest';
import { systemTimers } from '../time/system.ts';
import { type Bench, SECRET, SITE, startBench, topic, until } from './testing/bench.ts';
import { packet, publishPacket, subscribePacket } from './testing/raw.ts';

const NOW = 1_767_225_600_000;
const DAY_MS = 24 * 3_600_000;

const listen = async ({ broker }: Bench, id: string, options: Partial<mqtt.IClientOptions> = {}) => {
  const heard: {
    readonly topic: string;
    readonly body: unknown;
    readonly qos: number;
    readonly retain: boolean;
  }[] = [];
  const client = mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, {
    clientId: id,
    username: id,
    password: SECRET,
    reconnectPeriod: 0,
    ...options,
  });
  client.on('message', (name, payload, { qos, retain }) =>
    heard.push({ topic: name, body: JSON.parse(payload.toString()), qos, retain }),
  );
  await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject));
  return { client, heard };
};

it('tells a machine of its repairs: those of the last week when it subscribes, then each as it is said', async () => {
  const bench = await startBench({ timers: { ...systemTimers, now: () => NOW } });
  const { ledger } = bench;
  ledger.resolve({ id: 'T-old', equipment: 'G-1', site: SITE, resolvedAtMs: NOW - 8 * DAY_MS });
  ledger.resolve({ id: 'T-1', equipment: 'G-1', site: SITE, unit: 'bay7', resolvedAtMs: NOW - DAY_MS });
  ledger.resolve({ id: 'T-2', equipment: 'G-2', site: SITE, resolvedAtMs: NOW - DAY_MS });
  const { client, heard } = await listen(bench, 'G-1');
  await client.subscribeAsync(topic('G-1', 'service'), { qos: 1 });
  await until('the repair of yesterday', () => heard.length === 1);
  ledger.resolve({
    id: 'T-3',
    equipment: 'G-1',
    site: SITE,
    unit: '',
    component: 'brake',
    resolvedAtMs: NOW,
  });
  ledger.resolve({ id: 'T-4', equipment: 'G-2', site: SITE, resolvedAtMs: NOW });
  await until('the repair of now', () => heard.length === 2);
  expect(heard).toEqual([
    {
      topic: 'v1/plaza/G-1/service',
      body: { component: 'hoist', unit: 'bay7', repairedAt: NOW - DAY_MS, ticket: 'T-1' },
      qos: 1,
      retain: false,
    },
    {
      topic: 'v1/plaza/G-1/service',
      body: { component: 'brake', unit: '', repairedAt: NOW, ticket: 'T-3' },
      qos: 1,
      retain: false,
    },
  ]);
  await client.endAsync();
  await until('nobody to listen', () => bench.broker.stats().now.subscriptions === 0);
});

it('tells it where the machine is now, also where the ticket was opened on another site', async () => {
  const bench = await startBench();
  bench.ledger.provision('G-1', SECRET, [{ id: 'G-1', site: 'annex' }]);
  const { client, heard } = await listen(bench, 'G-1');
  await client.subscribeAsync('v1/annex/G-1/service', { qos: 1 });
  bench.ledger.resolve({ id: 'T-1', equipment: 'G-1', site: SITE });
  bench.ledger.resolve({ id: 'T-2', equipment: 'G-2', site: 'annex' });
  bench.ledger.resolve({ id: 'T-3', equipment: 'G-1', site: 'annex' });
  await until('both', () => heard.length >= 2);
  expect(heard.map(({ topic: name }) => name)).toEqual(['v1/annex/G-1/service', 'v1/annex/G-1/service']);
  await client.endAsync();
});

it('tells repairs and checks secrets anew when changes were missed', async () => {
  const bench = await startBench();
  const { client, heard } = await listen(bench, 'G-1');
  const other = await bench.signIn('G-2');
  await client.subscribeAsync(topic('G-1', 'service'), { qos: 1 });
  bench.ledger.loseNext();
  bench.ledger.resolve({ id: 'T-1', equipment: 'G-1', site: SITE });
  bench.ledger.revoke('G-2');
  await until('the repair', () => heard.length >= 1);
  await other.closed();
  expect(heard[0]).toMatchObject({ body: { ticket: 'T-1' } });
  await client.endAsync();
});

it('tells them again to a kept session that comes back, without a new SUBSCRIBE', async () => {
  const bench = await startBench({ timers: { ...systemTimers, now: () => NOW } });
  const first = await listen(bench, 'G-1', { clean: false });
  await first.client.subscribeAsync(topic('G-1', 'service'), { qos: 1 });
  await first.client.endAsync(true);
  bench.ledger.resolve({ id: 'T-1', equipment: 'G-1', site: SITE, resolvedAtMs: NOW });
  const second = await listen(bench, 'G-1', { clean: false, resubscribe: false });
  await until('the repair', () => second.heard.length === 1);
  await second.client.endAsync();
});

it('says nothing after UNSUBSCRIBE, nor of a ticket that was opened again', async () => {
  const bench = await startBench();
  const { client, heard } = await listen(bench, 'G-1');
  await client.subscribeAsync(topic('G-1', 'service'));
  bench.ledger.resolve({ id: 'T-1', equipment: 'G-1', site: SITE, resolvedAtMs: null });
  await client.unsubscribeAsync(topic('G-1', 'service'));
  bench.ledger.resolve({ id: 'T-2', equipment: 'G-1', site: SITE });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(heard).toEqual([]);
  expect(bench.broker.stats().now.subscriptions).toBe(0);
  await client.endAsync();
});

for (const [what, filter] of [
  ["another's service topic", 'v1/plaza/G-2/service'],
  ['everything', '#'],
  ['a wildcard over its own', 'v1/plaza/G-1/#'],
  ['a wildcard over all services', 'v1/+/+/service'],
  ['its own telemetry', 'v1/plaza/G-1/telemetry'],
  ['a shared subscription', '$share/g/v1/plaza/G-1/service'],
  ['the system topics', '$SYS/#'],
  ['a malformed filter', 'v1/#/service'],
] as const)
  it(`closes and audits a SUBSCRIBE to ${what}`, async () => {
    const { broker, ledger, signIn } = await startBench();
    const client = await signIn('G-1');
    client.send(subscribePacket(filter));
    await client.closed();
    expect(client.received().length).toBe(4);
    expect(broker.stats().refused['subscribe-not-own']).toBe(1);
    expect(ledger.audited).toMatchObject([{ actor: 'G-1', detail: { reason: 'subscribe-not-own' } }]);
  });

it('counts a SUBSCRIBE with thousands of filters as one refusal, and keeps none of them', async () => {
  const { broker, signIn } = await startBench();
  const client = await signIn('G-1', { clean: false });
  const filters = Array.from({ length: 5_000 }, (_, n) => subscribePacket(`a/${n}`).subarray(4));
  client.send(packet(0x82, Buffer.of(0, 1), ...filters));
  await client.closed();
  expect(broker.stats().refused['subscribe-not-own']).toBe(1);
  // It is not locked out by what it asked for.
  const again = await signIn('G-1', { clean: false });
  again.send(publishPacket(topic('G-1', 'telemetry'), 'x'));
  await again.receive(8);
});

it('forwards nothing that one machine publishes to another', async () => {
  const bench = await startBench();
  bench.ledger.provision('GW', SECRET, [
    { id: 'GW', site: SITE },
    { id: 'G-1', site: SITE },
  ]);
  const { client, heard } = await listen(bench, 'GW');
  await client.subscribeAsync(topic('G-1', 'service'));
  const machine = await bench.signIn('G-1');
  machine.send(publishPacket(topic('G-1', 'status'), '{}', { retain: true }));
  await machine.receive(8);
  bench.ledger.resolve({ id: 'T-1', equipment: 'G-1', site: SITE });
  await until('the repair', () => heard.length === 1);
  expect(heard[0]?.topic).toBe(topic('G-1', 'service'));
  await client.endAsync();
});
