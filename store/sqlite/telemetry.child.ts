import { writeSync } from 'node:fs';
import type { Reading } from '../../core/telemetry/reading.ts';
import { openSqliteTelemetry } from './telemetry.ts';

/**
 * For the crash test: writes batches of 60 readings until it is killed, each batch again half of the one
 * before, as a recorder does that goes on from its last offset. Prints the number of the last reading of
 * every batch that was written. Arguments: file, first number.
 */
const [path = '', from = '0'] = process.argv.slice(2);
const T0 = 1_767_225_600_000;

const reading = (n: number): Reading => ({
  equipment: `garage-${n % 3}`,
  unit: '',
  tsMs: T0 + n * 100,
  tsSource: n % 3 === 2 ? 'receive' : 'device',
  seq: n,
  receivedAtMs: T0 + n * 100 + 5,
  values: { n, half: n / 2 },
});

const store = await openSqliteTelemetry({ path });
for (let start = Number(from); ; start += 30) {
  await store.write(Array.from({ length: 60 }, (_, i) => reading(start + i)));
  writeSync(1, `${start + 59}\n`);
}
