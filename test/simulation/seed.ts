import type { Catalogue } from '../../core/fault/catalogue.ts';
import {
  auditHolds,
  goneIsNotOnline,
  onlineAsItIs,
  phonesRead,
  repairsHeard,
  repairsTold,
} from './checks/books.ts';
import { type Result, resultOf, sameAsCalm } from './checks/calm.ts';
import type { Check } from './checks/check.ts';
import { evidenceInOrder } from './checks/evidence.ts';
import { type Found, findAll } from './checks/found.ts';
import { askedAreTold, chainsClimb, noticesArrive } from './checks/notices.ts';
import { promisesKept } from './checks/promises.ts';
import { allSaid, quarantine, readingsOnce } from './checks/readings.ts';
import { sameAsReplay } from './checks/replay.ts';
import {
  allMended,
  noCrewTwice,
  oneOpenTicketAnItem,
  oneTicketAnEpisode,
  saidOnce,
} from './checks/tickets.ts';
import { calmPlanOf, planOf } from './plan-seed.ts';
import { type Run, simulate } from './simulate.ts';

export interface Verdict {
  readonly seed: number;
  /** What did not hold, each line beginning with the name of its check. */
  readonly findings: readonly string[];
  readonly trace: readonly string[];
}

const CHECKS: Readonly<Record<string, Check>> = {
  allSaid,
  readingsOnce,
  quarantine,
  oneTicketAnEpisode,
  oneOpenTicketAnItem,
  noCrewTwice,
  allMended,
  saidOnce,
  promisesKept,
  auditHolds,
  phonesRead,
  onlineAsItIs,
  goneIsNotOnline,
  repairsHeard,
  repairsTold,
  noticesArrive,
  askedAreTold,
  chainsClimb,
  evidenceInOrder,
};

const checked = async (run: Run, found: Found, catalogue: Catalogue): Promise<string[]> => {
  const findings: string[] = [];
  for (const [name, check] of Object.entries({ ...CHECKS, sameAsReplay: sameAsReplay(catalogue) }))
    try {
      for (const finding of await check(run, found)) findings.push(`${name}: ${finding}`);
    } catch (error) {
      // What a run left may be too broken to be looked at, or its log to be read again: that is a finding, too.
      findings.push(`${name}: ${(error as Error).message}`);
    }
  return findings;
};

interface Calm {
  readonly town: number;
  readonly findings: readonly string[];
  readonly result: Result;
}

/** Of the town that was tried last: seeds come in order, and ten of them share one. */
let known: Calm | null = null;

const calmOf = async (seed: number, catalogue: Catalogue): Promise<Calm> => {
  const plan = calmPlanOf(seed);
  if (known?.town === plan.town) return known;
  const run = await simulate(plan, catalogue);
  const found = await findAll(run);
  const findings = await checked(run, found, catalogue);
  run.disks.dispose();
  known = { town: plan.town, findings, result: resultOf(run, found) };
  return known;
};

interface Lived extends Verdict {
  readonly result: Result;
}

/** Lives a seed's days and looks at what is left. */
export const tryDisturbed = async (seed: number, catalogue: Catalogue): Promise<Lived> => {
  const run = await simulate(planOf(seed), catalogue);
  const found = await findAll(run);
  const findings = await checked(run, found, catalogue);
  run.disks.dispose();
  return { seed, findings, trace: run.trace.lines, result: resultOf(run, found) };
};

/** As `tryDisturbed`, and the same town undisturbed is what it must come to. */
export const trySeed = async (seed: number, catalogue: Catalogue): Promise<Verdict> => {
  const calm = await calmOf(seed, catalogue);
  const { findings, trace, result } = await tryDisturbed(seed, catalogue);
  const all = [
    ...calm.findings.map((finding) => `undisturbed, ${finding}`),
    ...findings,
    ...sameAsCalm(calm.result, result).map((finding) => `sameAsCalm: ${finding}`),
  ];
  return { seed, findings: all, trace };
};
