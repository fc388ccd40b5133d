import { writeSync } from 'node:fs';
import type { LogEntry } from '../log.ts';
import { openSqliteLog } from './log.ts';

/**
 * For the crash test: appends until it is killed, and prints `number offset` of every record that was
 * acknowledged. Arguments: file, first number.
 */
const [path = '', from = '0'] = process.argv.slice(2);

const entry = (n: number): LogEntry => ({
  kind: 'message',
  receivedAtMs: 1_767_225_600_000 + n,
  equipment: 'garage',
  site: 'yard',
  channel: 'telemetry',
  connectionId: 'c1',
  payload: Buffer.from(String(n)),
});

try {
  const log = await openSqliteLog({ path, maxBytes: 2 ** 30 });
  const one = async (n: number): Promise<void> => {
    const offset = await log.append(entry(n));
    writeSync(1, `${n} ${offset}\n`);
  };
  let n = Number(from);
  const lane = async (): Promise<void> => {
    for (;;) await one(n++);
  };
  await Promise.all(Array.from({ length: 50 }, lane));
} catch (error) {
  writeSync(2, `${(error as Error).message}\n`);
  process.exitCode = 1;
}
