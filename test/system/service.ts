import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mqtt, { type MqttClient } from 'mqtt';
import { freePort } from '../servers/process.ts';

/** The service as its users have it: a process, ports, a data folder. */
const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));

export interface Service {
  readonly http: string;
  readonly mqtt: string;
  readonly mqttPort: number;
  readonly dataDir: string;
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
  /** What it printed so far, both streams. */
  output(): string;
  /** Resolves when the process has ended. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

export const newDataDir = (): Promise<string> => mkdtemp(join(tmpdir(), 'precall-system-'));

export const newEnv = async (dataDir: string): Promise<Record<string, string>> => ({
  PRECALL_DATA: dataDir,
  PRECALL_HTTP: `127.0.0.1:${await freePort()}`,
  PRECALL_MQTT: `127.0.0.1:${await freePort()}`,
});

const inherited = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && !pair[0].startsWith('PRECALL_'),
    ),
  );

/** Asks again until `attempt` gives something, or fails with what it last gave. */
export const until = async <T>(
  what: string,
  attempt: () => Promise<T | null | undefined | false>,
  timeoutMs: number,
  everyMs = 50,
): Promise<T> => {
  const endMs = Date.now() + timeoutMs;
  let last: unknown = null;
  while (Date.now() < endMs) {
    try {
      const value = await attempt();
      if (value) return value;
      last = value;
    } catch (cause) {
      last = cause;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`${what}: not within ${timeoutMs} ms; last: ${String(last)}`);
};

/** Runs `precall ARGS` to its end. */
export const precall = (
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { ...inherited(), ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : ((error.code as number | undefined) ?? 1), stdout, stderr }),
    );
  });

export const startService = async (
  command: 'serve' | 'demo',
  env: Readonly<Record<string, string>>,
  readyMs = 30_000,
): Promise<Service> => {
  const child: ChildProcess = spawn(process.execPath, [MAIN, command], {
    env: { ...inherited(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const http = `http://${env.PRECALL_HTTP}`;
  const kill = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  try {
    await until(
      `precall ${command} is ready`,
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
        return (await fetch(`${http}/readyz`)).ok;
      },
      readyMs,
    );
  } catch (cause) {
    await kill('SIGKILL');
    throw new Error(`${(cause as Error).message}\n${output}`);
  }
  return {
    http,
    mqtt: `mqtt://${env.PRECALL_MQTT}`,
    mqttPort: Number(env.PRECALL_MQTT?.split(':').at(-1)),
    dataDir: env.PRECALL_DATA ?? '',
    pid: child.pid ?? 0,
    env,
    output: () => output,
    kill,
  };
};

/** A script's way in: a token made by the command line, as an operator would. */
export const tokenOf = async (env: Readonly<Record<string, string>>, role: string): Promise<string> => {
  const made = await precall(['token', 'create', '--role', role, '--json'], env);
  if (made.code !== 0) throw new Error(made.stderr);
  return (JSON.parse(made.stdout) as { token: string }).token;
};

/** GET or POST with a token; throws what the problem document says. */
export const api = async <T>(service: Service, token: string, path: string, body?: unknown): Promise<T> => {
  const response = await fetch(`${service.http}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
};

/** One number of /metrics; labels as they stand there, e.g. `precall_broker_refused_total{reason="topic"}`. */
export const metric = async (service: Service, name: string): Promise<number> => {
  const text = await (await fetch(`${service.http}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
};

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Every page of a list; `path` ends where a parameter may follow. */
export const everything = async <T>(service: Service, token: string, path: string): Promise<T[]> => {
  const rows: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const more: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page: Page<T> = await api(service, token, `${path}limit=500${more}`);
    rows.push(...page.items);
    cursor = page.next;
  }
  return rows;
};

/** Adds a machine to site `s1`. Returns its secret. */
export const addMachine = async (env: Readonly<Record<string, string>>, id: string): Promise<string> => {
  const added = await precall(['equipment', 'add', id, '--site', 's1', '--model', 'PSH-7', '--json'], env);
  return (JSON.parse(added.stdout) as { readonly secret: string }).secret;
};

/** A machine's own client: comes back by itself, and says small messages at once. */
export const connectMachine = (url: string, id: string, secret: string): MqttClient => {
  const client = mqtt.connect(url, {
    ...{ clientId: id, username: id, password: secret },
    ...{ reconnectPeriod: 100, connectTimeout: 3_000 },
  });
  client.on('error', () => undefined);
  client.on('connect', () =>
    (client.stream as unknown as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true),
  );
  return client;
};
