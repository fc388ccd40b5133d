import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openInflux1Telemetry } from '../../../store/influx1/telemetry.ts';
import { openInflux2Telemetry } from '../../../store/influx2/telemetry.ts';
import { openSqliteTelemetry } from '../../../store/sqlite/telemetry.ts';
import type { TelemetryStore } from '../../../store/telemetry.ts';
import { startInflux1 } from '../../servers/influx1.ts';
import { commandOf } from '../../servers/servers.ts';
import { startVictoria } from '../../servers/victoria.ts';

/** A telemetry store with its server, fresh and empty, on this machine. */
export interface Place {
  /** Where the server listens; null where the store runs in our process. */
  readonly host: string | null;
  open(): Promise<TelemetryStore>;
  /** The server's process; null where the store runs in ours. */
  pid(): number | null;
  /** Waits until what was written between these times lies as it will for years. The store is closed meanwhile. */
  settle(fromMs: number, toMs: number): Promise<void>;
  diskBytes(): number;
  stop(): Promise<void>;
}

export interface Kind {
  readonly name: string;
  readonly label: string;
  /** It understands what is written, but no queries of ours. */
  readonly isWriteOnly: boolean;
  /** Null where the server is not installed. */
  readonly start: (() => Promise<Place>) | null;
}

/** What the folder takes of the disk, in whole blocks. */
const diskUsage = (folder: string): number =>
  Number(execFileSync('du', ['-s', '--block-size=1', folder], { encoding: 'utf8' }).split('\t')[0]);

const DAY_MS = 86_400_000;
const DATABASE = 'precall';
const LOOK_MS = 500;
const SAME_FOR_MS = 4_000;
const SETTLE_LIMIT_MS = 180_000;

/** Waits until `isReady` and the size has stayed the same for some seconds. */
const unchanged = async (size: () => number, isReady: () => Promise<boolean>): Promise<void> => {
  let [last, sinceMs] = [-1, performance.now()];
  const endMs = performance.now() + SETTLE_LIMIT_MS;
  while (performance.now() < endMs) {
    const now = size();
    if (now !== last || !(await isReady())) [last, sinceMs] = [now, performance.now()];
    if (performance.now() - sinceMs > SAME_FOR_MS) return;
    await wait(LOOK_MS);
  }
  throw new Error(`the server still packs after ${SETTLE_LIMIT_MS / 1_000} s`);
};

const sqlite = async (): Promise<Place> => {
  const folder = await mkdtemp(join(tmpdir(), 'precall-bench-'));
  return {
    host: null,
    open: () => openSqliteTelemetry({ path: join(folder, 'telemetry.sqlite') }),
    pid: () => null,
    // Closing it has written the WAL back.
    settle: async () => undefined,
    diskBytes: () => diskUsage(folder),
    stop: () => rm(folder, { recursive: true }),
  };
};

const influx1 = (command: string) => async (): Promise<Place> => {
  const server = await startInflux1(command);
  const diskBytes = (): number => diskUsage(server.folder);
  /** The WAL of a shard that has been written out of memory is gone, or empty. */
  const hasNoWal = async (): Promise<boolean> => {
    const wal = join(server.folder, 'wal');
    const names = (await readdir(wal, { recursive: true })).filter((name) => name.endsWith('.wal'));
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(wal, name))).size));
    return sizes.every((size) => size === 0);
  };
  /** influxd 1.6 gives a WAL that it found at its start up only after one more write into the shard. */
  const touchShards = async (fromMs: number, toMs: number): Promise<void> => {
    const days = Math.ceil((toMs - fromMs) / DAY_MS);
    const lines = Array.from({ length: days }, (_, day) => `settled day=${day} ${fromMs + day * DAY_MS}`);
    const answer = await fetch(`http://${server.host}/write?db=${DATABASE}&precision=ms`, {
      method: 'POST',
      body: lines.join('\n'),
    });
    if (!answer.ok) throw new Error(`influxd: ${answer.status} ${await answer.text()}`);
  };
  return {
    host: server.host,
    open: () => openInflux1Telemetry({ url: `influx1://${server.host}/${DATABASE}` }),
    pid: server.pid,
    settle: async (fromMs, toMs) => {
      await server.packSoon();
      await touchShards(fromMs, toMs);
      await unchanged(diskBytes, hasNoWal);
    },
    diskBytes,
    stop: server.stop,
  };
};

const victoria = (command: string) => async (): Promise<Place> => {
  const server = await startVictoria(command);
  const diskBytes = (): number => diskUsage(server.folder);
  const ask = async (path: string): Promise<void> => {
    const answer = await fetch(`http://${server.host}${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await answer.text();
  };
  return {
    host: server.host,
    open: () => openInflux2Telemetry({ url: `influx2://${server.host}/o/b?token=t` }),
    pid: () => server.pid,
    settle: async () => {
      await ask('/internal/force_flush');
      await ask('/internal/force_merge');
      await unchanged(diskBytes, async () => true);
    },
    diskBytes,
    stop: server.stop,
  };
};

const started = <T>(server: string, start: (command: string) => T): T | null => {
  const command = commandOf(server);
  return command === null ? null : start(command);
};

export const kinds = (): readonly Kind[] => [
  { name: 'sqlite', label: 'SQLite, embedded', isWriteOnly: false, start: sqlite },
  {
    name: 'influx1',
    label: 'InfluxDB 1 (influxd)',
    isWriteOnly: false,
    start: started('influxd', influx1),
  },
  {
    name: 'influx2',
    label: "influx2's write API, into VictoriaMetrics: writing only",
    isWriteOnly: true,
    start: started('VictoriaMetrics', victoria),
  },
];
