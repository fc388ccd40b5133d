import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Influx1Server, startInflux1 } from '../servers/influx1.ts';
import { commandOf } from '../servers/servers.ts';
import {
  addMachine,
  api,
  connectMachine,
  everything,
  newDataDir,
  newEnv,
  type Service,
  startService,
  tokenOf,
  until,
} from './service.ts';

/** The service as a process, its telemetry in a real InfluxDB that goes away and comes back. */
const influxd = commandOf('influxd');
const run = promisify(execFile);

interface StoredReading {
  readonly seq: number;
  readonly values: { readonly hoistCurrentA: number };
}

describe.skipIf(influxd === null)('telemetry in InfluxDB', () => {
  let influx: Influx1Server;
  let service: Service;
  let client: MqttClient;
  let token: string;
  let env: Record<string, string>;
  let sent = 0;
  const t0 = Date.now() - 3_600_000;

  const currentOf = (seq: number): number => 9 + (seq % 7) / 100;
  /** Readings of one a second, each acknowledged. */
  const say = async (count: number): Promise<void> => {
    const all = Array.from({ length: count }, () => {
      const seq = sent++;
      const reading = { ts: t0 + seq * 1_000, seq, unit: 'bay1', values: { hoistCurrentA: currentOf(seq) } };
      return client.publishAsync('v1/s1/g1/telemetry', JSON.stringify(reading), { qos: 1 });
    });
    await Promise.all(all);
  };
  const stored = (): Promise<StoredReading[]> =>
    everything(
      service,
      token,
      `/equipment/g1/readings?unit=bay1&metric=hoistCurrentA&from=0&to=${Date.now()}&`,
    );
  const untilStored = (count: number): Promise<StoredReading[]> =>
    until(
      `${count} readings are stored`,
      async () => {
        const rows = await stored();
        return rows.length >= count ? rows : null;
      },
      60_000,
      300,
    );
  const readyz = async (): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${service.http}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };

  beforeAll(async () => {
    influx = await startInflux1(influxd as string);
    env = {
      ...(await newEnv(await newDataDir())),
      PRECALL_TELEMETRY: `influx1://precall:for-tests-only@${influx.host}/precall`,
    };
    service = await startService('serve', env);
    const secret = await addMachine(env, 'g1');
    token = await tokenOf(env, 'admin');
    client = connectMachine(service.mqtt, 'g1', secret);
  });
  afterAll(async () => {
    await client?.endAsync(true);
    await service?.kill('SIGTERM');
    await influx?.stop();
  });

  test('what equipment says is in the database, as the docs say, and on the API', async () => {
    await say(300);
    const rows = await untilStored(300);
    expect(rows.map(({ seq, values }) => [seq, values.hoistCurrentA])).toEqual(
      Array.from({ length: 300 }, (_, seq) => [seq, currentOf(seq)]),
    );
    const [host, port] = influx.host.split(':') as [string, string];
    const { stdout } = await run('influx', [
      ...['-host', host, '-port', port, '-database', 'precall', '-format', 'csv', '-execute'],
      `SELECT count("hoistCurrentA") FROM reading WHERE equipment = 'g1' AND unit = 'bay1'`,
    ]);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/,300$/);
  });

  test('while it is gone readings are acknowledged, tickets open, and the service says what is wrong', async () => {
    await influx.kill();
    try {
      await say(200);
      const told = Date.now();
      const fault = { ts: told, unit: 'bay2', code: 'G06', active: true };
      await client.publishAsync('v1/s1/g1/fault', JSON.stringify(fault), { qos: 1 });
      await until(
        'a ticket opens though nothing can be stored',
        async () => {
          const { items } = await api<{ items: { unit: string }[] }>(service, token, '/tickets?limit=10');
          return items.some(({ unit }) => unit === 'bay2') ? true : null;
        },
        5_000,
        100,
      );
      const { status, text } = await readyz();
      expect(status).toBe(200);
      expect(text).toMatch(/readings wait in the log, the telemetry store does not answer/);
      expect(text + service.output()).not.toContain('for-tests-only');
    } finally {
      await influx.start();
    }
    expect(await untilStored(500)).toHaveLength(500);
    expect((await readyz()).text).not.toMatch(/wait in the log/);
  });

  test('killed with SIGKILL it goes on where it was: nothing is lost, nothing twice', async () => {
    await say(200);
    await service.kill('SIGKILL');
    service = await startService('serve', env);
    await say(100);
    const rows = await untilStored(800);
    expect(rows).toHaveLength(800);
    expect(new Set(rows.map(({ seq }) => seq)).size).toBe(800);
  });
});
