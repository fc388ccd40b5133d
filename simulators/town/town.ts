import { setTimeout as sleep } from 'node:timers/promises';
import { createMeter, type Figures } from '../link/meter.ts';
import type { WearRecord } from '../machine.ts';
import type { Town } from './file.ts';
import { tellPast } from './past.ts';
import { moveIn, type Resident } from './resident.ts';
import { createWears, type Wears } from './wears.ts';

export interface TownOptions {
  /** Where the service's MQTT listener is: `mqtt://127.0.0.1:1883`. */
  readonly url: string;
  /** The secret of an equipment; null: connect without a password. */
  readonly secretOf: (id: string) => string | null;
  /** Unix ms. */
  readonly clock: () => number;
  /** For durations only, ms. Default: `clock`. */
  readonly monotonic?: () => number;
  readonly seed: number;
  /** Days of past to tell before living. Default: the town's own; 0 where the service has heard it already. */
  readonly pastDays?: number;
  /** False: nothing wears. Default true. */
  readonly wear?: boolean;
  /** Makes the fast life faster (2: twice). Default 1. */
  readonly speed?: number;
  /** Called when the phase changes and about once a second. */
  readonly onProgress?: (stats: TownStats) => void;
  /** Aborting is the same as `stop()`. */
  readonly signal?: AbortSignal;
}

export interface TownStats extends Figures {
  readonly phase: 'past' | 'live' | 'stopped';
  readonly machines: number;
}

export interface TownRun {
  stats(): TownStats;
  /** Says goodbye for every machine and closes; resolves within two seconds, also when called twice. */
  stop(): Promise<void>;
  /** Everything that wore so far, growing. */
  readonly truth: readonly WearRecord[];
  /** Resolves when the whole past was acknowledged (or the run was stopped). */
  readonly past: Promise<void>;
  /** Resolves when the run was stopped; rejects where the simulation itself has a bug. */
  readonly done: Promise<void>;
}

const DAY_MS = 86_400_000;
const GRACE_MS = 1_500;
/** So often wears and stops are looked at, however little happens. */
const NAP_MS = 200;
/** A process that slept longer than this goes on from now instead of making up for it. */
const CATCH_UP_MS = 10_000;
const PROGRESS_MS = 1_000;

const nap = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch(() => {});
};

/** Lets everything happen that is due by now. Device time is when it was due, never later than now. */
const catchUp = ({ machine, voice, fastPauseMs }: Resident, nowMs: number, dueNowMs: number): void => {
  if (machine.nextAtMs() < nowMs - CATCH_UP_MS)
    machine.setTempo({ kind: 'fast', pauseMs: fastPauseMs }, nowMs);
  for (let atMs = machine.nextAtMs(); atMs <= nowMs; atMs = machine.nextAtMs()) {
    for (const emission of machine.step()) voice.say(emission, dueNowMs - (nowMs - atMs));
    voice.flush();
  }
};

/**
 * Lets a town live over MQTT: first it tells its past, then it lives in real time, fast. Returns at once; the
 * connections come and go by themselves, also when the service is not there yet.
 */
export const startTown = (town: Town, options: TownOptions): TownRun => {
  const { clock, seed, speed = 1, pastDays = town.pastDays } = options;
  const stopping = new AbortController();
  const meter = createMeter(options.monotonic ?? clock);
  const bornMs = Math.floor(clock());
  const fromMs = bornMs - Math.round(pastDays * DAY_MS);
  const around = { url: options.url, secretOf: options.secretOf, clock, seed, fromMs, speed, meter };
  const residents = town.machines.map((entry) => moveIn(town, entry, around));
  const wears: Wears = createWears(
    options.wear === false ? { ...town, wears: [], chance: null } : town,
    residents,
    seed,
  );
  let phase: TownStats['phase'] = 'past';

  const stats = (): TownStats => ({ ...meter.figures(), phase, machines: residents.length });
  const enter = (next: TownStats['phase']): void => {
    phase = next;
    options.onProgress?.(stats());
  };
  const ticker = setInterval(() => options.onProgress?.(stats()), PROGRESS_MS);

  const live = async (): Promise<void> => {
    const liveMs = Math.floor(clock());
    for (const { machine, fastPauseMs } of residents)
      machine.setTempo({ kind: 'fast', pauseMs: fastPauseMs }, liveMs);
    while (!stopping.signal.aborted) {
      const nowMs = Math.floor(clock());
      wears.tick(nowMs - liveMs, nowMs);
      for (const resident of residents) catchUp(resident, nowMs, meter.nowMs());
      const nextMs = Math.min(...residents.map(({ machine }) => machine.nextAtMs()));
      await nap(Math.max(1, Math.min(NAP_MS, nextMs - clock())), stopping.signal);
    }
  };

  const leave = async (): Promise<void> => {
    stopping.abort();
    clearInterval(ticker);
    await Promise.all(residents.map(({ link }) => link.stop(GRACE_MS)));
    enter('stopped');
  };
  let left: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    left ??= leave();
    return left;
  };
  const onAbort = (): void => void stop();
  if (options.signal?.aborted) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });
  stopping.signal.addEventListener('abort', () => options.signal?.removeEventListener('abort', onAbort));

  const past = Promise.all(residents.map((resident) => tellPast(resident, bornMs, stopping.signal))).then(
    () => {},
  );
  const done = past.then(() => {
    if (stopping.signal.aborted) return;
    enter('live');
    return live();
  });
  return { stats, stop, truth: wears.truth, past, done };
};
