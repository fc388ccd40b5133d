import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answering, end, freePort } from './process.ts';

export interface VictoriaServer {
  readonly host: string;
  readonly folder: string;
  readonly pid: number;
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
    await end(child, 'SIGTERM');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await answering('victoria-metrics', child, async () => (await fetch(`http://${host}/health`)).ok, 10_000);
    return { host, folder, pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
