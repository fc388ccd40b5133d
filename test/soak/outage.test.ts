import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** The outages of the suite, as long as they are outside: five minutes at 2,000 readings/s, and each server killed five times. */
test('InfluxDB away for five minutes, and 15 kill -9', { timeout: 3_600_000 }, () => {
  const { stdout: output } = spawnSync(
    'npx',
    ['vitest', 'run', '--project', 'system', 'test/system/deployment.test.ts'],
    {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
      env: { OUTAGE_S: '300', OUTAGE_READINGS_PER_S: '2000', OUTAGE_ROUNDS: '5', ...process.env },
      encoding: 'utf8',
    },
  );
  console.log(output);
  expect(output).toContain('3 passed');
});
