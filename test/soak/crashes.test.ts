import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** The crash test of the suite, longer: fifty machines, five kills while a hundred thousand readings come in. */
test('100,000 readings of 50 machines survive five SIGKILLs', { timeout: 1_800_000 }, () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const output = execFileSync(
    'npx',
    ['vitest', 'run', '--project', 'system', 'test/system/crash.test.ts', '--testTimeout', '1500000'],
    {
      cwd: root,
      env: { ...process.env, CRASH_READINGS: '100000', CRASH_KILLS: '5', CRASH_MACHINES: '50' },
      encoding: 'utf8',
    },
  );
  expect(output).toContain('1 passed');
});
