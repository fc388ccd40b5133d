import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { Client } from 'pg';
import { fleetOf } from '../../simulators/load/fleet.ts';
import { type Influx1Server, startInflux1 } from '../servers/influx1.ts';
import { type PostgresServer, startPostgres } from '../servers/postgres.ts';
import {
  connectMachine,
  newDataDir,
  newEnv,
  precall,
  type Service,
  startService,
  tokenOf,
  until,
} from './service.ts';

/** What `precall simulate --json` says at its end. */
export interface Told {
  readonly sent: number;
  readonly acked: number;
}

/** A service on both real servers, machines that make load by `precall simulate`, and one whose faults are told by hand. */
export interface Deployment {
  readonly influx: Influx1Server;
  readonly postgres: PostgresServer;
  readonly ledgerUrl: string;
  /** How long a start of the service takes on this machine just now. */
  readonly startedInMs: number;
  service(): Service;
  token(): string;
  /** kill -9 of the service, and its next start. */
  restartService(): Promise<void>;
  /** Resolves when every reading has been acknowledged, or the simulator gave up. */
  simulate(readingsPerS: number, seconds: number): Promise<Told>;
  /** Tells a fault of another unit each time. Resolves with the unit, once it is acknowledged. */
  fault(): Promise<string>;
  /** The teller says what it measured. Resolves once it is acknowledged. */
  measured(reading: object): Promise<void>;
  /** Numbers of the readings of each loading machine that lie in InfluxDB between two times. */
  numbersStored(fromMs: number, toMs: number): Promise<readonly (readonly number[])[]>;
  /** Points of the loading machines in InfluxDB, whatever their time. */
  pointsStored(): Promise<number>;
  /** Tickets in PostgreSQL of the machine whose faults are told, by unit. */
  ticketsStored(): Promise<ReadonlyMap<string, number>>;
  /** Records that the recorder has before it. */
  lag(): Promise<number>;
  stop(): Promise<void>;
}

interface Answer {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly values: readonly (readonly number[])[] }[];
  }[];
}

/** Says faults, and nothing else unless a test lets it. */
export const TELLER = 'teller';
/** PostgreSQL may still be recovering. */
const RESTART_MS = 90_000;
const TELLER_MODEL = 'PSH-7';
/** Of every class in turn, as `precall simulate` itself would make them up. */
const FLEET = fleetOf(50);

/** Adds the machines. Returns their lines as `precall simulate --secrets` reads them, and the teller's secret. */
const addMachines = async (env: Readonly<Record<string, string>>, folder: string) => {
  const list = join(folder, 'machines.csv');
  const rows = FLEET.map(({ id, site, model }) => `${id},${site},${model}`);
  await writeFile(list, ['id,site,model', ...rows, `${TELLER},s1,${TELLER_MODEL}`].join('\n'));
  const { stdout, stderr, code } = await precall(['equipment', 'import', list, '--json'], env);
  if (code !== 0) throw new Error(stderr);
  const lines = stdout.trim().split('\n');
  const secrets = join(folder, 'secrets.jsonl');
  await writeFile(secrets, lines.filter((line) => JSON.parse(line).id !== TELLER).join('\n'));
  const teller = lines.map((line) => JSON.parse(line)).find(({ id }) => id === TELLER);
  return { secrets, secret: (teller as { readonly secret: string }).secret };
};

export const startDeployment = async (influxd: string, postgresBin: string): Promise<Deployment> => {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.reverse()) await one();
  };
  try {
    const influx = await startInflux1(influxd);
    stops.push(influx.stop);
    const postgres = await startPostgres(postgresBin);
    stops.push(postgres.stop);
    const ledgerUrl = await postgres.database();
    const folder = await newDataDir();
    const env = {
      ...(await newEnv(folder)),
      PRECALL_TELEMETRY: `influx1://precall:for-tests-only@${influx.host}/precall`,
      PRECALL_LEDGER: ledgerUrl,
    };
    const { secrets, secret } = await addMachines(env, folder);
    const beforeMs = performance.now();
    let service = await startService('serve', env);
    const startedInMs = performance.now() - beforeMs;
    stops.push(() => service.kill('SIGKILL'));
    const token = await tokenOf(env, 'admin');
    const teller: MqttClient = connectMachine(service.mqtt, TELLER, secret);
    stops.push(() => teller.endAsync(true));
    let units = 0;

    const ask = async (influxQl: string): Promise<readonly (readonly number[])[]> => {
      const query = new URLSearchParams({ db: 'precall', epoch: 'ns', q: influxQl });
      const answer = await fetch(`http://${influx.host}/query?${query}`);
      const [result] = ((await answer.json()) as Answer).results;
      if (result?.error) throw new Error(result.error);
      return result?.series?.flatMap(({ values }) => values) ?? [];
    };

    return {
      influx,
      postgres,
      ledgerUrl,
      startedInMs,
      service: () => service,
      token: () => token,
      restartService: async () => {
        await service.kill('SIGKILL');
        service = await startService('serve', env, RESTART_MS);
      },
      simulate: async (readingsPerS, seconds) => {
        const args = ['--url', service.mqtt, '--secrets', secrets, '--rate', String(readingsPerS), '--json'];
        const ran = await precall(['simulate', ...args, '--duration', `${seconds}s`]);
        if (ran.code !== 0) throw new Error(ran.stderr);
        return JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as Told;
      },
      fault: async () => {
        units += 1;
        const unit = `bay${units}`;
        const body = { ts: Date.now(), seq: units, unit, code: 'G06', active: true };
        await teller.publishAsync(`v1/s1/${TELLER}/fault`, JSON.stringify(body), { qos: 1 });
        return unit;
      },
      measured: async (reading) => {
        await teller.publishAsync(`v1/s1/${TELLER}/telemetry`, JSON.stringify(reading), { qos: 1 });
      },
      numbersStored: async (fromMs, toMs) => {
        const numbers: number[][] = [];
        for (const { id } of FLEET) {
          const span = `time >= ${fromMs}ms AND time < ${toMs}ms`;
          const rows = await ask(`SELECT "seq." FROM reading WHERE equipment = '${id}' AND ${span}`);
          numbers.push(rows.map(([, seq]) => seq as number));
        }
        return numbers;
      },
      pointsStored: async () =>
        (await ask(`SELECT count("receivedAtMs.") FROM reading WHERE equipment != '${TELLER}'`))[0]?.[1] ?? 0,
      ticketsStored: async () => {
        const psql = new Client({ connectionString: ledgerUrl });
        await psql.connect();
        const sql = 'select unit, count(*)::int as tickets from tickets where equipment = $1 group by unit';
        const { rows } = await psql
          .query<{ unit: string; tickets: number }>(sql, [TELLER])
          .finally(() => psql.end());
        return new Map(rows.map(({ unit, tickets }) => [unit, tickets]));
      },
      lag: () =>
        until(
          'the recorder says how far it is',
          async () => {
            // Absent while the ledger is away, which must not pass for none.
            const text = await (await fetch(`${service.http}/metrics`)).text();
            const found = /^precall_reader_lag_records\{reader="recorder",partition="0"\} (\d+)$/m.exec(text);
            return found && { records: Number(found[1]) };
          },
          30_000,
        ).then(({ records }) => records),
      stop,
    };
  } catch (cause) {
    await stop();
    throw cause;
  }
};
