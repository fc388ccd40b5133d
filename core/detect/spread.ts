import type { Evidence, Severity } from '../alert/alert.ts';
import type { Signal } from '../fault/catalogue.ts';
import type { Parameters } from '../rules/parameters.ts';
import { type Active, clear, raise, type Scene, update } from './announce.ts';
import { hasRatio, isComplete, knowsRhythm, RHYTHM_MS } from './normal.ts';
import { quantile, sorted } from './robust.ts';
import { evidenceOf, RECENT, type SeriesState } from './series.ts';

const DETECTOR = { name: 'spread', version: 1 } as const;

/** How widely the readings of a series scatter around their level: in blocks of the newest ones. */
export interface Spread {
  /** Spreads of blocks that were learnt, every `every`-th of them. */
  sample: number[];
  every: number;
  n: number;
  /** Those of the newest blocks, oldest first. */
  recent: number[];
  /** Readings since the newest block, and when that was. */
  readings: number;
  blockMs: number;
  active: Active | null;
}

const SAMPLE = 24;
/** Blocks that agree make a finding; so many are enough to know what is normal. */
const BLOCKS = 3;
const ENOUGH = 12;
/** A block an instant after the other says nothing new. */
const BLOCK_MS = 5 * 60_000;

export const newSpread = (): Spread => ({
  sample: [],
  every: 1,
  n: 0,
  recent: [],
  readings: 0,
  blockMs: 0,
  active: null,
});

/**
 * Of the steps from reading to reading, so that neither a shift nor a trend looks like noise: their middle
 * 70 %, scaled to agree with the standard deviation of normal noise.
 */
const spreadOf = (levels: readonly number[]): number => {
  const steps = sorted(levels.slice(1).map((level, i) => level - (levels[i] as number)));
  return Number(((quantile(steps, 0.85) - quantile(steps, 0.15)) / (2.073 * Math.SQRT2)).toPrecision(4));
};

const learnBlock = (spread: Spread, value: number): void => {
  if (spread.n % spread.every === 0) {
    if (spread.sample.length === SAMPLE) {
      spread.sample = spread.sample.filter((_, i) => i % 2 === 0);
      spread.every *= 2;
    }
    spread.sample.push(value);
  }
  spread.n += 1;
};

interface Usual {
  /** Nine of ten blocks are below this, and above that: nights are quiet, busy hours are not. */
  readonly wide: number;
  readonly narrow: number;
}

const usualOf = (spread: Spread): Usual => {
  const ascending = sorted(spread.sample);
  const at = (p: number): number => quantile(ascending, p);
  return { wide: at(0.9), narrow: at(0.1) };
};

/** What is seen, and expected, of a spread is a spread, in the metric's unit. */
const proofOf = (metric: string, series: SeriesState, seen: number): Evidence => {
  const { narrow, wide } = usualOf(series.spread);
  const evidence = evidenceOf(series, DETECTOR, metric, null, 0);
  return { ...evidence, seen, expected: { low: narrow, high: wide } };
};

type Finding = 'grown' | 'died' | null;

const findingOf = (spread: Spread, ratio: number, scale: number): Finding => {
  const { wide, narrow } = usualOf(spread);
  const least = Math.min(...spread.recent);
  const most = Math.max(...spread.recent);
  // Where a sensor's steps hide the noise, any is more than none.
  if (least >= ratio * Math.max(wide, 0.3 * scale)) return 'grown';
  // Not a single step any more is another matter: the value is stuck.
  if (narrow > 0.2 * scale && most > 0 && most <= narrow / ratio) return 'died';
  return null;
};

/** Whether the swings reach what would be an alarm for the level. */
const severityOf = (signal: Signal | undefined, series: SeriesState, now: number): Severity => {
  const { center } = series.normal;
  const side = signal?.shift?.side ?? signal?.drift?.side ?? 'high';
  const alarms: number[] = [];
  if (signal?.shift && hasRatio(series.normal))
    alarms.push(Math.abs(signal.shift.ratio - 1) * Math.abs(center));
  for (const rule of signal?.limits ?? []) if (rule.side === side) alarms.push(Math.abs(rule.at - center));
  return alarms.some((distance) => 2 * now >= distance) ? 'S3' : 'watch';
};

const isUsual = (spread: Spread, ratio: number, grown: boolean): boolean => {
  const { wide, narrow } = usualOf(spread);
  const half = Math.sqrt(ratio);
  return grown ? Math.max(...spread.recent) < half * wide : Math.min(...spread.recent) > narrow / half;
};

const judgeBlocks = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  component: string,
  series: SeriesState,
  ratio: number,
): void => {
  const { spread } = series;
  const atMs = series.ts.at(-1) as number;
  const now = sorted(spread.recent)[1] as number;
  const evidence = () => proofOf(metric, series, now);
  const { active } = spread;
  if (active) {
    active.n += 1;
    const grown = active.rule.endsWith('grown');
    if (isUsual(spread, ratio, grown)) {
      clear(scene, active, { reason: 'spread-normal', atMs, evidence: evidence() });
      spread.active = null;
      return;
    }
    const severity = grown ? severityOf(signal, series, now) : 'watch';
    if (severity === 'S3' && active.severity === 'watch' && active.n >= BLOCKS)
      update(scene, active, severity, { reason: 'spread-grown', atMs, evidence: evidence() });
    return;
  }
  const finding = findingOf(spread, ratio, series.normal.scale);
  if (finding === null) return;
  const severity = finding === 'grown' ? severityOf(signal, series, now) : 'watch';
  spread.active = raise(
    scene,
    { rule: `spread:${metric}:${finding}`, component, severity },
    { reason: finding === 'grown' ? 'spread-grown' : 'spread-died', atMs, evidence: evidence() },
  );
};

/** The signal's spread is not to be judged any more. */
export const endSpread = (scene: Scene, metric: string, series: SeriesState): void => {
  const { active } = series.spread;
  if (!active) return;
  const evidence = proofOf(metric, series, series.spread.recent.at(-1) ?? 0);
  clear(scene, active, { reason: 'rule-removed', atMs: series.ts.at(-1) as number, evidence });
  series.spread.active = null;
};

/** What a repair did to an alert of the spread: `levels` are those since the repair. */
export const repairSpread = (
  scene: Scene,
  metric: string,
  series: SeriesState,
  levels: readonly number[],
): void => {
  const { spread } = series;
  const { active } = spread;
  spread.recent = [];
  if (!active) return;
  const atMs = series.ts.at(-1) as number;
  const now = spreadOf(levels);
  const evidence = proofOf(metric, series, now);
  const { wide, narrow } = usualOf(spread);
  const isMended = active.rule.endsWith('grown') ? now < 1.5 * wide : now > narrow / 1.5;
  if (isMended) {
    clear(scene, active, { reason: 'recovered-after-repair', atMs, evidence });
    spread.active = null;
  } else update(scene, active, active.severity, { reason: 'repair-did-not-help', atMs, evidence });
};

/**
 * The readings scatter more around their level than they did, or hardly any more: three blocks of sixteen in a
 * row beyond `ratio` times what nine of ten blocks of this series showed. `S3` where the swings reach what
 * would be an alarm for the level, else `watch`.
 */
export const judgeSpread = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  component: string,
  series: SeriesState,
  { ratio }: Parameters['spread'],
): void => {
  const { spread, normal } = series;
  const atMs = series.ts.at(-1) as number;
  spread.readings += 1;
  if (spread.readings < RECENT || atMs - spread.blockMs < BLOCK_MS || series.level.length < RECENT) return;
  spread.readings = 0;
  spread.blockMs = atMs;
  const value = spreadOf(series.level);
  spread.recent.push(value);
  const oldest = spread.recent.length > BLOCKS ? (spread.recent.shift() as number) : null;
  const isQuiet = !series.shift && !series.drift && !spread.active && !series.repair;
  if (spread.recent.length === BLOCKS && spread.sample.length >= ENOUGH && knowsRhythm(normal))
    judgeBlocks(scene, signal, metric, component, series, ratio);
  // As with levels: only what was not suspect in the blocks after it is learnt, and not for ever.
  const isOpen =
    !isComplete(normal) || spread.sample.length < ENOUGH || normal.lastMs - normal.firstMs < RHYTHM_MS;
  if (oldest !== null && isQuiet && !spread.active && isOpen) learnBlock(spread, oldest);
};
