import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** The crash test of the suite, longer: ten kills while a hundred thousand readings come in. */
test('100,000 readings survive ten SIGKILLs', { timeout: 1_800_000 }, () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const output = execFileSync(
    'npx',
    ['vitest', 'run', '--project', 'system', 'test/system/crash.test.ts', '--testTimeout', '1500000'],
    {
      cwd: root,
      env: { ...process.env, CRASH_READINGS: '100000', CRASH_KILLS: '10' },
      encoding: 'utf8',
    },
  );
  expect(output).toContain('1 passed');
});
