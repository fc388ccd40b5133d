import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering, end, freePort } from './process.ts';

const config = (folder: string, httpPort: number, rpcPort: number): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  index-version = "inmem"
  query-log-enabled = false
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
  /** kill -9. */
  kill(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A real influxd 1.x on free ports and in a folder of its own. */
export const startInflux1 = async (command: string): Promise<Influx1Server> => {
  const folder = await mkdtemp(join(tmpdir(), 'precall-influx1-'));
  const [httpPort, rpcPort] = [await freePort(), await freePort()];
  const host = `127.0.0.1:${httpPort}`;
  await writeFile(join(folder, 'influxdb.conf'), config(folder, httpPort, rpcPort));
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    child = spawn(command, ['-config', join(folder, 'influxdb.conf')], { stdio: 'ignore' });
    await answering('influxd', child, async () => (await fetch(`http://${host}/ping`)).ok);
  };
  const halt = async (signal: NodeJS.Signals): Promise<void> => {
    await end(child, signal);
    child = null;
  };
  await start();
  return {
    host,
    start,
    kill: () => halt('SIGKILL'),
    restart: async () => {
      await halt('SIGTERM');
      await start();
    },
    stop: async () => {
      await halt('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
};
