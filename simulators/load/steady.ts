import { setTimeout as sleep } from 'node:timers/promises';
import { createMachine } from '../create.ts';
import { createLink, type Link } from '../link/link.ts';
import { createMeter, type Figures } from '../link/meter.ts';
import { createVoice, type Voice } from '../link/voice.ts';
import type { Machine } from '../machine.ts';
import { stream } from '../random/stream.ts';

export interface SteadyMachine {
  readonly id: string;
  readonly site: string;
  readonly model: string;
  readonly secret: string | null;
}

export interface SteadyOptions {
  readonly url: string;
  readonly machines: readonly SteadyMachine[];
  /** Readings per second, all machines together. */
  readonly ratePerS: number;
  readonly durationMs: number;
  readonly seed: number;
  /** Unix ms, for device times. */
  readonly clock: () => number;
  /** For durations, ms. */
  readonly monotonic: () => number;
  readonly signal: AbortSignal;
  readonly onProgress?: (figures: Figures) => void;
}

export interface SteadyResult extends Figures {
  /** From the first reading that was due to the last acknowledgement. */
  readonly elapsedMs: number;
}

interface Sender {
  readonly machine: Machine;
  readonly link: Link;
  readonly voice: Voice;
}

const WINDOW = 32;
const QUEUE = 2_000;
const TICK_MS = 4;
/** Connections that are opened per tick of this length, so that the generator isn't a reconnect storm itself. */
const CONNECT_TICK_MS = 20;
const CONNECT_PER_TICK = 20;
const CONNECT_LIMIT_MS = 30_000;
/** Nobody connected for so long: there is nothing to wait for. */
const ALONE_LIMIT_MS = 6_000;
const DRAIN_LIMIT_MS = 10_000;
const GRACE_MS = 1_500;
const PROGRESS_MS = 1_000;
/** Readings worked out before acknowledgements get their turn. */
const BURST = 2_000;

const connectOne = (
  entry: SteadyMachine,
  meter: ReturnType<typeof createMeter>,
  options: SteadyOptions,
): Sender => {
  const nowMs = Math.floor(options.clock());
  const { id, site, model, secret } = entry;
  const machine = createMachine({
    id,
    site,
    model,
    timeZone: 'Asia/Shanghai',
    seed: options.seed,
    fromMs: nowMs,
  });
  machine.setTempo({ kind: 'fast', pauseMs: [900, 1100] }, nowMs);
  const random = stream(options.seed, `${id}/link`);
  const { url } = options;
  const { firmware } = machine;
  const link = createLink({
    url,
    id,
    site,
    secret,
    model,
    firmware,
    window: WINDOW,
    queue: QUEUE,
    random,
    meter,
    onService: () => {},
  });
  return { machine, link, voice: createVoice(link) };
};

const nap = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => {});

/**
 * Says readings at a steady rate, open loop: each is due at its own time, whether or not the service keeps up, and
 * its latency counts from then. Machines take turns; what is due at one look goes into one message per machine.
 */
export const runSteady = async (options: SteadyOptions): Promise<SteadyResult> => {
  const { clock, monotonic, ratePerS, durationMs, signal } = options;
  const meter = createMeter(monotonic);
  const senders: Sender[] = [];
  const ticker = setInterval(() => options.onProgress?.(meter.figures()), PROGRESS_MS);

  const connectAll = async (): Promise<void> => {
    const limitMs = monotonic() + CONNECT_LIMIT_MS;
    for (const entry of options.machines) {
      if (signal.aborted) return;
      senders.push(connectOne(entry, meter, options));
      if (senders.length % CONNECT_PER_TICK === 0) await nap(CONNECT_TICK_MS, signal);
    }
    const aloneMs = monotonic() + ALONE_LIMIT_MS;
    for (let up = 0; up < senders.length && monotonic() < limitMs && !signal.aborted; ) {
      await nap(TICK_MS, signal);
      up = meter.figures().connected;
      if (up === 0 && monotonic() > aloneMs) return;
    }
  };

  const say = (turn: number, dueMs: number): void => {
    const sender = senders[turn % senders.length] as Sender;
    const tsMs = Math.floor(clock() - Math.max(0, monotonic() - dueMs));
    for (const emission of sender.machine.step(tsMs)) sender.voice.say(emission, dueMs);
  };

  const flushFrom = (from: number, to: number): void => {
    const touched = Math.min(to - from, senders.length);
    for (let turn = from; turn < from + touched; turn++) senders[turn % senders.length]?.voice.flush();
  };

  const sayAll = async (startMs: number): Promise<void> => {
    const all = Math.round((ratePerS * durationMs) / 1000);
    const dueOf = (turn: number): number => startMs + (turn * 1000) / ratePerS;
    for (let turn = 0; turn < all && !signal.aborted; ) {
      const from = turn;
      const nowMs = monotonic();
      while (turn < all && turn - from < BURST && dueOf(turn) <= nowMs) say(turn, dueOf(turn++));
      flushFrom(from, turn);
      await nap(turn - from === BURST ? 0 : TICK_MS, signal);
    }
  };

  const drain = async (): Promise<void> => {
    const limit = new AbortController();
    const all = Promise.all(senders.map(({ link }) => link.drained()));
    await Promise.race([all, nap(DRAIN_LIMIT_MS, AbortSignal.any([limit.signal, signal]))]);
    limit.abort();
  };

  try {
    await connectAll();
    const startMs = monotonic();
    if (meter.figures().connected > 0) {
      await sayAll(startMs);
      await drain();
    }
    const elapsedMs = monotonic() - startMs;
    return { ...meter.figures(), elapsedMs };
  } finally {
    clearInterval(ticker);
    await Promise.all(senders.map(({ link }) => link.stop(GRACE_MS)));
  }
};
