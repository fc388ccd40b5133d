import { gather, gathered, type ModelPopulation, newGathering } from '../core/detect/population.ts';
import type { Catalogue } from '../core/fault/catalogue.ts';
import type { Log } from '../store/log.ts';
import type { Cancel, Timers } from '../time/timers.ts';
import type { Memory } from './memory.ts';
import type { Problem } from './reader.ts';

export interface PopulationsOptions {
  readonly log: Pick<Log, 'append'>;
  readonly timers: Timers;
  readonly catalogue: Catalogue;
  readonly memory: () => Memory;
  /** While it is behind, what it remembers is not of today. */
  readonly lagMs: () => number;
  readonly onProblem: (problem: Problem) => void;
}

const LOOK_MS = 60_000;
const HOUR_MS = 3_600_000;
const MAX_LAG_MS = 60_000;
/** Machines gathered in one go, some ten milliseconds of work, and the pause after it. */
const MACHINES = 250;
const PAUSE_MS = 20;

const newestMs = ({ shared }: Memory): number => {
  let newest = 0;
  for (const { atMs } of shared.populations.values()) newest = Math.max(newest, atMs);
  return newest;
};

/**
 * Tells the log once an hour how the machines of each model are, taken together; the first time as soon as it can
 * be said. Through the log, because each machine is judged by what stands there and by its own records alone: so a
 * replay compares with the same, and one machine's state never depends on when another's was saved.
 * Returns what ends it.
 */
export const startPopulations = (options: PopulationsOptions): (() => Promise<void>) => {
  const { log, timers, catalogue, memory, lagMs, onProblem } = options;
  let lastMs = 0;
  let resume: Cancel | null = null;
  let telling: Promise<void> = Promise.resolve();

  const tell = async (populations: readonly ModelPopulation[]): Promise<void> => {
    try {
      for (const population of populations) {
        const control = { type: 'population', population } as const;
        await log.append({ kind: 'control', receivedAtMs: timers.now(), control });
      }
    } catch (error) {
      // It is said again within the hour; until then machines are compared with what was said before.
      onProblem({ what: 'the log does not take how the models are', error: error as Error });
    }
  };

  const gatherAll = (nowMs: number): void => {
    const gathering = newGathering();
    const machines = memory().equipment.entries();
    const some = (): void => {
      resume = null;
      for (let n = 0; n < MACHINES; n++) {
        const { value, done } = machines.next();
        if (done) {
          const populations = gathered(gathering, nowMs);
          if (populations.length > 0) lastMs = nowMs;
          telling = telling.then(() => tell(populations));
          return;
        }
        const [id, { state }] = value;
        gather(catalogue, gathering, [id, state], nowMs);
      }
      resume = timers.after(PAUSE_MS, some);
    };
    some();
  };

  const look = (): void => {
    const nowMs = timers.now();
    lastMs = Math.max(lastMs, newestMs(memory()));
    if (Math.floor(nowMs / HOUR_MS) <= Math.floor(lastMs / HOUR_MS)) return;
    if (resume === null && lagMs() <= MAX_LAG_MS) gatherAll(nowMs);
  };

  const stop = timers.every(LOOK_MS, look);
  return () => {
    stop();
    resume?.();
    return telling;
  };
};
