import { pick } from '../../simulators/random/draw.ts';
import { stream } from '../../simulators/random/stream.ts';
import {
  between,
  type ClientPlan,
  type Crash,
  type Disturbances,
  HOUR_MS,
  LOOK_AFTER_MS,
  MINUTE_MS,
  PARTS,
  SECOND_MS,
  START_MS,
  times,
  type Window,
} from './plan.ts';

/** Nothing goes wrong: what the disturbed run must come to as well. */
export const CALM: Disturbances = {
  crashes: [],
  downs: [],
  outages: [],
  offline: [],
  flaps: [],
  tickless: [],
  net: { delayMs: 20, straggler: 0, duplicate: 0, lostAck: 0 },
  slowCall: 0,
  impatient: 0,
  deaf: 0,
  gone: null,
};

export const planDisturbances = (seed: number, clients: readonly ClientPlan[]): Disturbances => {
  const random = stream(seed, 'disturbances');
  /** On the first day, or now and then when the second episodes begin. */
  const at = (): number =>
    random() < 0.8
      ? START_MS + between(random, 0.2 * HOUR_MS, 10 * HOUR_MS)
      : SECOND_MS + between(random, 0, 2 * HOUR_MS);
  const window = (leastMs: number, mostMs: number): Window => {
    const fromMs = at();
    // Short ones are the rule, long ones must be.
    const forMs = leastMs * (mostMs / leastMs) ** random();
    return { fromMs, toMs: Math.round(fromMs + forMs) };
  };
  const crash = (): Crash => {
    const calls = pick(random, ['any', 'effects', 'commits', 'work', 'work', 'appends'] as const);
    return {
      part: pick(random, PARTS),
      atMs: at(),
      skip: between(random, 0, calls === 'work' || calls === 'appends' ? 4 : 12),
      calls,
      when: pick(random, ['before', 'after'] as const),
      restartMs: Math.round(1_000 * 120 ** random()),
    };
  };
  const client = (): string => pick(random, clients).id;
  const downs = times(between(random, 0, 2), () => window(4_000, 2 * HOUR_MS));
  const planned = {
    crashes: times(between(random, 4, 16), crash).toSorted((a, b) => a.atMs - b.atMs),
    outages: times(between(random, 0, 3), () => ({
      ...window(10_000, 20 * MINUTE_MS),
      store: pick(random, ['telemetry', 'telemetry', 'log', 'ledger'] as const),
    })),
    offline: times(between(random, 0, 3), () => ({ ...window(MINUTE_MS, 3 * HOUR_MS), client: client() })),
    flaps: times(between(random, 1, 8), () => ({
      client: client(),
      atMs: at(),
      noticeMs: Math.round(90_000 * random() ** 2),
    })),
    tickless: times(between(random, 0, 2), () => window(20_000, 10 * MINUTE_MS)),
    net: {
      delayMs: pick(random, [20, 200, 2_000]),
      straggler: pick(random, [0, 0.02, 0.1]),
      duplicate: pick(random, [0, 0.05, 0.3]),
      lostAck: pick(random, [0, 0.02, 0.1]),
    },
    slowCall: pick(random, [0, 0.01, 0.1]),
    impatient: pick(random, [0, 0.1, 0.3]),
    deaf: pick(random, [0, 0.1, 0.4]),
  };
  const last = downs.at(-1);
  if (!last || random() >= 0.5) return { ...planned, downs, gone: null };
  const gone = client();
  // Back so soon that the ticks show no gap: then only the service itself can know that it was away.
  const toMs = random() < 0.5 ? last.fromMs + between(random, 2_000, 6_000) : last.toMs;
  return {
    ...planned,
    downs: [...downs.slice(0, -1), { ...last, toMs }],
    gone: { client: gone, atMs: last.fromMs + 1_000, lookAtMs: toMs + LOOK_AFTER_MS },
  };
};
