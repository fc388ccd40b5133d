/**
 * Replays seeds of the simulation: `npm run simulate:seed -- SEED [SEED…]`. Prints what happened, line by line in
 * virtual time, and what did not hold. Exit 1 where something did not.
 */
import { loadCatalogue } from '../../catalogue/load.ts';
import { trySeed } from './seed.ts';

const seeds = process.argv.slice(2).map(Number);
if (seeds.length === 0 || seeds.some((seed) => !Number.isSafeInteger(seed) || seed < 0)) {
  process.stderr.write('say which seed: npm run simulate:seed -- 123\n');
  process.exit(2);
}
const catalogue = await loadCatalogue();
for (const seed of seeds) {
  const { findings, trace } = await trySeed(seed, catalogue);
  for (const line of trace) process.stdout.write(`${line}\n`);
  process.stdout.write(findings.length === 0 ? `seed ${seed}: all holds\n` : `seed ${seed}:\n`);
  for (const finding of findings) process.stdout.write(`  ${finding}\n`);
  if (findings.length > 0) process.exitCode = 1;
}
