import { awakeTimers } from '../../time/awake.ts';
import { sleep, type Timers } from '../../time/timers.ts';
import type { SceneRecord } from '../environment/record.ts';
import type { Link, LinkOptions } from '../link/link.ts';
import { createMeter, type Figures } from '../link/meter.ts';
import type { Tempo, WearRecord } from '../machine.ts';
import type { Town } from './file.ts';
import { tellPast } from './past.ts';
import { createPlaces } from './places.ts';
import { moveIn, type Resident } from './resident.ts';
import { createScenes } from './scenes.ts';
import { createWears, type Wears } from './wears.ts';

export interface TownOptions {
  /** Where the service's MQTT listener is: `mqtt://127.0.0.1:1883`. */
  readonly url: string;
  /** The secret of an equipment; null: connect without a password. */
  readonly secretOf: (id: string) => string | null;
  /** Unix ms; default: that of the timers. */
  readonly clock?: () => number;
  /** How it waits. Default: the machine's own timers. */
  readonly timers?: Timers;
  /** How machines connect. Default: MQTT over TCP. */
  readonly connect?: (options: LinkOptions) => Link;
  /** For durations only, ms. Default: `clock`. */
  readonly monotonic?: () => number;
  readonly seed: number;
  /** Days of past to tell before living. Default: the town's own; 0 where the service has heard it already. */
  readonly pastDays?: number;
  /** False: nothing wears, nothing befalls the town. Default true. */
  readonly wear?: boolean;
  /** Default: the town's own. */
  readonly pace?: Town['pace'];
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
  /** Everything that befell the town and was no wear: power cuts, heat waves and the like. */
  readonly scenes: readonly SceneRecord[];
  /** Resolves when the whole past was acknowledged (or the run was stopped). */
  readonly past: Promise<void>;
  /** Resolves when the run was stopped; rejects where the simulation itself has a bug. */
  readonly done: Promise<void>;
}

const DAY_MS = 86_400_000;
const GRACE_MS = 1_500;
/** So often wears and stops are looked at, however little happens. */
const NAP_MS = { fast: 200, clock: 5_000 } as const;
/** A process that slept longer than this goes on from now instead of making up for it. */
const CATCH_UP_MS = 10_000;
const PROGRESS_MS = 1_000;

/** Lets everything happen that is due by now. Device time is when it was due, never later than now. */
const catchUp = ({ machine, voice, say }: Resident, nowMs: number, dueNowMs: number): void => {
  for (let atMs = machine.nextAtMs(); atMs <= nowMs; atMs = machine.nextAtMs()) {
    say(machine.step(), dueNowMs - (nowMs - atMs));
    voice.flush();
  }
};

const tempoOf = ({ fastPauseMs }: Resident, pace: Town['pace']): Tempo =>
  pace === 'clock' ? { kind: 'clock' } : { kind: 'fast', pauseMs: fastPauseMs };

/** Nothing wears in it, and nothing befalls it. */
const atPeace = (town: Town): Town => ({
  ...town,
  wears: [],
  chance: null,
  hazard: null,
  scenes: [],
  chanceScenes: null,
});

/**
 * Lets a town live over MQTT: first it tells its past, then it lives in real time, fast. Returns at once; the
 * connections come and go by themselves, also when the service is not there yet.
 */
export const startTown = (town: Town, options: TownOptions): TownRun => {
  const { timers = awakeTimers, seed, speed = 1, pastDays = town.pastDays, pace = town.pace } = options;
  const clock = options.clock ?? timers.now;
  const stopping = new AbortController();
  const meter = createMeter(options.monotonic ?? clock);
  const bornMs = Math.floor(clock());
  const places = createPlaces(town, seed);
  const around = {
    url: options.url,
    secretOf: options.secretOf,
    timers: { ...timers, now: clock },
    seed,
    fromMs: bornMs - Math.round(pastDays * DAY_MS),
    speed,
    meter,
    places,
    ...(options.connect ? { connect: options.connect } : {}),
  };
  const siteOf = new Map(town.sites.map((site) => [site.id, site]));
  const residents = town.machines.map((entry) => {
    const site = siteOf.get(entry.site);
    if (!site) throw new Error(`${entry.id} stands at ${entry.site}, which the town does not have`);
    return moveIn(entry, site, around);
  });
  const lot = options.wear === false ? atPeace(town) : town;
  const wears: Wears = createWears(lot, residents, seed);
  const scenes = createScenes(lot, residents, places, seed);
  let phase: TownStats['phase'] = 'past';

  const stats = (): TownStats => ({ ...meter.figures(), phase, machines: residents.length });
  const enter = (next: TownStats['phase']): void => {
    phase = next;
    options.onProgress?.(stats());
  };
  const stopProgress = timers.every(PROGRESS_MS, () => options.onProgress?.(stats()));

  const nextMs = (): number => {
    let soonest = Number.POSITIVE_INFINITY;
    for (const { machine } of residents) soonest = Math.min(soonest, machine.nextAtMs());
    return soonest;
  };

  const live = async (): Promise<void> => {
    const liveMs = Math.floor(clock());
    for (const resident of residents) resident.machine.setTempo(tempoOf(resident, pace), liveMs);
    let seenMs = liveMs;
    while (!stopping.signal.aborted) {
      const nowMs = Math.floor(clock());
      if (nowMs - seenMs > CATCH_UP_MS)
        for (const resident of residents) resident.machine.setTempo(tempoOf(resident, pace), nowMs);
      seenMs = nowMs;
      scenes.tick(nowMs - liveMs, nowMs);
      wears.tick(nowMs - liveMs, nowMs);
      for (const resident of residents) catchUp(resident, nowMs, meter.nowMs());
      const waitMs = Math.max(1, Math.min(NAP_MS[pace], nextMs() - clock()));
      await sleep(timers, waitMs, stopping.signal);
    }
  };

  const leave = async (): Promise<void> => {
    stopping.abort();
    stopProgress();
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

  const past = Promise.all(
    residents.map((resident) => tellPast(resident, bornMs, timers, stopping.signal)),
  ).then(() => {});
  const done = past.then(() => {
    if (stopping.signal.aborted) return;
    enter('live');
    return live();
  });
  return { stats, stop, truth: wears.truth, scenes: scenes.truth, past, done };
};
