import type { OpenWear, SentReading, WearKind } from '../machine.ts';
import { normal, pick, round, uniform } from '../random/draw.ts';
import type { Random } from '../random/stream.ts';

/** The ways in which a sensor lies, or a clock. The machine behind it is well. */
export const LIES = ['stuck', 'bias', 'noise', 'spikes', 'scale', 'clockJump'] as const;
export type LieName = (typeof LIES)[number];

export const isLie = (mechanism: string): mechanism is LieName =>
  (LIES as readonly string[]).includes(mechanism);

export const LIE_KINDS: readonly WearKind[] = LIES.map((mechanism) => ({
  mechanism,
  kind: 'lie',
  component: mechanism === 'clockJump' ? 'controller' : 'sensors',
  codes: [],
}));

/** Part of the value by which a bias is off when its life is over. */
const BIAS = 0.35;
/** Standard deviation of a noisy sensor when its life is over, as a part of the value. */
const NOISE = 0.25;
const SPIKES_PER_READING = 0.06;
/** A transmitter of another range: 4–20 mA read as 0–20 mA, bar as MPa on a wrong card, and back. */
const SCALES = [0.5, 0.8, 1.25, 1.6, 2] as const;
const JUMP_MS: readonly [number, number] = [20 * 60_000, 6 * 3_600_000];
/** What no sensor of its own measures: counted or derived by the controller. */
const NOT_MEASURED = new Set([
  'cycleCount',
  'occupancy',
  'inMotion',
  'drumRpm',
  'ambientTempC',
  'outdoorTempC',
  // Timed by the appliance's own clock, or worked out from several sensors.
  'compressorDutyPct',
  'coldHoldMin',
  'startMs',
  'airDeltaC',
  'drainS',
  'spinUpS',
  'lockMs',
  'beltSlipPct',
  'washMin',
  'preheatS',
  'bakeMin',
  'ntcErrorC',
  'finishWh',
  'cookMin',
  'boilS',
  'overBoilS',
  'heatSPerC',
]);
/** No alarm depends on it; where there is nothing else, it is this that lies. */
const LAST_RESORT = 'powerW';

/** A lie that is being told. */
export interface Lie {
  readonly name: LieName;
  readonly record: OpenWear;
  readonly lifeCycles: number;
  /** Added to every device time, ms; 0 but for the clock. */
  readonly jumpMs: number;
  readonly factor: number;
  readonly sign: 1 | -1;
  /** What a stuck sensor says; null until it spoke. */
  frozen: number | null;
  /** A random walk beside the steady part of a bias, as a part of the value. */
  walk: number;
  n: number;
}

export const beginLie = (name: LieName, record: OpenWear, lifeCycles: number, random: Random): Lie => {
  const sign = random() < 0.5 ? -1 : 1;
  return {
    name,
    record,
    lifeCycles,
    jumpMs: name === 'clockJump' ? sign * Math.round(uniform(random, ...JUMP_MS)) : 0,
    factor: pick(random, SCALES),
    sign,
    frozen: null,
    walk: 0,
    n: 0,
  };
};

const told = (lie: Lie, value: number, random: Random): number => {
  lie.n += 1;
  switch (lie.name) {
    case 'stuck':
      lie.frozen ??= value;
      return lie.frozen;
    case 'bias': {
      lie.walk += normal(random, 0, 0.15 * BIAS) / Math.sqrt(lie.lifeCycles);
      const steady = BIAS * Math.min(1, lie.n / lie.lifeCycles);
      return round(value * (1 + lie.sign * steady + lie.walk), 3);
    }
    case 'noise':
      return round(value * (1 + normal(random, 0, NOISE * Math.min(1, lie.n / lie.lifeCycles))), 3);
    case 'spikes':
      return random() < SPIKES_PER_READING ? round(value * uniform(random, 2.5, 6), 3) : value;
    case 'scale':
      return round(value * lie.factor, 3);
    default:
      return value;
  }
};

const chosen = (lie: Lie, reading: SentReading, random: Random): string | null => {
  const { record } = lie;
  if (record.metric === undefined) {
    const measured = Object.keys(reading.values).filter((metric) => !NOT_MEASURED.has(metric));
    const telling = measured.filter((metric) => metric !== LAST_RESORT);
    if (measured.length > 0) record.metric = pick(random, telling.length > 0 ? telling : measured);
  }
  return record.metric ?? null;
};

/** What the reading becomes on its way through this lie. Readings of other units, or without the metric, stay. */
export const retell = (lie: Lie, reading: SentReading, random: Random): SentReading => {
  if (lie.name === 'clockJump' || reading.unit !== lie.record.unit) return reading;
  const metric = chosen(lie, reading, random);
  const value = metric === null ? undefined : reading.values[metric];
  if (metric === null || value === undefined) return reading;
  return { ...reading, values: { ...reading.values, [metric]: told(lie, value, random) } };
};
