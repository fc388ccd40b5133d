import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadCatalogue } from '../../catalogue/load.ts';
import { startRecorder } from '../../ingest/recorder.ts';
import { startWatcher } from '../../ingest/watcher.ts';
import type { LogEntry } from '../../store/log.ts';
import { openSqliteLedger } from '../../store/sqlite/ledger.ts';
import { openSqliteLog } from '../../store/sqlite/log.ts';
import { openSqliteTelemetry } from '../../store/sqlite/telemetry.ts';
import { systemTimers } from '../../time/system.ts';

/**
 * How fast the readers of the log catch up, on this machine: `node test/bench/readers.bench.ts [--reader recorder]
 * [--equipment 1000] [--seconds 20] [--readings 1]`. Every machine has told five readings of six values a second, so
 * many in a message. CPU is that of the whole process, the stores' threads included; a turn's is that of the event loop's
 * own thread, so that what else runs on the machine does not count.
 */
const { values: given } = parseArgs({
  options: {
    reader: { type: 'string', default: 'recorder,watcher' },
    equipment: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    readings: { type: 'string', default: '1' },
  },
});
const machines = Number(given.equipment);
const seconds = Number(given.seconds);
const perMessage = Number(given.readings);
const PER_S = 5;
const TURN_MS = 5;
const METRICS = ['hoistCurrentA', 'vibrationMmS', 'windingTempC', 'chainTensionKn', 'skewMm', 'cycleCount'];
const folder = await mkdtemp(join(tmpdir(), 'precall-bench-'));
const startMs = Date.now() - seconds * 1_000;

const measured = (machine: number, at: number, metric: number): number => {
  const noise = ((at * 7_919 + machine * 31 + metric * 17) % 100) / 300;
  return Math.round(100 * (10 + metric + Math.sin((at + machine) / 40 + metric) + noise)) / 100;
};

const message = (machine: number, first: number): LogEntry => {
  const lateMs = machine % 190;
  const readings = Array.from({ length: perMessage }, (_, i) => ({
    ts: startMs + ((first + i) * 1_000) / PER_S + lateMs,
    seq: first + i,
    unit: `bay${machine % 8}`,
    values: Object.fromEntries(METRICS.map((name, k) => [name, measured(machine, first + i, k)])),
  }));
  return {
    kind: 'message',
    receivedAtMs: (readings.at(-1)?.ts ?? startMs) + 20,
    equipment: `M-${machine}`,
    site: 's',
    channel: 'telemetry',
    connectionId: `c-${machine}`,
    payload: new TextEncoder().encode(JSON.stringify(perMessage === 1 ? readings[0] : readings)),
  };
};

const log = await openSqliteLog({ path: join(folder, 'log.db'), maxBytes: 8e9 });
for (let at = 0; at < seconds * PER_S; at += perMessage) {
  await Promise.all(Array.from({ length: machines }, (_, machine) => log.append(message(machine, at))));
  if (at % PER_S === 0) await log.append({ kind: 'tick', receivedAtMs: startMs + (at * 1_000) / PER_S });
}
const { nextOffset } = await log.stats();
const readings = machines * seconds * PER_S;
console.log(`${readings} readings in ${nextOffset} records of ${machines} machines`);

const ledger = await openSqliteLedger({ path: join(folder, 'ledger.db'), clock: Date.now });
const telemetry = await openSqliteTelemetry({ path: join(folder, 'telemetry.db') });
const onProblem = ({ error }: { readonly error: Error }): void => console.error(error);
const catalogue = await loadCatalogue();
const common = { log, ledger, timers: systemTimers, onProblem };
const start = {
  recorder: () => startRecorder({ ...common, telemetry }),
  watcher: () => startWatcher({ ...common, catalogue }),
};

const ownCpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

const catchUp = async (name: keyof typeof start): Promise<void> => {
  const beforeMs = performance.now();
  const cpu = process.cpuUsage();
  const reader = await start[name]();
  let longestMs = 0;
  for (let before = ownCpuMs(); reader.stats().now.reached < nextOffset - 1; before = ownCpuMs()) {
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
    longestMs = Math.max(longestMs, ownCpuMs() - before);
  }
  const tookS = (performance.now() - beforeMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const closingMs = performance.now();
  await reader.close();
  console.log(
    `${name}: ${Math.round(readings / tookS)} readings/s, ${Math.round(nextOffset / tookS)} records/s, CPU ` +
      `${((user + system) / readings).toFixed(1)} µs a reading, turns of ${longestMs.toFixed(0)} ms at most; ` +
      `closed in ${(performance.now() - closingMs).toFixed(0)} ms`,
  );
};

for (const name of ['recorder', 'watcher'] as const) if (given.reader.includes(name)) await catchUp(name);
await telemetry.close();
await ledger.close();
await log.close();
await rm(folder, { recursive: true });
