import type { Log } from '../../../store/log.ts';
import type { VirtualTime } from '../../../time/virtual.ts';
import { type Crash, PARTS, type PartName, type Plan } from '../plan.ts';
import type { Trace } from '../trace.ts';
import { type Fronts, type PartOptions, START } from './parts.ts';
import { type Process, startProcess } from './process.ts';
import type { Steps } from './steps.ts';
import type { Disks } from './stores.ts';

export interface ServiceOptions extends Omit<PartOptions, 'fronts' | 'tickless'> {
  readonly plan: Plan;
  readonly time: VirtualTime;
  readonly disks: Disks;
  readonly steps: Steps;
  readonly trace: Trace;
}

export interface Service {
  readonly fronts: Fronts;
  /** Crashes that happened, by part. */
  readonly crashes: ReadonlyMap<PartName, number>;
  /** When each part was up: [from, to) in Unix ms; the last one is open. */
  readonly up: ReadonlyMap<PartName, readonly { readonly fromMs: number; readonly toMs: number | null }[]>;
  start(): Promise<void>;
  /** The days are over: nobody holds a transaction open any more, so that what is left can be read. */
  end(): void;
}

const RETRY_MS = 5_000;
const LOG_BYTES = 2 ** 28;

interface Interval {
  fromMs: number;
  toMs: number | null;
}

/** All parts, each a process of its own, and whatever starts them again when they die. */
export const createService = (options: ServiceOptions): Service => {
  const { plan, time, disks, steps, trace } = options;
  const fronts: Fronts = { edge: null, api: null };
  const given: PartOptions = { ...options, fronts, tickless: plan.disturbances.tickless };
  const processes = new Map<PartName, Process>();
  const up = new Map<PartName, Interval[]>(PARTS.map((part) => [part, []]));
  const crashes = new Map<PartName, number>();
  let log: { readonly log: Log; readonly end: () => void } | null = null;
  /** Grows when all die: what was about to start then does not. */
  let age = 0;

  const down = (part: PartName): void => {
    const last = up.get(part)?.at(-1);
    if (last && last.toMs === null) last.toMs = time.now();
    if (part === 'edge') fronts.edge = null;
    if (part === 'api') fronts.api = null;
    processes.delete(part);
  };

  const later = (part: PartName, delayMs: number): void => {
    const born = age;
    time.after(delayMs, () => {
      if (born === age) void run(part);
    });
  };

  const onCrash = (part: PartName) => (crash: Crash) => {
    crashes.set(part, (crashes.get(part) ?? 0) + 1);
    trace.note(part, `dies ${crash.when} a step (${crash.calls}), back in ${crash.restartMs} ms`);
    down(part);
    later(part, crash.restartMs);
  };

  const run = async (part: PartName): Promise<void> => {
    if (!log) return;
    const process = await startProcess({
      part,
      time,
      disks,
      log: log.log,
      steps,
      onCrash: onCrash(part),
      onProblem: ({ what, error }) => trace.note(part, `${what}: ${error.message}`),
    });
    processes.set(part, process);
    up.get(part)?.push({ fromMs: time.now(), toMs: null });
    trace.note(part, 'starts');
    try {
      await START[part](process, given);
    } catch (error) {
      // As `precall serve`: it ends with an error, and whoever runs it starts it again.
      if (process.isDead()) return;
      trace.note(part, `does not start: ${(error as Error).message}`);
      process.kill();
      down(part);
      later(part, RETRY_MS);
    }
  };

  const openLog = async (): Promise<void> => {
    const timers = time.process();
    const opened = await disks.log.open({ timers, maxBytes: LOG_BYTES, through: disks.recording });
    log = { log: opened, end: () => timers.end() };
  };

  const start = async (): Promise<void> => {
    await openLog();
    await Promise.all(PARTS.map(run));
  };

  const killAll = (): void => {
    age += 1;
    trace.note('service', 'dies as a whole');
    log?.end();
    log = null;
    for (const [part, process] of processes) {
      process.kill();
      down(part);
    }
  };

  const end = (): void => {
    for (const process of processes.values()) process.kill();
  };

  for (const { fromMs, toMs } of plan.disturbances.downs) {
    time.after(fromMs - time.now(), killAll);
    time.after(toMs - time.now(), () => {
      if (log) return;
      trace.note('service', 'starts again');
      void start();
    });
  }
  return { fronts, crashes, up, start, end };
};
