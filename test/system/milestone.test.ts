import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandOf } from '../servers/servers.ts';
import {
  api,
  metric,
  newDataDir,
  newEnv,
  precall,
  type Service,
  startService,
  tokenOf,
  until,
} from './service.ts';

/** A foreign client takes part: `mosquitto_pub` with provisioned credentials, and everything it must not do. */
const mosquitto = commandOf('mosquitto_pub');

interface TicketRow {
  readonly id: string;
  readonly equipment: string;
  readonly unit: string;
  readonly component: string;
  readonly cause: string;
  readonly severity: string;
  readonly state: string;
}

describe.skipIf(mosquitto === null)('mosquitto_pub', () => {
  let service: Service;
  let token: string;
  const secrets = new Map<string, string>();

  const publish = (
    id: string,
    topic: string,
    message: readonly string[],
    secret: string = secrets.get(id) ?? '',
  ): Promise<{ code: number; stderr: string }> =>
    new Promise((resolve) => {
      const args = [
        '-h',
        '127.0.0.1',
        '-p',
        String(service.mqttPort),
        '-i',
        id,
        '-u',
        id,
        '-P',
        secret,
        '-q',
        '1',
        '-t',
        topic,
        ...message,
      ];
      execFile(mosquitto ?? '', args, { timeout: 10_000 }, (error, _stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stderr }),
      );
    });

  const tickets = async (equipment: string): Promise<TicketRow[]> =>
    (await api<{ items: TicketRow[] }>(service, token, `/tickets?equipment=${equipment}`)).items;

  beforeAll(async () => {
    const env = await newEnv(await newDataDir());
    service = await startService('serve', env);
    for (const id of ['garage1', 'garage2']) {
      const added = await precall(
        ['equipment', 'add', id, '--site', 'north', '--model', 'PSH-7', '--json'],
        env,
      );
      expect(added.code, added.stderr).toBe(0);
      secrets.set(id, (JSON.parse(added.stdout) as { secret: string }).secret);
    }
    token = await tokenOf(env, 'dispatcher');
  });
  afterAll(async () => {
    await service.kill('SIGKILL');
  });

  test('fault G06 becomes one ticket within 2 s, and sending it again opens no other', async () => {
    const fault = JSON.stringify({ ts: Date.now(), seq: 1, unit: 'bay7', code: 'G06', active: true });
    const sent = await publish('garage1', 'v1/north/garage1/fault', ['-m', fault]);
    expect(sent.code, sent.stderr).toBe(0);
    const [ticket] = await until(
      'a ticket for G06',
      async () => {
        const found = await tickets('garage1');
        return found.length > 0 ? found : null;
      },
      2_000,
      25,
    );
    expect(ticket).toMatchObject({
      equipment: 'garage1',
      unit: 'bay7',
      component: 'hoist',
      cause: 'G06',
      severity: 'S1',
    });
    await publish('garage1', 'v1/north/garage1/fault', ['-m', fault]);
    await publish('garage1', 'v1/north/garage1/fault', ['-m', fault.replace('"seq":1', '"seq":2')]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await tickets('garage1')).toHaveLength(1);
  });

  test('the wrong secret is refused and counted', async () => {
    const before = await metric(service, 'precall_broker_refused_total{reason="wrong-secret"}');
    const sent = await publish('garage1', 'v1/north/garage1/fault', ['-m', '{}'], 'not-the-secret');
    expect(sent.code).not.toBe(0);
    expect(await metric(service, 'precall_broker_refused_total{reason="wrong-secret"}')).toBe(before + 1);
  });

  test.each([
    ['another equipment’s topic', 'v1/north/garage2/fault'],
    ['another site', 'v1/south/garage1/fault'],
    ['a topic outside the contract', 'v2/north/garage1/fault'],
  ])('%s: not acknowledged, closed, counted', async (_what, topic) => {
    const total = async (): Promise<number> => {
      const text = await (await fetch(`${service.http}/metrics`)).text();
      return [...text.matchAll(/^precall_broker_refused_total\{[^}]*\} (\d+)$/gm)].reduce(
        (sum, match) => sum + Number(match[1]),
        0,
      );
    };
    const before = await total();
    const sent = await publish('garage1', topic, [
      '-m',
      JSON.stringify({ ts: Date.now(), code: 'G13', active: true }),
    ]);
    expect(sent.code).not.toBe(0);
    expect(await total()).toBeGreaterThan(before);
    expect((await tickets('garage2')).length).toBe(0);
  });

  test('a wildcard in the topic of a PUBLISH closes the connection', async () => {
    const connection = connect(service.mqttPort, '127.0.0.1');
    const string = (text: string): Buffer =>
      Buffer.concat([Buffer.from([text.length >> 8, text.length & 255]), Buffer.from(text)]);
    const packet = (type: number, body: Buffer): Buffer =>
      Buffer.concat([Buffer.from([type, body.length]), body]);
    const secret = secrets.get('garage1') ?? '';
    const login = Buffer.concat([
      string('MQTT'),
      Buffer.from([4, 0b1100_0010, 0, 60]),
      string('garage1'),
      string('garage1'),
      string(secret),
    ]);
    connection.write(packet(0x10, login));
    await new Promise((resolve) => connection.once('data', resolve));
    connection.write(
      packet(0x32, Buffer.concat([string('v1/north/+/fault'), Buffer.from([0, 1]), Buffer.from('{}')])),
    );
    const replies: Buffer[] = [];
    connection.on('data', (data) => replies.push(data));
    connection.on('error', () => undefined);
    await new Promise((resolve) => connection.once('close', resolve));
    expect(Buffer.concat(replies)).toHaveLength(0);
  });

  test('broken JSON is acknowledged, kept in quarantine with its reason, counted', async () => {
    const sent = await publish('garage1', 'v1/north/garage1/telemetry', ['-m', '{"ts":1,']);
    expect(sent.code, sent.stderr).toBe(0);
    const item = await until(
      'the message is in quarantine',
      async () => {
        const { items } = await api<{ items: { equipment: string; reason: string }[] }>(
          service,
          token,
          '/quarantine',
        );
        return items.find((entry) => entry.equipment === 'garage1');
      },
      5_000,
    );
    expect(item.reason).toBe('not-json');
  });

  test('a packet of 1 MiB closes the connection and stores nothing', async () => {
    const file = join(service.dataDir, 'large.json');
    await writeFile(file, 'x'.repeat(1024 * 1024));
    const sent = await publish('garage1', 'v1/north/garage1/telemetry', ['-f', file]);
    expect(sent.code).not.toBe(0);
    expect(await metric(service, 'precall_broker_refused_total{reason="packet-too-large"}')).toBe(1);
  });

  test('a revoked secret ends the live connection and the next sign-in', async () => {
    const revoked = await precall(['equipment', 'revoke', 'garage2'], service.env);
    expect(revoked.code, revoked.stderr).toBe(0);
    await until(
      'the secret is refused',
      async () => (await publish('garage2', 'v1/north/garage2/fault', ['-m', '{}'])).code !== 0,
      2_000,
    );
  });
});
