import { normal, uniform } from '../../../../core/detect/testing/play.ts';

/** A long series with one anomaly after its first part, and where that is. */
export interface Long {
  readonly name: string;
  readonly values: number[];
  /** Rows at the beginning that hold no anomaly. */
  readonly train: number;
  readonly from: number;
  readonly to: number;
}

type Wave = (turn: number, size: readonly number[]) => number;
const bump = (x: number, at: number, width: number): number => Math.exp(-0.5 * ((x - at) / width) ** 2);

/** One turn of each kind of machine or body; `turn` from 0 to 1, four sizes about 1. */
const WAVES: Readonly<Record<string, Wave>> = {
  beat: (p, [a = 1, b = 1, c = 1, d = 1]) =>
    0.15 * a * bump(p, 0.2, 0.025) +
    b * bump(p, 0.385, 0.012) -
    0.12 * bump(p, 0.36, 0.01) -
    0.2 * c * bump(p, 0.41, 0.012) +
    0.3 * d * bump(p, 0.62, 0.045),
  sinus: (p, [a = 1, b = 1]) => a * Math.sin(2 * Math.PI * p) + 0.3 * b * Math.sin(4 * Math.PI * p + 1),
  machine: (p, [a = 1, b = 1, c = 1]) => {
    if (p < 0.1) return p * 10 * a;
    if (p < 0.45) return a;
    if (p < 0.5) return a * (1 - (p - 0.45) * 14);
    if (p < 0.8) return 0.3 * b;
    if (p < 0.83) return 0.3 * b + (p - 0.8) * 10;
    return p < 0.9 ? 0.6 * c : 0.6 * c * (1 - (p - 0.9) * 10);
  },
  pressure: (p, [a = 1]) => a * (bump(p, 0.25, 0.09) + 0.35 * bump(p, 0.52, 0.05) + 0.2 * bump(p, 0.7, 0.1)),
  gait: (p, [a = 1, b = 1, c = 1]) =>
    a * Math.sin(2 * Math.PI * p) +
    0.7 * b * Math.sin(6 * Math.PI * p + 0.5) +
    1.2 * c * bump(p, 0.15, 0.03) -
    0.8 * bump(p, 0.3, 0.02),
  breath: (p, [a = 1]) =>
    a * (p < 0.4 ? Math.sin((Math.PI * p) / 0.4) : -0.35 * Math.sin((Math.PI * (p - 0.4)) / 0.6)),
};
const NATURE: Readonly<Record<string, { jitter: number; size: number; wander: number; noise: number }>> = {
  beat: { jitter: 0.06, size: 0.06, wander: 0.15, noise: 0.02 },
  sinus: { jitter: 0.01, size: 0.03, wander: 0.02, noise: 0.06 },
  machine: { jitter: 0.03, size: 0.02, wander: 0, noise: 0.02 },
  pressure: { jitter: 0.05, size: 0.06, wander: 0.25, noise: 0.015 },
  gait: { jitter: 0.05, size: 0.12, wander: 0.05, noise: 0.08 },
  breath: { jitter: 0.12, size: 0.15, wander: 0.1, noise: 0.02 },
};

/** What may be wrong with one turn: its course, its size or its length. */
const TURNS: Readonly<Record<string, (p: number, wave: (p: number) => number, much: number) => number>> = {
  missing: (_, wave) => wave(0),
  flipped: (p, wave) => (p > 0.2 && p < 0.7 ? 2 * wave(0) - wave(p) : wave(p)),
  backwards: (p, wave) => wave(1 - p),
  larger: (p, wave, much) => wave(p) * (1.25 + 0.3 * much),
  smaller: (p, wave, much) => wave(p) * (0.7 - 0.2 * much),
  warped: (p, wave, much) => wave(p < 0.5 ? 0.5 * (2 * p) ** (1.5 + much) : 0.5 + 0.5 * (2 * p - 1) ** 0.6),
  bumped: (p, wave, much) => wave(p) + 0.45 * bump(p, 0.2 + 0.6 * much, 0.07),
  raised: (p, wave, much) => wave(p) + 0.25 + 0.2 * much,
};
const LENGTHS: Readonly<Record<string, number>> = { slow: 1.4, fast: 0.7, cut: 0.55 };
/** What may be wrong with the readings of one turn. */
const READINGS = ['noisy', 'smooth', 'frozen', 'spike'] as const;
export const KINDS = [...Object.keys(TURNS), ...Object.keys(LENGTHS), ...READINGS];

const spoil = (kind: string, values: number[], from: number, to: number, random: () => number): void => {
  const length = to - from;
  if (kind === 'noisy')
    for (let i = from; i < to; i++) values[i] = (values[i] as number) + 0.08 * normal(random);
  if (kind === 'frozen') {
    const first = from + Math.floor(0.6 * length * random());
    values.fill(values[first] as number, first, first + Math.floor(0.35 * length));
  }
  if (kind === 'spike') {
    const at = from + Math.floor(0.9 * length * random());
    for (let i = at; i < at + 3; i++) values[i] = (values[i] as number) + 0.6;
  }
  if (kind === 'smooth') {
    const before = values.slice(from, to);
    const half = Math.max(4, Math.round(0.08 * length));
    for (let i = 0; i < length; i++) {
      const part = before.slice(Math.max(0, i - half), i + half + 1);
      values[from + i] = part.reduce((sum, value) => sum + value, 0) / part.length;
    }
  }
};

/** `hard` (0 to 1): noise, wander, slow change of size, and rare turns that are odd but normal. */
const make = (kind: string, name: string, seed: number, hard: number): Long => {
  const random = uniform(seed * 7_919 + 13);
  const nature = NATURE[name] as (typeof NATURE)[string];
  const wave = WAVES[name] as Wave;
  const usual = Math.round(60 + 240 * random());
  const n = Math.round(usual * (70 + 60 * random()));
  const train = Math.floor(n * (0.3 + 0.2 * random()));
  const due = train + Math.floor((n - train) * (0.15 + 0.7 * random()));
  const much = random() * (1 - 0.4 * hard);
  const odd = { chance: hard * 0.05 * random(), kind: Math.floor(3 * random()) };
  const swell = { by: hard * 0.15 * random(), at: 6 * random() };
  const values: number[] = [];
  let slow = 0;
  let span: readonly [number, number] | null = null;
  while (values.length < n) {
    const from = values.length;
    slow = 0.9 * slow + 0.1 * normal(random);
    const isOdd = random() < odd.chance;
    const factor = 1 + swell.by * Math.sin(swell.at + (9 * from) / n);
    const size = [0, 1, 2, 3].map((i) => {
      const own = (1 + nature.size * (normal(random) + slow)) * factor;
      return isOdd && odd.kind === 0 ? 1.25 * own : isOdd && odd.kind === 1 && i === 0 ? 0.6 * own : own;
    });
    const isIt = span === null && from >= due;
    const scale = (isOdd && odd.kind === 2 ? 1.2 : 1) * (isIt ? (LENGTHS[kind] ?? 1) : 1);
    const whole = usual * (1 + nature.jitter * (0.6 * normal(random) + slow));
    const length = Math.max(20, Math.round(whole * scale));
    const end = isIt && kind === 'cut' ? length / whole : 1;
    const course = (p: number): number => wave(p, size);
    const turn = isIt ? TURNS[kind] : undefined;
    for (let i = 0; i < length; i++) {
      const p = (end * i) / length;
      values.push(turn ? turn(p, course, much) : course(p));
    }
    if (isIt) span = [from, values.length];
  }
  const [from, to] = span ?? [due, due + usual];
  spoil(kind, values, from, to, random);
  const noise = nature.noise * (0.5 + random()) * (1 + 2 * hard * random());
  const drift = 0.01 * (nature.wander + 0.5 * hard * random());
  let wander = 0;
  const scale = 10 ** Math.floor(6 * random() - 2);
  const noisy = values.map((value) => {
    wander = 0.9995 * wander + drift * normal(random);
    return scale * (value + wander + 0.5 * noise * normal(random));
  });
  return { name: `${kind} ${name} ${seed}`, values: noisy, train, from, to };
};

/** `each` series of every kind, half of them hard. */
export const longSeries = (seed: number, each: number): readonly Long[] => {
  const names = Object.keys(WAVES);
  return KINDS.flatMap((kind, k) =>
    Array.from({ length: each }, (_, i) =>
      make(
        kind,
        names[(3 * k + 2 * i + (k >> 1)) % names.length] as string,
        1_000 * seed + 50 * k + i,
        i % 2,
      ),
    ),
  );
};

/** Whether the highest score after the first part is within 100 rows of the anomaly. */
export const isFound = ({ train, from, to }: Long, scores: readonly number[]): boolean => {
  let best = train;
  for (let i = train; i < scores.length; i++) if ((scores[i] as number) > (scores[best] as number)) best = i;
  return best >= from - 100 && best <= to + 100;
};
