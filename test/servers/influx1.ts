import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
};

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
    for (let tries = 0; tries < 200; tries++) {
      const answer = await fetch(`http://${host}/ping`).catch(() => null);
      if (answer?.ok) return;
      if (child.exitCode !== null) throw new Error(`influxd ended with ${child.exitCode}`);
      await wait(100);
    }
    throw new Error('influxd did not answer within 20 s');
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = null;
    if (!ending || ending.exitCode !== null) return;
    const ended = once(ending, 'exit');
    ending.kill(signal);
    await ended;
  };
  await start();
  return {
    host,
    start,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      await start();
    },
    stop: async () => {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
};
