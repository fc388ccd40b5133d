import { globSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  metric,
  newDataDir,
  newEnv,
  precall,
  type Service,
  startService,
  tokenOf,
} from '../../system/service.ts';
import { quantile } from '../quantile.ts';
import { type Probe, startProbe } from './probe.ts';
import { machineName, usageOf } from './process.ts';
import { whereTimeGoes } from './profile.ts';

/**
 * `npm run bench -- [--seconds 20] [--equipment 1000] [--rates 2000,5000,10000] [--profile]`: the real service as a
 * process, loaded by `precall simulate` beside it on the same machine. Prints Markdown, as in docs/performance.md.
 */
const { values: given } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    equipment: { type: 'string', default: '1000' },
    rates: { type: 'string', default: '1000,2000,5000,10000' },
    profile: { type: 'boolean', default: false },
  },
});
const seconds = Number(given.seconds);
const rates = given.rates.split(',').map(Number);
const PROBE_LIMIT_MS = 15_000;
const TICKETS = 40;

interface Load {
  readonly acked: number;
  readonly errors: number;
  readonly ratePerS: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

const ms = (value: number | null): string => (value === null ? '–' : value.toFixed(value < 10 ? 1 : 0));
const row = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);
/** What took too long counts as the limit: it must not make the figures better. */
const known = (values: readonly (number | null)[]): number[] =>
  values.map((value) => value ?? PROBE_LIMIT_MS);

const started = async (nodeOptions = ''): Promise<{ service: Service; token: string }> => {
  const env = { ...(await newEnv(await newDataDir())), PRECALL_OPEN: 'true', NODE_OPTIONS: nodeOptions };
  const service = await startService('serve', env);
  return { service, token: await tokenOf({ ...env, NODE_OPTIONS: '' }, 'dispatcher') };
};

const load = async (service: Service, ratePerS: number, equipment: number): Promise<Load> => {
  const args = ['--url', service.mqtt, '--rate', `${ratePerS}`, '--duration', `${seconds}s`];
  const ran = await precall(['simulate', ...args, '--equipment', `${equipment}`, '--json']);
  const last = ran.stdout.trim().split('\n').at(-1) ?? '';
  if (ran.code !== 0) throw new Error(`simulate: ${ran.stderr}`);
  return JSON.parse(last) as Load;
};

/** Looks again and again while `work` runs. */
const during = async <T>(work: Promise<T>, look: () => Promise<void>): Promise<T> => {
  let isOver = false;
  const done = work.finally(() => {
    isOver = true;
  });
  while (!isOver) await look();
  return done;
};

/** Ms until both readers have committed all there is. */
const caughtUp = async (service: Service): Promise<number> => {
  const startMs = performance.now();
  for (;;) {
    const lags = await Promise.all(
      ['recorder', 'watcher'].map((reader) =>
        metric(service, `precall_reader_lag_records{reader="${reader}",partition="0"}`),
      ),
    );
    // A tick a second is always on its way; the watcher commits every few seconds.
    const isDone = lags.every((lag) => lag <= 20);
    if (isDone || performance.now() - startMs > 120_000) return performance.now() - startMs;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const measureRate = async (service: Service, probe: Probe, ratePerS: number): Promise<void> => {
  const before = usageOf(service.pid);
  const fresh: (number | null)[] = [];
  const tickets: (number | null)[] = [];
  const loaded = await during(load(service, ratePerS, Number(given.equipment)), async () => {
    fresh.push(await probe.fresh(PROBE_LIMIT_MS));
    tickets.push(await probe.ticket(PROBE_LIMIT_MS));
  });
  const behindMs = await caughtUp(service);
  const after = usageOf(service.pid);
  const cpuUs = ((after.cpuS - before.cpuS) * 1e6) / Math.max(1, loaded.acked);
  row(
    ratePerS,
    Math.round(loaded.ratePerS),
    loaded.errors,
    `${ms(loaded.p50Ms)} / ${ms(loaded.p99Ms)}`,
    `${ms(quantile(known(fresh), 0.5))} / ${ms(quantile(known(fresh), 0.99))}`,
    `${ms(quantile(known(tickets), 0.5))} / ${ms(quantile(known(tickets), 0.99))}`,
    cpuUs.toFixed(0),
    `${(behindMs / 1_000).toFixed(1)} s`,
  );
};

const idle = async (probe: Probe): Promise<void> => {
  const tickets: (number | null)[] = [];
  for (let i = 0; i < TICKETS; i++) tickets.push(await probe.ticket(PROBE_LIMIT_MS));
  const all = known(tickets);
  console.log(
    `\nNothing else to do: fault → ticket on the event stream p50 ${ms(quantile(all, 0.5))} ms, p99 ${ms(quantile(all, 0.99))} ms (${TICKETS} faults).`,
  );
};

const sizes = async (service: Service): Promise<void> => {
  const points = await metric(service, 'precall_telemetry_points');
  const bytes = await metric(service, 'precall_telemetry_bytes');
  const ledger = (await stat(join(service.dataDir, 'ledger.sqlite'))).size;
  console.log(
    `\nStored: ${points.toLocaleString('en')} points, ${(bytes / points).toFixed(2)} bytes/point; ledger ${(ledger / 2 ** 20).toFixed(1)} MiB.`,
  );
};

const memory = async (): Promise<void> => {
  const { service } = await started();
  try {
    const rss: [equipment: number, bytes: number][] = [];
    for (const equipment of [100, 1_000, 3_000]) {
      await load(service, Math.max(500, equipment), equipment);
      await caughtUp(service);
      rss.push([equipment, usageOf(service.pid).rssBytes]);
    }
    const [few, many] = [rss.at(0), rss.at(-1)] as [[number, number], [number, number]];
    const each = (many[1] - few[1]) / (many[0] - few[0]) / 1024;
    const list = rss.map(([n, bytes]) => `${n}: ${(bytes / 2 ** 20).toFixed(0)} MiB`).join(', ');
    console.log(
      `\nMemory by equipment connected and watched: ${list}; ${each.toFixed(0)} KiB for each more.`,
    );
  } finally {
    await service.kill('SIGKILL');
    await rm(service.dataDir, { recursive: true });
  }
};

const profile = async (): Promise<void> => {
  const folder = await newDataDir();
  const { service } = await started(`--cpu-prof --cpu-prof-dir=${folder}`);
  const ratePerS = rates[Math.min(rates.length - 1, 2)] ?? 5_000;
  const loaded = await load(service, ratePerS, Number(given.equipment));
  await caughtUp(service);
  await service.kill('SIGTERM');
  const places = whereTimeGoes(globSync(join(folder, '*.cpuprofile')));
  const total = places.reduce((sum, { seconds: own }) => sum + own, 0);
  console.log(`\nWhere the time goes at ${Math.round(loaded.ratePerS)} readings/s, all threads:\n`);
  row('place', 'share', 'µs a reading');
  row('---', '---', '---');
  for (const { place, seconds: own } of places.slice(0, 16))
    row(place, `${((100 * own) / total).toFixed(1)} %`, ((own * 1e6) / loaded.acked).toFixed(1));
  await rm(service.dataDir, { recursive: true });
  await rm(folder, { recursive: true });
};

console.log(`${machineName()}\n\n${given.equipment} machines, ${seconds} s a line; p50 / p99 in ms.\n`);
row(
  'asked/s',
  'acked/s',
  'errors',
  'PUBACK',
  'API shows it',
  'fault → ticket',
  'CPU µs a reading',
  'behind at the end',
);
row(...Array.from({ length: 8 }, () => '---'));
const { service, token } = await started();
const probe = await startProbe(service, token);
try {
  for (const ratePerS of rates) await measureRate(service, probe, ratePerS);
  await idle(probe);
  await sizes(service);
} finally {
  await probe.close();
  await service.kill('SIGKILL');
  await rm(service.dataDir, { recursive: true });
}
await memory();
if (given.profile) await profile();
