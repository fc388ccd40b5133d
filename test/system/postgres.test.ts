import { setTimeout as wait } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, postgresBin, startPostgres } from '../servers/postgres.ts';
import {
  addMachine,
  api,
  connectMachine,
  newDataDir,
  newEnv,
  precall,
  type Service,
  startService,
  tokenOf,
  until,
} from './service.ts';

/** The service as a process, its ledger on a real PostgreSQL: nobody can tell, also when either of them is killed. */
const bin = postgresBin();

interface TicketRow {
  readonly unit: string;
  readonly state: string;
  readonly cause: string;
}

describe.skipIf(bin === null)('a ledger on PostgreSQL', () => {
  let server: PostgresServer;
  let service: Service;
  let client: MqttClient | undefined;
  let token: string;
  let ledgerUrl: string;
  let env: Record<string, string>;

  let machines = 0;
  let id = '';
  /** Adds a machine and connects it; the one before it goes. */
  const nextMachine = async (): Promise<void> => {
    await client?.endAsync(true);
    machines += 1;
    id = `g${machines}`;
    client = connectMachine(service.mqtt, id, await addMachine(env, id));
  };
  const fault = (unit: string): Promise<unknown> => {
    const body = { ts: Date.now(), unit, code: 'G06', active: true };
    return (client as MqttClient).publishAsync(`v1/s1/${id}/fault`, JSON.stringify(body), { qos: 1 });
  };
  const ticketOf = (unit: string): Promise<TicketRow> =>
    until(
      `a ticket of ${unit}`,
      async () => {
        const { items } = await api<{ items: TicketRow[] }>(service, token, '/tickets?limit=100');
        return items.find((ticket) => ticket.unit === unit) ?? null;
      },
      30_000,
      200,
    );
  const rows = async (sql: string): Promise<unknown[]> => {
    const psql = new Client({ connectionString: ledgerUrl });
    await psql.connect();
    const answer = await psql.query(sql).finally(() => psql.end());
    return answer.rows;
  };

  beforeAll(async () => {
    server = await startPostgres(bin as string);
    ledgerUrl = await server.database();
    env = { ...(await newEnv(await newDataDir())), PRECALL_LEDGER: ledgerUrl };
    service = await startService('serve', env);
    token = await tokenOf(env, 'admin');
    await nextMachine();
  });
  afterAll(async () => {
    await client?.endAsync(true);
    await service?.kill('SIGTERM');
    await server?.stop();
  });

  test('a fault becomes a ticket, and psql shows it', async () => {
    await fault('bay1');
    expect(await ticketOf('bay1')).toMatchObject({ cause: 'G06' });
    expect(await rows("select equipment, unit, component, cause from tickets where unit = 'bay1'")).toEqual([
      { equipment: 'g1', unit: 'bay1', component: 'hoist', cause: 'G06' },
    ]);
    expect(service.output()).not.toContain('for-tests-only');
  });

  test('while PostgreSQL is gone messages are acknowledged, and their tickets open when it is back', async () => {
    await nextMachine();
    const unit = `bay2${machines}`;
    // The broker has looked at the credential that was added: one that it can't look at any more it must refuse.
    await wait(2_500);
    await server.kill();
    let told: unknown;
    try {
      told = await Promise.race([fault(unit).then(() => 'acknowledged'), wait(15_000)]);
      const ready = await fetch(`${service.http}/readyz`);
      expect(ready.status).toBe(503);
      expect(await ready.text()).toMatch(/the ledger does not answer/);
      expect((await fetch(`${service.http}/healthz`)).status).toBe(200);
    } finally {
      await server.start();
    }
    expect(told, service.output().slice(-2_000)).toBe('acknowledged');
    await ticketOf(unit);
    expect(await rows(`select id from tickets where unit = '${unit}'`)).toHaveLength(1);
  });

  test('killed with SIGKILL it goes on from what is in the database: nothing is lost, nothing twice', async () => {
    await nextMachine();
    await fault('bay3');
    await service.kill('SIGKILL');
    service = await startService('serve', env);
    await fault('bay4');
    await ticketOf('bay3');
    await ticketOf('bay4');
    for (const unit of ['bay1', 'bay3', 'bay4'])
      expect(await rows(`select unit from tickets where unit = '${unit}'`)).toHaveLength(1);
  });

  test('a server that is not there stops the start with one line that says the mend, without the password', async () => {
    const nowhere = { ...env, PRECALL_LEDGER: ledgerUrl.replace(/:\d+\//, ':1/') };
    const { code, stderr } = await precall(['equipment', 'list'], nowhere);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^precall: the ledger postgres:.*no server answers at.*\n$/);
    expect(stderr).not.toContain('for-tests-only');
  });
});
