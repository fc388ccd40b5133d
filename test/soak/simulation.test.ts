import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const MANY = fileURLToPath(new URL('../simulation/many.ts', import.meta.url));
const SEEDS = Number(process.env.SEEDS ?? 1_000);
/** Ten seeds share a town, so they stay together. */
const TOGETHER = 10;

/** The command line of a chunk of seeds; what it prints names those that fail. */
const failuresOf = async (from: number): Promise<string> => {
  const to = Math.min(SEEDS, from + TOGETHER) - 1;
  return run(process.execPath, [MANY, String(from), String(to)], { maxBuffer: 2 ** 26 }).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr, message }: { stdout: string; stderr: string; message: string }) =>
      stdout === '' ? `seeds ${from}–${to}: ${stderr || message}` : stdout,
  );
};

test(`the simulation holds on ${SEEDS} seeds`, { timeout: 24 * 3_600_000 }, async () => {
  const failures: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < SEEDS) {
      const from = next;
      next += TOGETHER;
      const failed = await failuresOf(from);
      if (failed !== '') failures.push(failed.trim());
      process.stderr.write(`simulation: seeds to ${Math.min(SEEDS, from + TOGETHER) - 1} tried\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  expect(failures.join('\n')).toBe('');
});
