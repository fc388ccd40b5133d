import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { afterAll, expect, test } from 'vitest';
import {
  connectMachine,
  everything,
  newDataDir,
  newEnv,
  precall,
  type Service,
  startService,
  tokenOf,
  until,
} from './service.ts';

/**
 * The promise in one test: QoS 1 readings of many machines while the process is killed with SIGKILL.
 * Every acknowledged one is stored exactly once, every fault becomes exactly one ticket.
 */
const READINGS = Number(process.env.CRASH_READINGS ?? 10_000);
const KILLS = Number(process.env.CRASH_KILLS ?? 2);
const MACHINES = Number(process.env.CRASH_MACHINES ?? 10);
const FAULTS = 20;
/** Messages of one machine under way at once. */
const IN_FLIGHT = Math.ceil(200 / MACHINES);

const EACH = READINGS / MACHINES;
const STEP_MS = 100;
const currentOf = (seq: number): number => 9 + (seq % 7) / 100;

let service: Service | null = null;
const clients: MqttClient[] = [];
afterAll(async () => {
  for (const client of clients) client.end(true);
  await service?.kill('SIGKILL');
});

interface StoredReading {
  readonly seq: number;
  readonly values: { readonly hoistCurrentA: number };
}

const readingsOf = (current: Service, token: string, id: string): Promise<StoredReading[]> =>
  everything(current, token, `/equipment/${id}/readings?unit=bay1&from=0&to=${Date.now() + 60_000}&`);

interface Machine {
  readonly id: string;
  readonly client: MqttClient;
}

const addMachines = async (env: Record<string, string>, folder: string): Promise<Map<string, string>> => {
  const ids = Array.from({ length: MACHINES }, (_, i) => `g${i + 1}`);
  const file = join(folder, 'machines.csv');
  await writeFile(file, ['id,site,model', ...ids.map((id) => `${id},s1,PSH-7`)].join('\n'));
  const { stdout } = await precall(['equipment', 'import', file, '--json'], env);
  const added = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; secret: string });
  return new Map(added.map(({ id, secret }) => [id, secret]));
};

const connect = (url: string, id: string, secret: string): Machine => {
  const client = connectMachine(url, id, secret);
  clients.push(client);
  return { id, client };
};

test(`${READINGS} readings of ${MACHINES} machines and ${FAULTS} faults survive ${KILLS} SIGKILLs: nothing acknowledged is lost or doubled`, {
  timeout: 240_000,
}, async () => {
  const dataDir = await newDataDir();
  const env = await newEnv(dataDir);
  service = await startService('serve', env);
  const secrets = await addMachines(env, dataDir);
  expect(secrets.size).toBe(MACHINES);
  const token = await tokenOf(env, 'admin');
  const url = service.mqtt;
  const machines = [...secrets].map(([id, secret]) => connect(url, id, secret));

  const t0 = Date.now() - EACH * STEP_MS;
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
  const publish = async ({ id, client }: Machine, topic: string, body: object): Promise<void> => {
    await client.publishAsync(`v1/s1/${id}/${topic}`, JSON.stringify(body), { qos: 1 });
    acknowledged += 1;
    if (acknowledged >= (killAt[0] ?? Number.POSITIVE_INFINITY)) {
      killAt.shift();
      restarting = restarting.then(restart);
    }
  };

  /** Faults of the whole town, told to one machine after the other. */
  const everyFault = Math.floor(READINGS / FAULTS);
  let faults = 0;
  let sent = 0;
  const run = async (machine: Machine): Promise<void> => {
    let next = 0;
    const sender = async (): Promise<void> => {
      while (next < EACH) {
        const seq = next++;
        const ts = t0 + seq * STEP_MS;
        sent += 1;
        const isFault = sent >= everyFault * faults && faults < FAULTS;
        const unit = `bay${100 + faults}`;
        if (isFault) faults += 1;
        const values = { hoistCurrentA: currentOf(seq) };
        await publish(machine, 'telemetry', { ts, seq, unit: 'bay1', values });
        if (isFault) await publish(machine, 'fault', { ts, seq, unit, code: 'G06', active: true });
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
  };
  await Promise.all(machines.map(run));
  await restarting;
  expect(restarts).toBe(KILLS);
  expect(faults).toBe(FAULTS);
  expect(acknowledged).toBe(READINGS + FAULTS);

  const current = service;
  for (const { id } of machines) {
    const stored = await until(
      `every reading of ${id} is stored`,
      async () => {
        const rows = await readingsOf(current, token, id);
        return rows.length >= EACH ? rows : null;
      },
      60_000,
      500,
    );
    expect(stored).toHaveLength(EACH);
    expect(new Set(stored.map((row) => row.seq)).size).toBe(EACH);
    for (const { seq, values } of stored) expect(values.hoistCurrentA).toBe(currentOf(seq));
  }

  const tickets = await until(
    'every fault has a ticket',
    async () => {
      const all = await everything<{ unit: string; cause: string }>(current, token, '/tickets?');
      return all.length >= FAULTS ? all : null;
    },
    30_000,
    200,
  );
  expect(tickets).toHaveLength(FAULTS);
  expect(new Set(tickets.map((ticket) => ticket.unit)).size).toBe(FAULTS);
  expect(tickets.every((ticket) => ticket.cause === 'G06')).toBe(true);
});
