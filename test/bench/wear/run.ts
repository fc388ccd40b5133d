import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { machineClasses, TIERS } from '../../../simulators/trial.ts';
import type { ClassOutcome } from './class.ts';
import type { Outcome } from './score.ts';
import type { Job } from './worker.ts';

/**
 * `npm run evaluate -- [--seeds 3] [--from 9001] [--machine PSH,fridge] [--wear chain] [--each]`: every wear of every
 * simulated machine in its three tiers of instrumentation, on seeds that nothing was tuned to, before the service's
 * own detectors and the desk's own decisions, by the clock. Prints Markdown, as in docs/evaluation.md.
 */
const { values: given } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    from: { type: 'string', default: '9001' },
    machine: { type: 'string' },
    wear: { type: 'string' },
    each: { type: 'boolean', default: false },
  },
});

const DAYS_A_MONTH = 30.44;
const wanted = given.machine?.split(',');
const classes = machineClasses().filter(({ id }) => wanted === undefined || wanted.includes(id));
if (classes.length === 0) {
  const known = machineClasses().map(({ id }) => id);
  console.error(`--machine ${given.machine}: not simulated; choose from ${known.join(', ')}`);
  process.exit(2);
}
const seeds = Array.from({ length: Number(given.seeds) }, (_, i) => Number(given.from) + i);
const jobs: Job[] = seeds.flatMap((seed) =>
  classes.flatMap(({ id }) => TIERS.map((tier) => ({ machine: id, tier, seed, only: given.wear }))),
);
const total = jobs.length;

const results: { readonly job: Job; readonly outcome: ClassOutcome }[] = [];
const work = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    let job: Job | undefined;
    const next = (): void => {
      job = jobs.shift();
      if (job) worker.postMessage(job);
      else void worker.terminate().then(() => resolve());
    };
    worker.on('error', reject);
    worker.on('message', (outcome: ClassOutcome) => {
      results.push({ job: job as Job, outcome });
      if (process.stderr.isTTY) process.stderr.write(`\r${results.length} of ${total}`);
      next();
    });
    next();
  });
await Promise.all(Array.from({ length: Math.min(availableParallelism(), total) }, work));

const row = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);
const quantile = (values: readonly number[], q: number): string => {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.min(ascending.length - 1, Math.floor(q * ascending.length))]?.toFixed(1) ?? '–';
};
const share = (outcomes: readonly Outcome[]): string => {
  const found = outcomes.filter((one) => one.found).length;
  return `${found} of ${outcomes.length}`;
};
const leads = (outcomes: readonly Outcome[]): readonly number[] =>
  outcomes.flatMap(({ leadDays }) => leadDays ?? []);
const ofTier = (tier: number): Outcome[] =>
  results.filter(({ job }) => job.tier === tier).flatMap(({ outcome }) => outcome.wears);

console.log(`\nSeeds ${seeds[0]}–${seeds.at(-1)}; ${total} fleets.\n`);
row('machine', 'tier', 'wears found', 'lead, median days', 'lead, 10th percentile', 'false a machine-month');
row(...Array.from({ length: 6 }, () => '---'));
const summarise = (name: string, tier: number, some: typeof results): void => {
  const wears = some.flatMap(({ outcome }) => outcome.wears);
  const wellDays = some.reduce((sum, { outcome }) => sum + outcome.wellDays, 0);
  const visits =
    some.reduce((sum, { outcome }) => sum + outcome.wellVisits.length, 0) +
    wears.reduce((sum, { falseVisits }) => sum + falseVisits, 0);
  const days = wellDays + wears.reduce((sum, one) => sum + one.days, 0);
  const falseRate = (visits / days) * DAYS_A_MONTH;
  row(
    name,
    tier,
    share(wears),
    quantile(leads(wears), 0.5),
    quantile(leads(wears), 0.1),
    falseRate.toFixed(3),
  );
};
for (const { id } of classes)
  for (const tier of TIERS)
    summarise(
      id,
      tier,
      results.filter(({ job }) => job.machine === id && job.tier === tier),
    );
for (const tier of TIERS)
  summarise(
    '**all**',
    tier,
    results.filter(({ job }) => job.tier === tier),
  );

console.log('\nMissed at least once:\n');
for (const tier of TIERS) {
  const missed = new Map<string, number>();
  for (const { found, machine, wear } of ofTier(tier))
    if (!found) missed.set(`${machine} ${wear}`, (missed.get(`${machine} ${wear}`) ?? 0) + 1);
  const list = [...missed].map(([name, times]) => `${name} (${times})`);
  console.log(`- tier ${tier}: ${list.join(', ') || 'none'}`);
}
const causes = new Map<string, number>();
for (const { outcome } of results)
  for (const { machine, cause } of outcome.wellVisits)
    causes.set(`${machine} ${cause}`, (causes.get(`${machine} ${cause}`) ?? 0) + 1);
console.log(
  `\nSent for nothing to machines that were well: ${[...causes].map(([name, n]) => `${name} (${n})`).join(', ') || 'never'}.`,
);
if (given.each)
  for (const { outcome } of results)
    for (const one of outcome.wears)
      console.log(
        `${one.machine} ${one.wear} tier ${one.tier} seed ${one.seed}: ${one.leadDays === null ? 'missed' : `${one.leadDays.toFixed(1)} days before`}, ${one.falseVisits} false`,
      );
