import { normal, uniform } from '../../../../core/detect/testing/play.ts';

/** A run of eight sensors at 1 Hz: normal, then a fault that comes slowly, then the steady fault. */
export interface Run {
  readonly rows: readonly (readonly (number | null)[])[];
  readonly warmup: number;
  readonly onset: number;
  readonly steady: number;
}

const SENSORS = 8;
const WARMUP = 1_200;

interface Sensor {
  readonly base: number;
  readonly deviation: number;
  /** How much of the last deviation is left in the next. */
  readonly memory: number;
  readonly swing: number;
  readonly swingRows: number;
  readonly drift: number;
  readonly missing: number;
  readonly kind: 'absent' | 'frozen' | 'works';
  /** What the fault does to it, and after what part of its coming. */
  readonly effect: number;
  readonly delay: number;
}

const sensorOf = (random: () => number, works: boolean): Sensor => {
  const base = 10 ** (1 + 5 * random());
  const deviation = base * 0.002 * 10 ** (1.2 * random() - 0.6);
  const fate = random();
  return {
    base,
    deviation,
    memory: random() < 0.4 ? 0.99 + 0.009 * random() : 0.6 * random(),
    swing: random() < 0.35 ? 2 * deviation : 0,
    swingRows: 40 + 400 * random(),
    drift: random() < 0.3 ? (deviation * (random() - 0.5) * 3) / 3_600 : 0,
    missing: random() < 0.3 ? 0.05 * random() : 0,
    kind: works || fate > 0.3 ? 'works' : fate < 0.15 ? 'absent' : 'frozen',
    effect: works || random() < 0.5 ? (random() < 0.5 ? -1 : 1) * deviation * (8 + 22 * random()) : 0,
    delay: 0.3 * random(),
  };
};

const makeRun = (seed: number): Run => {
  const random = uniform(seed * 48_611 + 7);
  const onset = 3_000 + Math.floor(3_000 * random());
  const coming = 300 + Math.floor(3_000 * random() * random());
  const sensors = Array.from({ length: SENSORS }, (_, i) => sensorOf(random, i < 2));
  // In one run of three a sensor stands still for a quarter of an hour while all is well.
  const still = {
    at: random() < 0.3 ? Math.floor(WARMUP + (onset - WARMUP) * random()) : -10_000,
    sensor: Math.floor(SENSORS * random()),
  };
  const state = new Array<number>(SENSORS).fill(0);
  const held = new Array<number>(SENSORS).fill(0);
  const cell = (one: Sensor, i: number, row: number): number | null => {
    if (one.kind === 'absent') return null;
    if (one.kind === 'frozen') return one.base;
    const fresh = one.deviation * Math.sqrt(1 - one.memory ** 2) * normal(random);
    state[i] = one.memory * (state[i] as number) + fresh;
    const come = Math.max(0, Math.min(1, (row - onset - one.delay * coming) / (coming * (1 - one.delay))));
    const swing = one.swing * Math.sin((2 * Math.PI * row) / one.swingRows);
    const exact = one.base + (state[i] as number) + swing + one.drift * row + one.effect * come;
    const step = one.deviation / 8;
    const isStill = i === still.sensor && row >= still.at && row < still.at + 900;
    if (!isStill) held[i] = Math.round(exact / step) * step;
    return random() < one.missing ? null : (held[i] as number);
  };
  const rows = Array.from({ length: onset + coming + 600 }, (_, row) =>
    sensors.map((one, i) => cell(one, i, row)),
  );
  return { rows, warmup: WARMUP, onset, steady: onset + coming };
};

export const runs = (seed: number, count: number): readonly Run[] =>
  Array.from({ length: count }, (_, i) => makeRun(1_000 * seed + i));
