import { isLearnt, learn, type Normal, newNormal } from './normal.ts';
import { addToPast, newPast, type Past, pastQuantile, rarity } from './rarity.ts';

/** What the joint score remembers of one column. */
interface Column {
  readonly level: Normal;
  readonly step: Normal;
  readonly levelPast: Past;
  readonly stepPast: Past;
  previous: number | null;
  /** Bounded deviation from normal, averaged over the last rows. */
  lasting: number;
}

/** The joint score of a table of readings, row by row; each row is judged by those before it only. */
export interface Scorer {
  readonly columns: readonly Column[];
  readonly jointPast: Past;
  readonly lastingPast: Past;
  /** Rows taken as normal; after them, normal is not learnt any further. 0: it is learnt all along. */
  readonly warmup: number;
  rows: number;
  /** The row in which the episode began that later rows only continue; null when there is none. */
  episodeRow: number | null;
  alertRows: number;
}

export interface RowScore {
  /** In [0, 1]; 0.5 is where one row in a hundred would come in a quiet series. */
  readonly score: number;
  readonly alert: boolean;
}

/** Rows of past that a rank needs before it counts. */
const ENOUGH = 100;
/** An episode is reported once: rows that continue it count half, unless they are worse than all before. */
const EPISODE_ROWS = 200;
const EPISODE_SCORE = 0.55;
const ALERT_SCORE = 0.6;
const LASTING_ROWS = 10;
const LASTING_BOUND = 4;
const LASTING_FACTOR = 1.25;
/** A level that stays for so long is the new normal, where no warm-up says what normal is. */
const ACCEPTED_ROWS = 1_000;

export const newScorer = (columns: number, warmup: number): Scorer => ({
  columns: Array.from({ length: columns }, () => ({
    level: newNormal(),
    step: newNormal(),
    levelPast: newPast(),
    stepPast: newPast(),
    previous: null,
    lasting: 0,
  })),
  jointPast: newPast(),
  lastingPast: newPast(),
  warmup,
  rows: 0,
  episodeRow: null,
  alertRows: 0,
});

const surprise = (normal: Normal, past: Past, value: number): number => {
  if (!isLearnt(normal)) return 0;
  const figure = Math.abs(value - normal.center) / normal.scale;
  const result = past.queue.length >= ENOUGH ? rarity(past, figure) : 0;
  addToPast(past, figure);
  return result;
};

/** The row's own surprise in this column: how rare its level is, and its step from the row before. */
const observe = (column: Column, row: number, value: number, learns: boolean): number => {
  const { level, step, previous } = column;
  let total = surprise(level, column.levelPast, value);
  if (isLearnt(level)) {
    const z = (value - level.center) / level.scale;
    const bounded = Math.max(-LASTING_BOUND, Math.min(LASTING_BOUND, z));
    column.lasting += (bounded - column.lasting) / LASTING_ROWS;
  }
  if (previous !== null) total += surprise(step, column.stepPast, value - previous);
  if (learns) {
    learn(level, row, value);
    if (previous !== null) learn(step, row, value - previous);
  }
  column.previous = value;
  return total;
};

const jointScore = (scorer: Scorer, joint: number): number => {
  const { jointPast, rows } = scorer;
  let score = 0;
  if (jointPast.queue.length >= ENOUGH) {
    const size = joint / (pastQuantile(jointPast, 0.99) + 1);
    // A short past knows little of what is rare.
    const trust = Math.min(1, jointPast.queue.length / (4 * ENOUGH));
    score = (trust * size) / (1 + size);
    const { episodeRow } = scorer;
    if (episodeRow !== null && rows - episodeRow < EPISODE_ROWS) score /= 2;
    else scorer.episodeRow = score > EPISODE_SCORE ? rows : null;
  }
  addToPast(jointPast, joint);
  return score;
};

/** Whether the columns together have left normal, not for a row but for some ten. */
const lasts = (scorer: Scorer): boolean => {
  const { columns, lastingPast } = scorer;
  let total = 0;
  for (const { lasting } of columns) total += lasting * lasting;
  const isFar =
    lastingPast.queue.length >= ENOUGH && total > LASTING_FACTOR * pastQuantile(lastingPast, 0.99);
  const isWarming = scorer.rows < scorer.warmup;
  const isAccepted = scorer.warmup === 0 && scorer.alertRows > ACCEPTED_ROWS;
  // With a warm-up, only that tells what is normal; without one, every row that was no alert does.
  if (scorer.warmup > 0 ? isWarming : !isFar || isAccepted) addToPast(lastingPast, total);
  return isFar;
};

/** Judges a row, then learns from it. `null`: no value in that column. Changes the scorer in place. */
export const scoreRow = (scorer: Scorer, values: readonly (number | null)[]): RowScore => {
  const row = scorer.rows;
  const isWarming = row < scorer.warmup;
  const learns = scorer.warmup === 0 || isWarming;
  let joint = 0;
  scorer.columns.forEach((column, i) => {
    const value = values[i] ?? null;
    if (value !== null) joint += observe(column, row, value, learns);
  });
  const score = jointScore(scorer, joint);
  const alert = lasts(scorer) || score >= ALERT_SCORE;
  scorer.alertRows = alert ? scorer.alertRows + 1 : 0;
  scorer.rows += 1;
  return isWarming ? { score: 0, alert: false } : { score, alert };
};
