import mqtt from 'mqtt';
import { afterAll, expect, test } from 'vitest';
import { api, newDataDir, newEnv, precall, type Service, startService, tokenOf, until } from './service.ts';

/**
 * The promise in one test: 10,000 QoS 1 readings while the process is killed twice with SIGKILL.
 * Every acknowledged one is stored exactly once, every fault becomes exactly one ticket.
 */
const READINGS = Number(process.env.CRASH_READINGS ?? 10_000);
const KILLS = Number(process.env.CRASH_KILLS ?? 2);
const FAULTS = 20;
const IN_FLIGHT = 200;

let service: Service | null = null;
afterAll(async () => {
  await service?.kill('SIGKILL');
});

interface StoredReading {
  readonly seq: number;
  readonly values: { readonly hoistCurrentA: number };
}

const readAll = async (current: Service, token: string): Promise<StoredReading[]> => {
  const rows: StoredReading[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: { items: StoredReading[]; next: string | null } = await api(
      current,
      token,
      `/equipment/g1/readings?unit=bay1&from=0&to=${Date.now() + 60_000}&limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    );
    rows.push(...page.items);
    cursor = page.next;
  }
  return rows;
};

test('10,000 readings and 20 faults survive two SIGKILLs: nothing acknowledged is lost or doubled', {
  timeout: 240_000,
}, async () => {
  const env = await newEnv(await newDataDir());
  service = await startService('serve', env);
  const added = await precall(['equipment', 'add', 'g1', '--site', 's1', '--model', 'PSH-7', '--json'], env);
  const { secret } = JSON.parse(added.stdout) as { secret: string };
  const token = await tokenOf(env, 'admin');

  const client = mqtt.connect(service.mqtt, {
    clientId: 'g1',
    username: 'g1',
    password: secret,
    reconnectPeriod: 100,
    connectTimeout: 3_000,
  });
  client.on('error', () => undefined);
  client.on('connect', () =>
    (client.stream as unknown as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true),
  );

  const t0 = Date.now() - READINGS * 100;
  let acknowledged = 0;
  const killAt = Array.from({ length: KILLS }, (_, index) =>
    Math.round((READINGS * (index + 1)) / (KILLS + 1)),
  );
  let restarts = 0;
  const restart = async (): Promise<void> => {
    await service?.kill('SIGKILL');
    service = await startService('serve', env);
    restarts += 1;
  };
  let restarting: Promise<void> = Promise.resolve();
  const publish = async (topic: string, body: object): Promise<void> => {
    await client.publishAsync(`v1/s1/g1/${topic}`, JSON.stringify(body), { qos: 1 });
    acknowledged += 1;
    if (acknowledged >= (killAt[0] ?? Number.POSITIVE_INFINITY)) {
      killAt.shift();
      restarting = restarting.then(restart);
    }
  };

  let next = 0;
  const everyFault = Math.floor(READINGS / FAULTS);
  const sender = async (): Promise<void> => {
    while (next < READINGS) {
      const seq = next++;
      const ts = t0 + seq * 100;
      await publish('telemetry', { ts, seq, unit: 'bay1', values: { hoistCurrentA: 9 + (seq % 7) / 100 } });
      if (seq % everyFault === 0)
        await publish('fault', { ts, seq, unit: `bay${100 + seq / everyFault}`, code: 'G06', active: true });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
  await restarting;
  await client.endAsync(true);
  expect(restarts).toBe(KILLS);
  expect(acknowledged).toBe(READINGS + FAULTS);

  const current = service;
  const stored = await until(
    'every reading is stored',
    async () => {
      const rows = await readAll(current, token);
      return rows.length >= READINGS ? rows : null;
    },
    60_000,
    500,
  );
  expect(stored).toHaveLength(READINGS);
  expect(new Set(stored.map((row) => row.seq)).size).toBe(READINGS);
  for (const { seq, values } of stored) expect(values.hoistCurrentA).toBe(9 + (seq % 7) / 100);

  const tickets = await until(
    'every fault has a ticket',
    async () => {
      const { items } = await api<{ items: { unit: string; cause: string }[] }>(
        current,
        token,
        '/tickets?limit=500',
      );
      return items.length >= FAULTS ? items : null;
    },
    30_000,
    200,
  );
  expect(tickets).toHaveLength(FAULTS);
  expect(new Set(tickets.map((ticket) => ticket.unit)).size).toBe(FAULTS);
  expect(tickets.every((ticket) => ticket.cause === 'G06')).toBe(true);
});
