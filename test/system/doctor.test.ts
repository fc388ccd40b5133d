import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startInflux1 } from '../servers/influx1.ts';
import { type PostgresServer, postgresBin, startPostgres } from '../servers/postgres.ts';
import { freePort } from '../servers/process.ts';
import { commandOf } from '../servers/servers.ts';
import { newDataDir, newEnv, precall, startService } from './service.ts';

/** What an operator runs when something is wrong: it must answer then, and say the mend. */
type Env = Record<string, string>;
interface Finding {
  readonly check: string;
  readonly state: string;
  readonly detail: string;
  readonly mend?: string;
}

const emptyEnv = async (more: Env = {}): Promise<Env> => ({
  ...(await newEnv(join(await newDataDir(), 'data'))),
  ...more,
});

const examine = async (env: Env) => {
  const startMs = Date.now();
  const { code, stdout, stderr } = await precall(['doctor', '--json'], env);
  const { checks } = JSON.parse(stdout) as { readonly checks: readonly Finding[] };
  const of = (state: string): string[] =>
    checks
      .filter((one) => one.state === state)
      .map(({ check, detail, mend }) => `${check}: ${detail}; ${mend}`);
  return { code, stderr, stdout, checks, fails: of('fail'), warns: of('warn'), tookMs: Date.now() - startMs };
};

const listening = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

const bin = postgresBin();
const influxd = commandOf('influxd');
let postgres: PostgresServer | null = null;
beforeAll(async () => {
  if (bin !== null) postgres = await startPostgres(bin);
});
afterAll(() => postgres?.stop());

test('a machine before its first start is well, and nothing is made there', async () => {
  const env = await emptyEnv();
  const { code, checks } = await examine(env);
  expect(code).toBe(0);
  expect(checks.map(({ check, state }) => `${check} ${state}`)).toEqual([
    ...['node ok', 'config ok', 'data ok', 'log ok', 'ledger ok', 'clock ok', 'telemetry ok'],
    ...['disk ok', 'port ok', 'port ok'],
  ]);
  expect(() => execFileSync('ls', [env.PRECALL_DATA as string], { stdio: 'ignore' })).toThrow();
});

test('beside a running service it knows its ports; another program’s it does not', async () => {
  const env = await emptyEnv();
  const service = await startService('serve', env);
  try {
    const beside = await examine(env);
    expect(beside.fails).toEqual([]);
    expect(beside.checks.filter(({ check }) => check === 'port').map(({ detail }) => detail)).toEqual([
      `PRECALL_HTTP=${env.PRECALL_HTTP} is held by the running service`,
      `PRECALL_MQTT=${env.PRECALL_MQTT} is held by the running service`,
    ]);
    expect(beside.checks.at(-1)).toEqual({ check: 'service', state: 'ok', detail: 'runs and is ready' });
    const elsewhere = await examine({ ...env, PRECALL_HTTP: `127.0.0.1:${await freePort()}` });
    expect(elsewhere.warns.join()).toContain('a service runs on the log');
    const others = await examine({ ...(await emptyEnv()), PRECALL_HTTP: env.PRECALL_HTTP as string });
    expect(others.fails.join()).toContain('held by another program, or by a Precall with other data');
    process.kill(service.pid, 'SIGSTOP');
    const hanging = await examine(env);
    process.kill(service.pid, 'SIGCONT');
    expect(hanging.fails.join()).toMatch(
      /^port: PRECALL_HTTP=.* does not answer at \/readyz; restart the service/,
    );
  } finally {
    await service.kill('SIGTERM');
  }
  const other = createServer();
  const port = await listening(other);
  const held = await examine({ ...env, PRECALL_MQTT: `127.0.0.1:${port}` });
  other.close();
  expect(held.code).toBe(1);
  expect(held.fails).toEqual([
    `port: PRECALL_MQTT=127.0.0.1:${port} is held by another program, or by a Precall with other data; stop that one, or set PRECALL_MQTT to another port`,
  ]);
  expect(held.stderr).toMatch(/^precall: PRECALL_MQTT=.*\n$/);
  const nowhere = await examine({ ...env, PRECALL_HTTP: '192.0.2.1:80' });
  expect(nowhere.fails.join()).toContain("can't listen there (EADDRNOTAVAIL)");
});

test('settings that can not be read are a finding, too', async () => {
  const { code, fails, stdout } = await examine(await emptyEnv({ PRECALL_HTTP: 'nonsense' }));
  expect(code).toBe(1);
  expect(fails.join()).toContain('PRECALL_HTTP=nonsense: give host:port');
  expect(stdout.split('\n')).toHaveLength(2);
});

test('a file that others may read, a clock that went backwards', async () => {
  const env = await emptyEnv();
  await precall(['equipment', 'add', 'g1', '--site', 's1', '--model', 'PSH-7'], env);
  const path = join(env.PRECALL_DATA as string, 'ledger.sqlite');
  expect((await examine(env)).fails).toEqual([]);
  await chmod(path, 0o644);
  const db = new DatabaseSync(path);
  db.prepare('UPDATE audit SET at_ms = ?').run(Date.now() + 3_600_000);
  db.close();
  const { fails } = await examine(env);
  expect(fails.join('\n')).toMatch(/^files: .*ledger\.sqlite is open to others \(mode 644\); chmod 600 /m);
  expect(fails.join('\n')).toMatch(/^clock: .* 3\d{3}\.\d s behind what it wrote itself/m);
});

describe('with its stores away', () => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
  });
  /** Takes connections and says nothing. */
  const silent = async (): Promise<number> => {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    servers.push(server);
    return listening(server);
  };

  test('gone: it says what does not answer, and the rest', async () => {
    const [ledger, telemetry] = [await freePort(), await freePort()];
    const { code, fails, checks, stdout } = await examine(
      await emptyEnv({
        PRECALL_LEDGER: `postgres://u:secret-word@127.0.0.1:${ledger}/precall`,
        PRECALL_TELEMETRY: `influx1://u:secret-word@127.0.0.1:${telemetry}/precall`,
      }),
    );
    expect(code).toBe(1);
    expect(fails).toHaveLength(2);
    expect(fails[0]).toMatch(/^ledger: no server answers at .*; start it, or correct PRECALL_LEDGER/);
    expect(fails[1]).toMatch(/^telemetry: InfluxDB at .* can't be reached \(ECONNREFUSED\); start it/);
    expect(checks.filter(({ state }) => state === 'ok').length).toBeGreaterThan(5);
    expect(stdout).not.toContain('secret-word');
  });

  test('hanging, and the disk, too: it ends all the same', async () => {
    const [ledger, telemetry] = [await silent(), await silent()];
    const env = await emptyEnv({
      PRECALL_LEDGER: `postgres://u:p@127.0.0.1:${ledger}/precall`,
      PRECALL_TELEMETRY: `influx2://127.0.0.1:${telemetry}/org/bucket?token=t`,
    });
    // Opening it waits for somebody who writes, for ever.
    await mkdir(env.PRECALL_DATA as string);
    const fifo = join(env.PRECALL_DATA as string, 'log.sqlite');
    execFileSync('mkfifo', ['-m', '600', fifo]);
    const { code, fails, tookMs } = await examine(env);
    expect(code).toBe(1);
    expect(fails.map((line) => line.split(':')[0])).toEqual(['disk', 'ledger', 'telemetry']);
    expect(fails.join('\n')).toMatch(/the disk under .* gave no answer within 10 s/);
    expect(tookMs).toBeLessThan(40_000);
    // Nobody is left behind who still waits to read it.
    expect(() => openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)).toThrow(/ENXIO/);
  });
});

test.skipIf(bin === null)('a PostgreSQL: its version, what it lets us do', async () => {
  const url = await (postgres as PostgresServer).database();
  const fresh = await examine(await emptyEnv({ PRECALL_LEDGER: url }));
  expect(fresh.fails).toEqual([]);
  const details = fresh.checks.map(({ check, detail }) => `${check}: ${detail}`);
  expect(details.join('\n')).toMatch(/^ledger: PostgreSQL 15\.\d+ .*no tables yet$/m);
  expect(details).toContain('clock: this machine and PostgreSQL agree within 2.0 s');
  const closed = await examine(
    await emptyEnv({ PRECALL_LEDGER: `${url}?options=-c%20default_transaction_read_only%3Don` }),
  );
  expect(closed.fails.join()).toContain('it takes no writes');
  const refused = await examine(
    await emptyEnv({ PRECALL_LEDGER: url.replace('for-tests-only', 'wrong-word') }),
  );
  expect(refused.fails.join()).toContain('refuses user postgres or its password');
  expect(refused.stdout).not.toContain('wrong-word');
  const missing = await examine(await emptyEnv({ PRECALL_LEDGER: `${url}_not` }));
  expect(missing.fails.join()).toContain('has no such database; make it with: createdb');
});

test.skipIf(influxd === null)('an InfluxDB 1: its version', async () => {
  const server = await startInflux1(influxd as string);
  try {
    const good = await examine(await emptyEnv({ PRECALL_TELEMETRY: `influx1://${server.host}/precall` }));
    expect(good.fails).toEqual([]);
    const details = good.checks.map(({ check, detail }) => `${check}: ${detail}`).join('\n');
    expect(details).toMatch(/^telemetry: InfluxDB 1\.\d.* the database is made at the first write$/m);
    expect(details).toContain('clock: this machine and InfluxDB agree within 2.0 s');
    const two = await examine(
      await emptyEnv({ PRECALL_TELEMETRY: `influx2://${server.host}/org/bucket?token=t` }),
    );
    expect(two.fails.join()).toMatch(/InfluxDB 1\..* is behind PRECALL_TELEMETRY=influx2:…; use influx1:/);
  } finally {
    await server.stop();
  }
});

test('an InfluxDB that refuses the token, and whose clock is an hour off', async () => {
  const server = createHttp((request, response) => {
    response.setHeader('x-influxdb-version', 'v2.7.1');
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
    response.statusCode = request.url?.startsWith('/ping') ? 204 : 401;
    response.end();
  });
  const port = await listening(server);
  const { fails } = await examine(
    await emptyEnv({ PRECALL_TELEMETRY: `influx2://127.0.0.1:${port}/org/bucket?token=t` }),
  );
  server.close();
  expect(fails[0]).toMatch(/^telemetry: InfluxDB v2\.7\.1 .* refuses the user or token \(401\)/);
  expect(fails[1]).toMatch(/^clock: this machine is 3\d{3}\.\d s ahead of InfluxDB; set both clocks/);
});
