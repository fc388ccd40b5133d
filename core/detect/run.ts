import type { Active } from './announce.ts';

/**
 * How long a series stays at one value: now, and at most in all the time before. In readings, in time, and in
 * readings during which the machine evidently worked. Forty numbers at most, however long it goes on.
 */
export interface Run {
  /** The value that repeats, and when it first came. */
  value: number;
  sinceMs: number;
  lastMs: number;
  /** Repeats since then; time in which they came, gaps left out; and those with evident work. */
  n: number;
  forMs: number;
  work: number;
  /** The first reading ever, and the changes since. */
  firstMs: number;
  moves: number;
  longestN: number;
  longestMs: number;
  longestWork: number;
  /** Smallest change ever, and what a change usually is: a coarse sensor is not exact to less. */
  quantum: number;
  usual: number;
  /** Runs that were told and then ended by themselves. */
  told: number;
  active: Active | null;
}

export const newRun = (tsMs: number, value: number): Run => ({
  value,
  sinceMs: tsMs,
  lastMs: tsMs,
  n: 0,
  forMs: 0,
  work: 0,
  firstMs: tsMs,
  moves: 0,
  longestN: 0,
  longestMs: 0,
  longestWork: 0,
  quantum: 0,
  usual: 0,
  told: 0,
  active: null,
});

const HOUR_MS = 3_600_000;
/** A longer time between two readings is a gap: what the value did in it is not known. */
const GAP_MS = HOUR_MS;
/** Twice told and gone by itself, it is the machine's way: then such runs are learnt, too. */
const TOLERATED = 2;

/** A converter that hangs may still flicker by its last digit; a coarse sensor that works does so as well. */
const toleranceOf = ({ quantum, usual }: Run): number => (usual >= 4 * quantum ? quantum : 0);

export const moves = (run: Run, value: number): boolean => Math.abs(value - run.value) > toleranceOf(run);

const learnMove = (run: Run, step: number): void => {
  run.quantum = run.quantum === 0 ? step : Math.min(run.quantum, step);
  run.moves += 1;
  run.usual += (step - run.usual) / Math.min(run.moves, 50);
};

const learnRun = (run: Run): void => {
  if (run.active) run.told += 1;
  if (run.active && run.told <= TOLERATED) return;
  run.longestN = Math.max(run.longestN, run.n);
  run.longestMs = Math.max(run.longestMs, run.forMs);
  run.longestWork = Math.max(run.longestWork, run.work);
};

/** Takes a reading; true where the value has moved, and with it the run before has ended and is learnt. */
export const follow = (run: Run, tsMs: number, value: number, isWork: boolean): boolean => {
  const passedMs = Math.max(0, Math.min(tsMs - run.lastMs, GAP_MS));
  run.lastMs = Math.max(run.lastMs, tsMs);
  if (!moves(run, value)) {
    run.n += 1;
    run.forMs += passedMs;
    if (isWork) run.work += 1;
    return false;
  }
  learnRun(run);
  learnMove(run, Math.abs(value - run.value));
  Object.assign(run, { value, sinceMs: tsMs, n: 0, forMs: 0, work: 0 });
  return true;
};

const ENOUGH_MOVES = 50;
const ENOUGH_MS = 24 * HOUR_MS;
const LEAST_WORK = 12;
const LEAST_FROZEN = 30;

/**
 * Whether the present run goes well beyond every one before: three times the work, and, where nothing counts
 * the work exactly, twice the time. Or, where all is frozen and no work can be seen: a value that never stood
 * still for more than a few readings does so for very many.
 */
export const isBeyond = (run: Run, forMs: number, knowsWork: boolean): boolean => {
  if (run.moves < ENOUGH_MOVES || run.lastMs - run.firstMs < ENOUGH_MS || run.forMs < forMs) return false;
  const hasWorked = run.work >= Math.max(LEAST_WORK, 3 * run.longestWork);
  if (hasWorked && (knowsWork || run.forMs >= 2 * run.longestMs)) return true;
  const isRestless = run.longestN <= 5 && run.moves >= 4 * ENOUGH_MOVES;
  return isRestless && run.n >= LEAST_FROZEN && run.forMs >= 3 * run.longestMs;
};
