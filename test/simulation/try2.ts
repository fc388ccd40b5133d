import { loadCatalogue } from '../../catalogue/load.ts';
import { CALM } from './plan-disturbances.ts';
import { planOf } from './plan-seed.ts';
import { simulate } from './simulate.ts';
const catalogue = await loadCatalogue();
for (let seed = 1; seed <= Number(process.argv[2] ?? 6); seed++)
for (const calm of [true, false]) {
  const plan = planOf(seed);
  const c = process.cpuUsage(); const t = performance.now();
  const run = await simulate(calm ? { ...plan, disturbances: CALM } : plan, catalogue);
  const d = process.cpuUsage(c);
  console.log(seed, calm ? 'calm' : 'disturbed', 'cpu', Math.round((d.user+d.system)/1000), 'wall', Math.round(performance.now() - t), run.trace.lines.length, 'lines', run.disks.history.length, 'records');
  run.disks.dispose();
}
