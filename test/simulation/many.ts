/**
 * `node test/simulation/many.ts FROM TO`: tries these seeds, one line for each that fails, and the command that
 * replays it. Exit 1 where one did.
 */
import { loadCatalogue } from '../../catalogue/load.ts';
import { trySeed } from './seed.ts';

const [from = 0, to = 0] = process.argv.slice(2).map(Number);
const catalogue = await loadCatalogue();
for (let seed = from; seed <= to; seed++) {
  const { findings } = await trySeed(seed, catalogue);
  if (findings.length === 0) continue;
  process.exitCode = 1;
  process.stdout.write(`npm run simulate:seed -- ${seed}: ${findings.join(' | ')}\n`);
}
