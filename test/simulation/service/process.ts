import type { Ledger } from '../../../store/ledger.ts';
import type { Log, LogEntry } from '../../../store/log.ts';
import type { TelemetryStore } from '../../../store/telemetry.ts';
import type { Timers } from '../../../time/timers.ts';
import type { VirtualTime } from '../../../time/virtual.ts';
import type { Crash, PartName } from '../plan.ts';
import { type Mortal, type Steps, taken, throughSteps } from './steps.ts';
import type { Disks } from './stores.ts';

/** What a part is given: timers and stores that end with its process. */
export interface Home {
  readonly part: PartName;
  readonly timers: Timers;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly telemetry: TelemetryStore;
  isDead(): boolean;
  readonly onProblem: (problem: { readonly what: string; readonly error: Error }) => void;
}

export interface Process extends Home {
  kill(): void;
}

export interface ProcessOptions {
  readonly part: PartName;
  readonly time: VirtualTime;
  readonly disks: Disks;
  /** The log as it is open now: it is one process' own, or a server's. */
  readonly log: Log;
  readonly steps: Steps;
  /** It reached the step at which it dies. */
  readonly onCrash: (crash: Crash) => void;
  readonly onProblem: Home['onProblem'];
}

const LOG_CALLS = ['append', 'read', 'trim', 'skipTo', 'stats'] as const;

const isTelling = (method: string, entry: unknown): boolean =>
  method === 'append' && (entry as LogEntry).kind !== 'tick';

/** The log as a part sees it: its calls are steps, and a dead part is told of nothing. */
const ownLog = (
  log: Log,
  steps: Steps,
  mortal: Mortal,
): { readonly log: Log; readonly leave: () => void } => {
  const leaves = new Set<() => void>();
  const calls = Object.fromEntries(
    LOG_CALLS.map((method) => [
      method,
      (...args: unknown[]) =>
        taken(steps, mortal, { store: 'log', method, isWork: isTelling(method, args[0]) }, () =>
          (log[method] as (...given: unknown[]) => Promise<unknown>)(...args),
        ),
    ]),
  ) as Pick<Log, (typeof LOG_CALLS)[number]>;
  return {
    log: {
      ...calls,
      id: log.id,
      onAppend: (listener) => {
        const leave = log.onAppend(listener);
        leaves.add(leave);
        return leave;
      },
      close: async () => undefined,
    },
    leave: () => {
      for (const leave of leaves) leave();
    },
  };
};

export const startProcess = async (options: ProcessOptions): Promise<Process> => {
  const { part, time, disks, steps } = options;
  const timers = time.process();
  let isDead = false;
  const kill = (): void => {
    if (isDead) return;
    isDead = true;
    timers.end();
    own.leave();
    ledger.kill();
  };
  const mortal: Mortal = {
    part,
    timers,
    isDead: () => isDead,
    die: (crash) => {
      if (isDead) return;
      kill();
      options.onCrash(crash);
    },
  };
  const own = ownLog(options.log, steps, mortal);
  const ledger = await disks.ledger.open({
    clock: timers.now,
    timers,
    through: throughSteps(steps, mortal, 'ledger'),
  });
  const telemetry = disks.telemetry.open({ timers, through: throughSteps(steps, mortal, 'telemetry') });
  return {
    part,
    timers,
    ledger,
    log: own.log,
    telemetry,
    isDead: () => isDead,
    onProblem: options.onProblem,
    kill,
  };
};
