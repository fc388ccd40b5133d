import type { Severity } from '../alert/alert.ts';
import type { Signal } from '../fault/catalogue.ts';
import { metricPopulation } from './alike.ts';
import { clear, parametersOf, raise, type Scene, update } from './announce.ts';
import { type Day, levelOfDay, newDay, takeOfDay } from './day.ts';
import { MAX_LEVELS, type MetricPopulation } from './population.ts';
import { proofOf } from './proof.ts';
import { deviation, quantile } from './robust.ts';
import type { SeriesState } from './series.ts';

const DETECTOR = { name: 'peers', version: 1 } as const;
/** Quarters of a day in a row: so that a single odd one is nothing. */
const LASTS = 3;
/** Work so much less or more than usual is another load: not to be compared. */
const LIKE_WORK = 4;
/** Peers that differ among themselves by less are not that exact. */
const LEAST_SPREAD = 0.02;
/** Where they are spread wider than this share of their middle, the model says nothing of one machine. */
const WIDEST_SPREAD = 0.25;

export interface Compared {
  readonly middle: number;
  readonly spread: number;
  /** How far the level is from the middle, in spreads; negative: below. */
  readonly off: number;
  /** So many spreads are needed to differ from so few. */
  readonly needed: number;
}

/** The levels without the one that is likely its own; where they are many it does not matter. */
const others = (levels: readonly number[], level: number): readonly number[] => {
  if (levels.length >= MAX_LEVELS) return levels;
  let nearest = 0;
  levels.forEach((one, i) => {
    if (Math.abs(one - level) < Math.abs((levels[nearest] as number) - level)) nearest = i;
  });
  return levels.toSpliced(nearest, 1);
};

/** Compares a level with those of its peers; null where these are too few, or too different among themselves. */
export const compare = (
  population: Pick<MetricPopulation, 'levels' | 'count'>,
  level: number,
  { least, sigmas }: { readonly least: number; readonly sigmas: number },
): Compared | null => {
  const levels = others(population.levels, level);
  if (population.count <= least || levels.length < least) return null;
  const middle = quantile(levels, 0.5);
  // Other units of the one that is bad are bad, too: an eighth of them on either side says nothing of the spread.
  const bulk = quantile(levels, 0.85) - quantile(levels, 0.15);
  const wide = levels.length < MAX_LEVELS ? 0.5 * bulk : bulk / 2.073;
  const spread = Math.max(deviation(levels, middle), wide, LEAST_SPREAD * Math.abs(middle), 1e-9);
  if (spread > WIDEST_SPREAD * Math.abs(middle)) return null;
  return { middle, spread, off: (level - middle) / spread, needed: sigmas * (1 + 4 / levels.length) };
};

/** Beyond what the catalogue calls an alarm, measured from the peers' middle and on the bad side. */
const severityOf = (signal: Signal | undefined, { middle, off }: Compared, level: number): Severity => {
  const shift = signal?.shift;
  if (!shift || middle === 0) return 'watch';
  const side = off > 0 ? 'high' : 'low';
  if (shift.side !== 'both' && shift.side !== side) return 'watch';
  return Math.abs(level / middle - 1) >= Math.abs(shift.ratio - 1) ? 'S3' : 'watch';
};

const evidenceOf = (metric: string, day: Day, level: number, compared: Compared | null) =>
  proofOf(DETECTOR, {
    metric,
    fromMs: day.sinceMs,
    toMs: day.lastMs,
    expected: compared && {
      low: compared.middle - compared.needed * compared.spread,
      high: compared.middle + compared.needed * compared.spread,
    },
    seen: level,
  });

export const endPeers = (scene: Scene, metric: string, series: SeriesState): void => {
  const { day } = series;
  if (!day?.active) return;
  const evidence = evidenceOf(metric, day, day.active.seen, null);
  clear(scene, day.active, { reason: 'rule-removed', atMs: day.lastMs, evidence });
  day.active = null;
};

const judgeQuarter = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  component: string,
  series: SeriesState,
  day: Day,
): void => {
  const { peers } = parametersOf(scene, metric);
  const level = levelOfDay(day);
  const population = metricPopulation(scene, metric);
  if (!peers.on || level === null || !population) return;
  const work = day.perDay / population.perDay;
  const compared = work > LIKE_WORK || work < 1 / LIKE_WORK ? null : compare(population, level, peers);
  if (!compared) return;
  const far = Math.abs(compared.off) > compared.needed;
  const near = Math.abs(compared.off) < 0.7 * compared.needed;
  const counts = day.active ? near : far;
  day.differs = counts ? day.differs + 1 : 0;
  const severity = severityOf(signal, compared, level);
  const telling = { atMs: day.lastMs, evidence: evidenceOf(metric, day, level, compared) } as const;
  if (!day.active && day.differs >= LASTS && !series.repair) {
    const rule = `peers:${metric}`;
    day.active = raise(scene, { rule, component, severity }, { ...telling, reason: 'differs-from-peers' });
    day.differs = 0;
  } else if (day.active && day.differs >= LASTS) {
    clear(scene, day.active, { ...telling, reason: 'like-its-peers' });
    day.active = null;
    day.differs = 0;
  } else if (day.active && severity === 'S3' && day.active.severity === 'watch') {
    update(scene, day.active, severity, { ...telling, reason: 'differs-from-peers' });
  }
};

/**
 * A level that differs from those of other machines of the model, for most of a day, while these agree among
 * themselves and do as much work. `watch`; `S3` where it is beyond the catalogue's alarm on the bad side, too. When
 * all move together nobody differs. Every six hours of work.
 */
export const judgePeers = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  component: string,
  series: SeriesState,
  reading: { readonly tsMs: number; readonly value: number },
): void => {
  series.day ??= newDay(reading.tsMs);
  const { day } = series;
  if (takeOfDay(day, reading.tsMs, reading.value))
    judgeQuarter(scene, signal, metric, component, series, day);
};
