import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { answering, childrenOf, end, freePort } from './process.ts';

/** A real PostgreSQL on a free port, in a folder that goes with it. */
export interface PostgresServer {
  /** A fresh, empty database; `icu`: one that compares text as that language does. */
  database(options?: { readonly icu?: string }): Promise<string>;
  /** Removes a database; each is some hundred files. */
  drop(url: string): Promise<void>;
  readonly port: number;
  /** kill -9 of every process of it. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const DEBIAN = '/usr/lib/postgresql';
export const PASSWORD = 'for-tests-only';

/** Where `postgres` and `initdb` are: Debian keeps them off the PATH, by version. */
export const postgresBin = (): string | null => {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const newest = versions
    .map(Number)
    .filter(Number.isFinite)
    .sort((a, b) => b - a)[0];
  const bin = newest === undefined ? null : join(DEBIAN, String(newest), 'bin');
  return bin && existsSync(join(bin, 'postgres')) ? bin : null;
};

/** The server refuses to run as root, so as root it runs as the user that Debian's package made. */
const owner = (): { uid: number; gid: number } | null => {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
};

const url = (port: number, database: string): string =>
  `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`;

const ask = async (port: number, sql: string): Promise<void> => {
  const client = new Client({ connectionString: url(port, 'postgres'), connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

const killed = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended with its parent.
  }
};

export interface PostgresOptions {
  /** Whether a commit waits for the disk, as everywhere outside tests (default false). */
  readonly isDurable?: boolean;
}

export const startPostgres = async (
  bin: string,
  { isDurable = false }: PostgresOptions = {},
): Promise<PostgresServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'precall-postgres-'));
  const as = owner();
  if (as) chownSync(folder, as.uid, as.gid);
  const data = join(folder, 'data');
  const secret = join(folder, 'password');
  writeFileSync(secret, PASSWORD, { mode: 0o644 });
  execFileSync(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${secret}`,
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    ],
    { stdio: 'pipe', cwd: folder, ...(as ?? {}) },
  );
  const port = await freePort();
  // What is tested is not the disk: without fsync a suite of many databases takes seconds.
  const flags = [
    '-D',
    data,
    '-p',
    String(port),
    '-k',
    folder,
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    `fsync=${isDurable ? 'on' : 'off'}`,
  ];
  let running: ReturnType<typeof spawn> | null = null;
  let made = 0;

  const start = async (): Promise<void> => {
    running = spawn(join(bin, 'postgres'), flags, { stdio: 'ignore', cwd: folder, ...(as ?? {}) });
    await answering('postgres', running, () => ask(port, 'select 1').then(() => true));
  };
  const halt = async (signal: NodeJS.Signals): Promise<void> => {
    await end(running, signal);
    running = null;
  };
  await start();
  return {
    port,
    database: async ({ icu } = {}) => {
      made += 1;
      const name = `ledger_${made}`;
      const how = icu ? ` template template0 locale_provider icu icu_locale '${icu}'` : '';
      await ask(port, `create database ${name}${how}`);
      return url(port, name);
    },
    drop: (of) => ask(port, `drop database ${new URL(of).pathname.slice(1)} with (force)`),
    start,
    kill: async () => {
      const children = childrenOf(running?.pid ?? 0);
      await halt('SIGKILL');
      // One that lived on would keep the shared memory, and with it the next start.
      for (const pid of children) killed(pid);
    },
    stop: async () => {
      // Thrown away, it needs no last checkpoint.
      await halt('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
