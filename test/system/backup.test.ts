import { cp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, postgresBin, startPostgres } from '../servers/postgres.ts';
import {
  addMachine,
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

/** A backup taken while the service runs, restored into an empty machine: nothing that was acknowledged before is missing. */
type Env = Record<string, string>;

const bin = postgresBin();
let server: PostgresServer | null = null;
beforeAll(async () => {
  if (bin !== null) server = await startPostgres(bin);
});
afterAll(() => server?.stop());

const database = async (): Promise<string> => (server as PostgresServer).database();
const emptyEnv = async (more: Env = {}): Promise<Env> => ({
  ...(await newEnv(join(await newDataDir(), 'data'))),
  ...more,
});

const run = async (env: Env, ...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await precall(args, env);
  expect(code, stderr).toBe(0);
  return stdout;
};
const fails = async (env: Env, ...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await precall(args, env);
  expect(code, stdout + stderr).toBe(1);
  expect(stderr).toMatch(/^precall: .*\n$/);
  return stderr;
};

/** Publishes numbered readings one after the other until it is stopped. */
const talking = (client: MqttClient, id: string) => {
  let acknowledged = -1;
  let isOver = false;
  const talk = async (): Promise<void> => {
    for (let seq = 0; !isOver; seq++) {
      const reading = { ts: Date.now(), seq, unit: 'bay1', values: { hoistCurrentA: 10 + (seq % 7) / 10 } };
      await client.publishAsync(`v1/s1/${id}/telemetry`, JSON.stringify(reading), { qos: 1 });
      acknowledged = seq;
      await wait(2);
    }
  };
  const done = talk();
  return {
    acknowledged: () => acknowledged,
    stop: async () => {
      isOver = true;
      await done;
    },
  };
};

interface Reading {
  readonly seq: number | null;
}

const sequences = async (service: Service, token: string, id: string): Promise<number[]> => {
  const rows = await everything<Reading>(service, token, `/equipment/${id}/readings?`);
  return rows.map(({ seq }) => seq ?? -1).sort((a, b) => a - b);
};

interface Ticket {
  readonly id: string;
  readonly unit: string;
  readonly openedAt: string;
}

interface Case {
  readonly from: () => Promise<Env>;
  readonly to: () => Promise<Env>;
}

const sqlite = () => emptyEnv();
const postgres = async () => emptyEnv({ PRECALL_LEDGER: await database() });

const cases: Record<string, Case> = {
  'SQLite into SQLite': { from: sqlite, to: sqlite },
  ...(bin === null
    ? {}
    : {
        'PostgreSQL into PostgreSQL': { from: postgres, to: postgres },
        'SQLite into PostgreSQL': { from: sqlite, to: postgres },
        'PostgreSQL into SQLite': { from: postgres, to: sqlite },
      }),
};

describe.each(Object.entries(cases))('%s', (_name, { from, to }) => {
  test('a backup beside a running service, and a service on what was restored', async () => {
    const env = await from();
    const folder = join(await newDataDir(), 'backup');
    let service = await startService('serve', env);
    const secret = await addMachine(env, 'g1');
    await run(env, 'user', 'add', 'li', '--role', 'dispatcher');
    const token = await tokenOf(env, 'admin');
    let client = connectMachine(service.mqtt, 'g1', secret);
    const fault = (unit: string): Promise<unknown> => {
      const body = { ts: Date.now(), unit, code: 'G06', active: true };
      return client.publishAsync('v1/s1/g1/fault', JSON.stringify(body), { qos: 1 });
    };
    const ticketsOf = (units: readonly string[]): Promise<Ticket[]> =>
      until(
        `tickets of ${units}`,
        async () => {
          const tickets = await everything<Ticket>(service, token, '/tickets?');
          const found = tickets.map(({ id, unit, openedAt }) => ({ id, unit, openedAt }));
          return units.every((unit) => found.some((ticket) => ticket.unit === unit)) && found;
        },
        30_000,
      );
    const talk = talking(client, 'g1');
    await fault('bay1');
    const before = await ticketsOf(['bay1']);
    await until('some readings', async () => talk.acknowledged() > 300, 30_000);
    const known = talk.acknowledged();
    await run(env, 'backup', folder);
    const last = talk.acknowledged();
    expect(last).toBeGreaterThan(known);
    await talk.stop();
    await client.endAsync(true);
    await service.kill('SIGKILL');

    const empty = await to();
    expect(await run(empty, 'restore', folder)).toContain('restored the backup');
    expect(await run(empty, 'user', 'list')).toContain('li');
    service = await startService('serve', empty);
    try {
      client = connectMachine(service.mqtt, 'g1', secret);
      expect(await ticketsOf(['bay1'])).toEqual(before);
      const stored = await until(
        'every reading acknowledged before the backup',
        async () => {
          const found = await sequences(service, token, 'g1');
          return found.length > known && found;
        },
        30_000,
      );
      // Without a gap and without a twin, up to where the moment of the backup was.
      expect(stored).toEqual(stored.map((_, i) => i));
      expect(stored.length - 1).toBeLessThanOrEqual(last);
      await fault('bay2');
      expect(await ticketsOf(['bay1', 'bay2'])).toHaveLength(2);
      const audit = await run(empty, 'verify');
      expect(audit).toMatch(/ok +audit/);
      expect(service.output()).not.toMatch(/another log|dropped records/);
    } finally {
      await client.endAsync(true);
      await service.kill('SIGTERM');
    }
  });
});

test('readings that were acknowledged and wait in the log are in the backup', async () => {
  const env = await emptyEnv({ PRECALL_TELEMETRY: 'influx1://127.0.0.1:1/away' });
  const folder = join(await newDataDir(), 'backup');
  let service = await startService('serve', env);
  const secret = await addMachine(env, 'g1');
  const token = await tokenOf(env, 'viewer');
  const client = connectMachine(service.mqtt, 'g1', secret);
  const talk = talking(client, 'g1');
  await until('some readings', async () => talk.acknowledged() > 100, 30_000);
  await talk.stop();
  expect(await run(env, 'backup', folder)).toContain('in InfluxDB, not in this backup');
  await client.endAsync(true);
  await service.kill('SIGTERM');
  const empty = await emptyEnv();
  await run(empty, 'restore', folder);
  service = await startService('serve', empty);
  try {
    const wanted = Array.from({ length: talk.acknowledged() + 1 }, (_, i) => i);
    await until(
      'all of them',
      async () => (await sequences(service, token, 'g1')).length >= wanted.length,
      30_000,
    );
    expect(await sequences(service, token, 'g1')).toEqual(wanted);
  } finally {
    await service.kill('SIGTERM');
  }
});

describe.each(bin === null ? ['SQLite'] : ['SQLite', 'PostgreSQL'])('verify on %s', (kind) => {
  test('beside a running service names the row that was changed, and exits with 1', async () => {
    const env = await (kind === 'SQLite' ? sqlite() : postgres());
    const service = await startService('serve', env);
    try {
      for (const id of ['g1', 'g2', 'g3']) await addMachine(env, id);
      expect(await run(env, 'verify')).toMatch(/^ok +audit +\d+ entries/m);
      const change = "update audit set subject = 'g9' where subject = 'g2'";
      if (kind === 'SQLite') {
        const db = new DatabaseSync(join(env.PRECALL_DATA as string, 'ledger.sqlite'), { timeout: 5_000 });
        db.exec(change);
        db.close();
      } else {
        const psql = new Client({ connectionString: env.PRECALL_LEDGER });
        await psql.connect();
        await psql.query(change).finally(() => psql.end());
      }
      expect(await fails(env, 'verify')).toMatch(
        /^precall: audit entry [2-4], or the hash of the one before it, was changed/,
      );
    } finally {
      await service.kill('SIGTERM');
    }
  });
});

describe('what is refused', () => {
  let env: Env;
  let folder: string;
  beforeAll(async () => {
    env = await emptyEnv();
    folder = join(await newDataDir(), 'backup');
    await addMachine(env, 'g1');
    const service = await startService('serve', env);
    await service.kill('SIGTERM');
    await run(env, 'backup', folder);
  });

  const copy = async (): Promise<string> => {
    const made = join(await newDataDir(), 'copy');
    await cp(folder, made, { recursive: true });
    return made;
  };

  test('its files are the owner’s alone, and the folder is', async () => {
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['manifest.json', 'log.sqlite', 'telemetry.sqlite', 'ledger']),
    );
    for (const file of files.filter((one) => one.isFile()))
      expect((await stat(join(file.parentPath, file.name))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test('a folder that is not empty', async () => {
    expect(await fails(env, 'backup', folder)).toMatch(/is not empty .*name a folder that is new or empty/);
  });

  test('a backup that did not finish, by both', async () => {
    const half = await copy();
    await rm(join(half, 'manifest.json'));
    expect(await fails(await emptyEnv(), 'restore', half)).toContain('no finished backup');
    expect(await fails(env, 'backup', half)).toContain('did not finish; delete it');
  });

  test('a file that was changed, and nothing is left behind', async () => {
    const bad = await copy();
    await writeFile(join(bad, 'ledger', 'credentials.jsonl.gz'), 'x');
    const empty = await emptyEnv();
    expect(await fails(empty, 'restore', bad)).toMatch(/credentials\.jsonl\.gz: .*damaged/);
    await run(empty, 'restore', folder);
  });

  test('a manifest that was changed', async () => {
    const bad = await copy();
    await writeFile(join(bad, 'manifest.json'), '{"format":1}');
    expect(await fails(await emptyEnv(), 'restore', bad)).toContain('manifest.json: is damaged');
  });

  test('a machine that is not empty, also while a service runs on it', async () => {
    expect(await fails(env, 'restore', folder)).toMatch(/is there already; a restore needs an empty machine/);
    const service = await startService('serve', env);
    try {
      expect(await fails(env, 'restore', folder)).toContain('a service is running on it');
    } finally {
      await service.kill('SIGTERM');
    }
  });

  test.skipIf(bin === null)('a database that holds a ledger', async () => {
    const url = await database();
    await run(await emptyEnv({ PRECALL_LEDGER: url }), 'equipment', 'list');
    const empty = await emptyEnv({ PRECALL_LEDGER: url });
    const words = await fails(empty, 'restore', folder);
    expect(words).toMatch(/holds a ledger already: make a new one/);
    expect(words).not.toContain('for-tests-only');
  });

  test('what a restore has left that was killed', async () => {
    const half = await emptyEnv();
    await run(half, 'restore', folder);
    await writeFile(join(half.PRECALL_DATA as string, 'restore-unfinished'), '');
    for (const command of ['serve', 'backup'])
      expect(await fails(half, command, ...(command === 'serve' ? [] : [join(folder, 'b')]))).toContain(
        'did not finish; let it end, or empty the folder',
      );
  });

  test('no folder, or one without a ledger', async () => {
    expect((await precall(['backup'], env)).code).toBe(2);
    expect(await fails(await emptyEnv(), 'backup', join(folder, 'b'))).toContain('there is no ledger at');
  });
});
