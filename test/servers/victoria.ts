import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './influx1.ts';

export interface VictoriaServer {
  readonly host: string;
  stop(): Promise<void>;
}

/** A real VictoriaMetrics: it takes what clients of InfluxDB 2 write, and knows no InfluxQL. */
export const startVictoria = async (command: string): Promise<VictoriaServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'precall-victoria-'));
  const host = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    command,
    [
      `-storageDataPath=${join(folder, 'data')}`,
      `-httpListenAddr=${host}`,
      '-retentionPeriod=100y',
      '-memory.allowedPercent=10',
    ],
    { stdio: 'ignore' },
  );
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100; tries++) {
    if ((await fetch(`http://${host}/health`).catch(() => null))?.ok) return { host, stop };
    await wait(100);
  }
  await stop();
  throw new Error('victoria-metrics did not answer within 10 s');
};
