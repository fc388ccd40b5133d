import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering, end, freePort } from './process.ts';

/** How long a shard rests before influxd writes it out of memory and packs it: its own way, and at once. */
const RESTS = { usual: ['10m', '4h'], short: ['1s', '1s'] } as const;

const config = (folder: string, httpPort: number, rpcPort: number, rests: keyof typeof RESTS): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  index-version = "inmem"
  query-log-enabled = false
  cache-snapshot-write-cold-duration = "${RESTS[rests][0]}"
  compact-full-write-cold-duration = "${RESTS[rests][1]}"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${httpPort}"
  log-enabled = false
[logging]
  level = "error"
[continuous_queries]
  enabled = false
`;

export interface Influx1Server {
  readonly host: string;
  readonly folder: string;
  pid(): number;
  /** kill -9. */
  kill(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
  /** Starts it again so that it packs within seconds what it packs by itself after hours without a write. */
  packSoon(): Promise<void>;
  stop(): Promise<void>;
}

/** A real influxd 1.x on free ports and in a folder of its own. */
export const startInflux1 = async (command: string): Promise<Influx1Server> => {
  const folder = await mkdtemp(join(tmpdir(), 'precall-influx1-'));
  const [httpPort, rpcPort] = [await freePort(), await freePort()];
  const host = `127.0.0.1:${httpPort}`;
  const configure = (rests: keyof typeof RESTS): Promise<void> =>
    writeFile(join(folder, 'influxdb.conf'), config(folder, httpPort, rpcPort, rests));
  await configure('usual');
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    child = spawn(command, ['-config', join(folder, 'influxdb.conf')], { stdio: 'ignore' });
    await answering('influxd', child, async () => (await fetch(`http://${host}/ping`)).ok);
  };
  const halt = async (signal: NodeJS.Signals): Promise<void> => {
    await end(child, signal);
    child = null;
  };
  const restart = async (): Promise<void> => {
    await halt('SIGTERM');
    await start();
  };
  await start();
  return {
    host,
    folder,
    pid: () => child?.pid ?? 0,
    start,
    kill: () => halt('SIGKILL'),
    restart,
    packSoon: async () => {
      await configure('short');
      await restart();
    },
    stop: async () => {
      await halt('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
};
