import type { WearKind } from '../../../simulators/machine.ts';
import type { Life } from './life.ts';

/** What became of one machine's wear. Times in days. */
export interface Outcome {
  readonly machine: string;
  readonly wear: string;
  readonly tier: number;
  readonly seed: number;
  readonly found: boolean;
  /** From the ticket to the failure that would have come; null where it was not found. */
  readonly leadDays: number | null;
  /** Tickets for nothing: before the onset, or for another item. */
  readonly falseVisits: number;
  readonly days: number;
}

const DAY_MS = 86_400_000;

export const isRight = (
  visit: { readonly unit: string; readonly component: string; readonly atMs: number },
  truth: { readonly unit: string; readonly component: string; readonly onsetMs: number } | null,
): boolean =>
  truth !== null &&
  visit.atMs >= truth.onsetMs &&
  visit.component === truth.component &&
  (visit.unit === truth.unit || visit.unit === '' || truth.unit === '');

/** `failureMs`: when it fails if nobody comes; found means sent for before that. */
export const outcomeOf = (
  named: { readonly machine: string; readonly wear: WearKind; readonly tier: number; readonly seed: number },
  life: Life,
  fromMs: number,
  failureMs: number,
): Outcome => {
  const first = life.visits.find((visit) => isRight(visit, life.truth));
  const found = first !== undefined && first.atMs < failureMs;
  const isFalse = (visit: Life['visits'][number]): boolean => !visit.isRescue && !isRight(visit, life.truth);
  return {
    machine: named.machine,
    wear: named.wear.mechanism,
    tier: named.tier,
    seed: named.seed,
    found,
    leadDays: found ? (failureMs - first.atMs) / DAY_MS : null,
    falseVisits: life.visits.filter(isFalse).length,
    days: (life.endMs - fromMs) / DAY_MS,
  };
};
