import type { Reading } from '../../../core/telemetry/reading.ts';

/** Readings as machines send them, each number by its place alone: what was written can be worked out again. */
export interface Made {
  readonly seed: number;
  readonly startMs: number;
  /** From one reading of a machine to its next. */
  readonly stepMs: number;
  readonly unit: string;
}

/** Level, how far it swings in a day, and noise; a counter only grows. */
interface Metric {
  readonly name: string;
  readonly level: number;
  readonly swing: number;
  readonly noise: number;
}

const METRICS: readonly Metric[] = [
  { name: 'hoistCurrentA', level: 9.8, swing: 0.4, noise: 0.6 },
  { name: 'vibrationMmS', level: 1.2, swing: 0.1, noise: 0.4 },
  { name: 'windingTempC', level: 46, swing: 12, noise: 0.5 },
  { name: 'chainTensionKn', level: 10.4, swing: 0.2, noise: 0.9 },
  { name: 'cycleTimeS', level: 74, swing: 3, noise: 6 },
];
const COUNTER = 'cycleCount';
export const METRIC_NAMES: readonly string[] = [...METRICS.map(({ name }) => name), COUNTER];
const DAY_MS = 86_400_000;

/** In [0, 1), from where the number stands. */
const chance = (seed: number, machine: number, metric: number, index: number): number => {
  let h = Math.imul(seed + 1, 0x2c1b3c6d) ^ Math.imul(machine + 1, 0x297a2d39);
  h = Math.imul(h ^ (h >>> 15) ^ Math.imul(index + 1, 0x1b56c4e9), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ (metric + 1), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
};

const twoDecimals = (value: number): number => Math.round(value * 100) / 100;

/** Controllers read their clock when they get round to it: the steps between readings differ by some ms. */
const JITTER_MS = 20;

export const timeOf = ({ seed, startMs, stepMs }: Made, machine: number, index: number): number => {
  const jitterMs = Math.floor(Math.min(JITTER_MS, stepMs / 2) * chance(seed, machine, 98, index));
  return startMs + index * stepMs + (machine % Math.min(Math.ceil(stepMs / 2), 997)) + jitterMs;
};

export const numberOf = (made: Made, machine: number, metric: number, index: number): number => {
  const kind = METRICS[metric];
  if (!kind) return Math.floor((index * made.stepMs) / 90_000) + machine;
  const day = Math.sin((2 * Math.PI * (timeOf(made, machine, index) % DAY_MS)) / DAY_MS + machine);
  const noise = chance(made.seed, machine, metric, index) - 0.5;
  return twoDecimals(kind.level + kind.swing * day + kind.noise * noise);
};

export const nameOf = (machine: number): string => `garage-${machine}`;

export const readingOf = (made: Made, machine: number, index: number): Reading => {
  const tsMs = timeOf(made, machine, index);
  return {
    equipment: nameOf(machine),
    unit: made.unit,
    tsMs,
    tsSource: 'device',
    seq: index,
    receivedAtMs: tsMs + 30 + Math.floor(40 * chance(made.seed, machine, 99, index)),
    values: Object.fromEntries(METRIC_NAMES.map((name, k) => [name, numberOf(made, machine, k, index)])),
  };
};

/** As a recorder gets them: machines take turns, `size` readings at a time. */
export function* batchesOf(
  made: Made,
  machines: number,
  each: number,
  size: number,
): Generator<readonly Reading[]> {
  let batch: Reading[] = [];
  for (let index = 0; index < each; index++)
    for (let machine = 0; machine < machines; machine++) {
      batch.push(readingOf(made, machine, index));
      if (batch.length === size) {
        yield batch;
        batch = [];
      }
    }
  if (batch.length > 0) yield batch;
}
