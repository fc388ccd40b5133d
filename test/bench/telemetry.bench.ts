import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reading } from '../../core/telemetry/reading.ts';
import { openSqliteTelemetry } from '../../store/sqlite/telemetry.ts';

/**
 * What the telemetry store does on this machine: `node test/bench/telemetry.bench.ts [READINGS]`.
 * A reading has six values as a garage's bay sends them.
 */
const total = Number(process.argv[2] ?? 300_000);
const T0 = 1_767_225_600_000;
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const folder = await mkdtemp(join(tmpdir(), 'precall-bench-'));
const store = await openSqliteTelemetry({ path: join(folder, 'telemetry.db') });

const reading = (machine: number, second: number): Reading => ({
  equipment: `garage-${machine}`,
  unit: `bay${machine % 7}`,
  tsMs: T0 + second * 1_000,
  tsSource: 'device',
  seq: second,
  receivedAtMs: T0 + second * 1_000 + 30 + ((second * 7_919) % 40),
  values: {
    hoistCurrentA: Math.round(900 + 100 * Math.sin(second / 10) + ((second * 31) % 17)) / 100,
    vibrationMmS: Math.round(100 + ((second * 13) % 40)) / 100,
    windingTempC: Math.round(400 + second / 50) / 10,
    cycleCount: Math.floor(second / 60),
    chainTensionKn: Math.round(1_000 + ((second * 37) % 90)) / 100,
    skewMm: Math.round(20 + ((second * 11) % 15)) / 10,
  },
});

const measured = async (name: string, readings: number, work: () => Promise<void>): Promise<void> => {
  const before = await store.stats();
  const startMs = performance.now();
  await work();
  const seconds = (performance.now() - startMs) / 1_000;
  const after = await store.stats();
  const points = after.points - before.points;
  const perPoint = points === 0 ? '' : `, ${((after.bytes - before.bytes) / points).toFixed(2)} bytes/point`;
  const rate = Math.round(readings / seconds).toLocaleString('en');
  console.log(
    `${name}: ${rate} readings/s (${Math.round((readings * 6) / seconds / 1_000)} k points/s)${perPoint}`,
  );
};

const history = async (): Promise<void> => {
  for (let second = 0; second < total / 10; second += 500)
    await store.write(range(10).flatMap((machine) => range(500).map((i) => reading(machine, second + i))));
};

await measured('history, 10 machines, writes of 5,000 readings', total, history);
await measured('the same history again', total, history);
await measured('trickle, 1,000 machines once a second', total / 3, async () => {
  for (let second = 0; second < total / 3_000; second++)
    await store.write(range(1_000).map((machine) => reading(1_000 + machine, second)));
});
const startMs = performance.now();
await store.series({
  equipment: 'garage-1',
  unit: 'bay1',
  metric: 'hoistCurrentA',
  fromMs: T0,
  toMs: T0 + (total / 10) * 1_000,
  points: 500,
});
console.log(
  `series of ${total / 10} readings in 500 buckets: ${(performance.now() - startMs).toFixed(1)} ms`,
);
await store.close();
await rm(folder, { recursive: true });
