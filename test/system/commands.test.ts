import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { api, newDataDir, newEnv, precall, type Service, startService, tokenOf, until } from './service.ts';

/** The command line beside a running service, as an operator uses it. */
let service: Service;
let env: Record<string, string>;

const run = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await precall(args, env);
  expect(code, stderr).toBe(0);
  return stdout;
};

const fails = async (code: number, ...args: string[]): Promise<string> => {
  const result = await precall(args, env);
  expect(result.code, result.stdout + result.stderr).toBe(code);
  return result.stderr;
};

beforeAll(async () => {
  env = await newEnv(await newDataDir());
  service = await startService('serve', env);
});
afterAll(async () => {
  await service.kill('SIGTERM');
});

test('an empty ledger: serve prints a set-up link that makes the administrator once', async () => {
  const token = /\/setup#token=([\w%-]+)/.exec(service.output())?.[1] ?? '';
  const setUp = (): Promise<Response> =>
    fetch(`${service.http}/api/v1/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: decodeURIComponent(token), password: 'a long enough one' }),
    });
  expect((await setUp()).ok).toBe(true);
  expect((await setUp()).status).toBe(410);
});

test('a crew that was added is asked for the fault of an equipment that was added', async () => {
  await run('crew', 'add', 'north-crew', '--skills', 'PSH', '--lat', '30.278', '--lon', '120.155');
  expect(await run('crew', 'list')).toContain('north-crew');
  const made = await run('user', 'add', 'li', '--role', 'crew', '--crew', 'north-crew', '--json');
  const { password } = JSON.parse(made) as { password: string };
  expect(password.length).toBeGreaterThan(10);
  await run('equipment', 'add', 'garage-7', '--site', 'north', '--model', 'PSH-7');
  const token = await tokenOf(env, 'dispatcher');
  await api(service, token, '/tickets', {
    equipment: 'garage-7',
    unit: 'bay7',
    component: 'hoist',
    severity: 'S1',
    source: 'hotline',
  });
  const ticket = await until(
    'the crew is asked',
    async () => {
      const { items } = await api<{ items: { crew: string | null; state: string }[] }>(
        service,
        token,
        '/tickets',
      );
      return items.find((item) => item.state === 'dispatched');
    },
    10_000,
  );
  expect(ticket.crew).toBe('north-crew');
});

test('a CSV of equipment is taken whole or not at all, and an error names the line', async () => {
  const file = join(service.dataDir, 'fleet.csv');
  await writeFile(file, 'id,site,model,name\nf1,north,fridge-300,pantry\nbad id,north,fridge-300,\n');
  expect(await fails(1, 'equipment', 'import', file)).toContain('line 3');
  expect(await run('equipment', 'list')).not.toContain('f1');
  await writeFile(file, 'id,site,model,name\nf1,north,fridge-300,pantry\nf2,north,fridge-300,\n');
  const lines = (await run('equipment', 'import', file, '--json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ id, name }) => [id, name])).toEqual([
    ['f1', 'pantry'],
    ['f2', 'f2'],
  ]);
  expect(lines[0].secret).not.toBe(lines[1].secret);
  const rotated = JSON.parse(await run('equipment', 'rotate', 'f1', '--json'));
  expect(rotated.secret).not.toBe(lines[0].secret);
});

test('a disabled person is out at once', async () => {
  const made = await run('user', 'add', 'wang', '--role', 'viewer', '--json');
  const { password } = JSON.parse(made) as { password: string };
  const signIn = await fetch(`${service.http}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'wang', password }),
  });
  const cookie = (signIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const look = (): Promise<Response> => fetch(`${service.http}/api/v1/sites`, { headers: { cookie } });
  expect((await look()).status).toBe(200);
  await run('user', 'disable', 'wang');
  await until('the session has ended', async () => (await look()).status === 401, 2_000);
});

test('wrong usage is exit 2, what can’t be done exit 1, each in one line that names the thing', async () => {
  expect(await fails(2, 'equipment', 'add', 'a b', '--site', 's', '--model', 'PSH-7')).toContain('"a b"');
  expect(await fails(2, 'equipment', 'add', 'x')).toContain('--site');
  expect(await fails(1, 'equipment', 'add', 'garage-7', '--site', 'north', '--model', 'PSH-7')).toContain(
    'rotate garage-7',
  );
  expect(await fails(1, 'equipment', 'revoke', 'nobody')).toContain('nobody');
  expect(await fails(2, 'user', 'add', 'zhao', '--role', 'crew')).toContain('--crew');
  expect(await fails(2, 'token', 'create', '--role', 'king')).toContain('dispatcher');
  expect(
    await fails(2, 'crew', 'add', 'c', '--skills', 'PSH', '--lat', '1', '--lon', '2', '--hours', '9-5'),
  ).toContain('08:00-18:00');
  const wrongKey = await precall(['equipment', 'list'], { ...env, PRECALL_HTPP: '1' });
  expect(wrongKey.code).toBe(2);
  expect(wrongKey.stderr.trim().split('\n')).toHaveLength(1);
});

test('a second service on the same folder, or on a busy port, is told so in one line', async () => {
  const main = fileURLToPath(new URL('../../main.ts', import.meta.url));
  const start = (more: Record<string, string>): Promise<{ code: number; stderr: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [main, 'serve'],
        { env: { ...process.env, ...env, ...more }, timeout: 30_000 },
        (error, _out, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? 1), stderr }),
      );
    });
  const ports = await newEnv(service.dataDir);
  const folder = await start(ports);
  expect(folder.code).not.toBe(0);
  expect(folder.stderr).toContain(service.dataDir);
  const port = await start({ PRECALL_DATA: await newDataDir() });
  expect(port.code).not.toBe(0);
  expect(port.stderr).toContain('PRECALL_MQTT');
});

test('SIGTERM ends it in good order', async () => {
  const main = fileURLToPath(new URL('../../main.ts', import.meta.url));
  const own = await newEnv(await newDataDir());
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { ...process.env, ...own },
    stdio: 'ignore',
  });
  await until('it is ready', async () => (await fetch(`http://${own.PRECALL_HTTP}/readyz`)).ok, 30_000);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
});
