import { expect, it } from 'vitest';
import { SECRET, SITE, startBench, topic, until } from './testing/bench.ts';
import { connectPacket, connectRaw, publishPacket, subscribePacket } from './testing/raw.ts';

const CONNACK_BYTES = 4;
const stranger = { clientId: 'LAB-1' };

const enter = async (port: number, said: Parameters<typeof connectPacket>[0]) => {
  const client = await connectRaw(port);
  client.send(connectPacket(said));
  const answer = await client.receive(4);
  return { client, code: answer[3] };
};

it('is closed unless it is opened', async () => {
  const { broker } = await startBench();
  expect((await enter(broker.port, { ...stranger, username: 'LAB-1', password: 'x' })).code).toBe(4);
});

it('enters an unknown machine with the site of its first topic, and holds it to that', async () => {
  const { broker, ledger, log } = await startBench({ open: true });
  const { client, code } = await enter(broker.port, stranger);
  expect(code).toBe(0);
  client.send(
    publishPacket('v1/lab/LAB-1/status', '{"online":true,"model":"PSH-7"}', { id: 1 }),
    publishPacket('v1/lab/LAB-1/telemetry', 'two', { id: 2 }),
    publishPacket('v1/lab/LAB-1/telemetry', 'three', { id: 3 }),
  );
  await client.receive(CONNACK_BYTES + 12);
  expect(log.texts('telemetry')).toEqual(['two', 'three']);
  expect(ledger.equipmentRows.get('LAB-1')).toMatchObject({ site: 'lab', model: 'PSH-7', name: 'LAB-1' });
  expect(ledger.siteRows.get('lab')).toMatchObject({ timeZone: 'UTC' });
  client.send(publishPacket('v1/elsewhere/LAB-1/telemetry', 'x', { id: 4 }));
  await client.closed();
  // And in the next connection too.
  const again = await enter(broker.port, stranger);
  again.client.send(publishPacket('v1/elsewhere/LAB-1/telemetry', 'x', { id: 4 }));
  await again.client.closed();
  expect(broker.stats().refused['topic-not-own']).toBe(2);
  expect(broker.stats().openEquipment).toBe(1);
});

it('lets it name its place by its Last Will or its subscription as well', async () => {
  const { broker, ledger } = await startBench({ open: true });
  const will = { topic: 'v1/lab/LAB-2/status', payload: '{}' };
  expect((await enter(broker.port, { clientId: 'LAB-2', will })).code).toBe(0);
  const { client } = await enter(broker.port, { clientId: 'LAB-3' });
  client.send(subscribePacket('v1/lab/LAB-3/service'));
  await client.receive(CONNACK_BYTES + 5);
  expect([...ledger.equipmentRows.keys()]).toEqual(['LAB-2', 'LAB-3']);
});

it('still asks a machine with a credential for its secret, and gives nobody the topic of another', async () => {
  const { broker, signIn } = await startBench({ open: true });
  expect((await enter(broker.port, { clientId: 'G-1', username: 'G-1', password: 'wrong' })).code).toBe(4);
  expect((await enter(broker.port, { clientId: 'G-1' })).code).toBe(4);
  await signIn('G-1', { password: SECRET });
  const { client } = await enter(broker.port, stranger);
  client.send(publishPacket(topic('G-1', 'telemetry'), 'x'));
  await client.closed();
  expect(broker.stats().refused['topic-not-own']).toBe(1);
});

it('closes it when the machine gets a credential', async () => {
  const { broker, ledger } = await startBench({ open: true });
  const { client } = await enter(broker.port, stranger);
  ledger.provision('LAB-1', SECRET, [{ id: 'LAB-1', site: SITE }]);
  await until('the connection to close', () => client.isClosed(), 1_000);
});

it('enters only so many', async () => {
  const { broker } = await startBench({ open: true, limits: { openEquipment: 1 } });
  for (const id of ['LAB-1', 'LAB-2']) {
    const { client } = await enter(broker.port, { clientId: id });
    client.send(publishPacket(`v1/lab/${id}/telemetry`, 'x'));
    if (id === 'LAB-1') await client.receive(CONNACK_BYTES + 4);
    else await client.closed();
  }
  expect(broker.stats().refused['open-equipment-limit']).toBe(1);
});
