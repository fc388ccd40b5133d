import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Reading } from '../../core/telemetry/reading.ts';
import { openSqliteTelemetry } from '../../store/sqlite/telemetry.ts';

/** Ten million points in, and every one of them out again: counted, summed, in order. */
const MACHINES = 50;
const METRICS = ['hoistCurrentA', 'cycleTimeS', 'brakeSlipMm', 'vibrationMmS'];
const READINGS = 50_000;
const BATCH = 2_000;
const START_MS = Date.UTC(2026, 0, 1);

const value = (machine: number, metric: number, index: number): number =>
  ((machine * 31 + metric * 7 + index) % 1_000) / 100;

const reading = (machine: number, index: number): Reading => ({
  equipment: `m${machine}`,
  unit: '',
  tsMs: START_MS + index * 1_000,
  tsSource: 'device',
  seq: index,
  receivedAtMs: START_MS + index * 1_000 + 20,
  values: Object.fromEntries(METRICS.map((metric, position) => [metric, value(machine, position, index)])),
});

test('10 million points are stored, counted and read back as they came', { timeout: 1_800_000 }, async () => {
  const store = await openSqliteTelemetry({
    path: join(await mkdtemp(join(tmpdir(), 'precall-soak-')), 'telemetry.sqlite'),
  });
  for (let first = 0; first < READINGS; first += BATCH / 10) {
    for (let machine = 0; machine < MACHINES; machine += 10) {
      const batch: Reading[] = [];
      for (let index = first; index < first + BATCH / 10; index += 1) {
        for (let near = machine; near < machine + 10; near += 1) batch.push(reading(near, index));
      }
      await store.write(batch);
    }
  }
  expect((await store.stats()).points).toBe(MACHINES * METRICS.length * READINGS);
  for (const machine of [0, 17, MACHINES - 1]) {
    let cursor: string | undefined;
    let index = 0;
    do {
      const page = await store.readings({
        equipment: `m${machine}`,
        fromMs: START_MS,
        toMs: START_MS + READINGS * 1_000,
        limit: 5_000,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const row of page.rows) {
        if (row.seq !== index || row.values.cycleTimeS !== value(machine, 1, index))
          expect(row).toEqual(reading(machine, index));
        index += 1;
      }
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(index).toBe(READINGS);
  }
  await store.close();
});
