import { hasRhythm, learnCycle, noiseOf, shiftOf, stateOf } from './cycle.ts';
import { bounded, end, endSum, SENSITIVE, type Tuning } from './excursion.ts';
import { hasRatio, isComplete, isLearnt, knowsRhythm, sampled, summarise } from './normal.ts';
import {
  hourOf,
  newRhythm,
  noteRhythm,
  offsetAt,
  replay,
  reserveAt,
  settleRhythm,
  slotOf,
  unknownVariance,
} from './rhythm.ts';
import { RECENT, rhythmAt, type SeriesState } from './series.ts';

/** A reading as it is compared with normal. */
export interface Seat {
  /** The value without what hour and state add to it. */
  readonly level: number;
  /** Its distance from normal in scales. */
  readonly z: number;
  /** The same, less what is held back for hours that were never seen. */
  readonly beyond: number;
}

const SLOTS = 48;
const CALM_HOURS = 72;
/** States are found in the first days; later, the middle over days bears another mixture. */
const STATES_HOURS = 48;
/** While no whole day is known, a value so many times its normal may be a state that was not seen yet. */
const OTHER_STATE = 2;

/** Rounds to a thousandth of the scale or finer, so that what is kept is short. */
const grained = (value: number, scale: number): number => {
  const grain = 10 ** (3 - Math.floor(Math.log10(Math.max(scale, 1e-9))));
  return Math.round(value * grain) / grain;
};

const isOtherState = (series: SeriesState, value: number): boolean => {
  const { normal } = series;
  if (knowsRhythm(normal) || !hasRatio(normal)) return false;
  const ratio = value / normal.center;
  return ratio > OTHER_STATE || ratio < 1 / OTHER_STATE;
};

/** What is held back for the unseen part of the rhythm at this instant, in the metric's unit. */
export const heldBack = ({ rhythm, normal }: SeriesState, tsMs: number): number => {
  const { center, scale, lastMs } = normal;
  return reserveAt(rhythm, { tsMs, center, scale, learntMs: lastMs });
};

/** What hour and state add to a reading is taken off. Null: a state of which too little is known. */
const plainOf = (
  series: SeriesState,
  value: number,
  hour: number,
  told: number,
): { readonly plain: number; readonly state: number } | null => {
  const { cycle } = series;
  const state = stateOf(cycle, told, value);
  const shift = shiftOf(cycle, state);
  if (shift === null) return null;
  return { plain: value + shift - (hasRhythm(cycle, state) ? hour : 0), state };
};

/** Null: a state of the machine of which too little is known to judge it. */
export const seatOf = (series: SeriesState, tsMs: number, value: number, told: number): Seat | null => {
  const { normal, cycle } = series;
  const at = plainOf(series, value, rhythmAt(series, tsMs), told);
  if (at === null || isOtherState(series, at.plain)) return null;
  const { center, scale } = normal;
  const off = (at.plain - center) / noiseOf(cycle, at.state);
  const held = heldBack(series, tsMs);
  const beyond = Math.sign(off) * Math.max(0, Math.abs(off) - held);
  return { level: grained(center + off, scale), z: off / scale, beyond: beyond / scale };
};

/** Normal anew from its sample: states, then level and scale. */
const redraw = (series: SeriesState): void => {
  const { normal, cycle, rhythm } = series;
  const { main, center } = cycle;
  const sample = normal.sample.map((value, i) => {
    const context = normal.context[i] as number;
    return { value, hour: offsetAt(rhythm, context % SLOTS), told: Math.floor(context / SLOTS) };
  });
  if (isLearnt(normal)) learnCycle(cycle, sample);
  // With other states, the means of hours were of another mixture.
  const isOther = cycle.main !== main || cycle.center.length > 1 !== center.length > 1;
  if (isOther && !rhythm.isSettled && rhythm.hours < STATES_HOURS) series.rhythm = newRhythm();
  const middle = cycle.center[cycle.main] ?? null;
  const compared: number[] = [];
  for (const { value, hour, told } of sample) {
    const at = plainOf(series, value, hour, told);
    if (at === null) continue;
    compared.push(middle === null ? at.plain : middle + (at.plain - middle) / noiseOf(cycle, at.state));
  }
  if (compared.length === 0) for (const { value, hour } of sample) compared.push(value - hour);
  summarise(normal, compared, unknownVariance(series.rhythm));
};

/** What nature alone does to the sums, now that more of the rhythm is known. */
const recalibrate = (series: SeriesState, tuning: Tuning): void => {
  const { rhythm, normal } = series;
  const peakOf = (way: Tuning): number =>
    replay(rhythm, normal.scale, (off) => bounded(off / normal.scale, way));
  const kept = rhythm.hours >= CALM_HOURS ? 0.7 : 0;
  series.peak = Math.max(peakOf(SENSITIVE), kept * Math.max(series.peak, series.top));
  series.levelPeak = Math.max(peakOf(tuning), kept * Math.max(series.levelPeak, series.levelTop));
  series.top = 0;
  series.levelTop = 0;
  series.level = series.value
    .map((value, i) => seatOf(series, series.ts[i] as number, value, series.told[i] as number)?.level)
    .filter((level) => level !== undefined)
    .slice(-RECENT);
  // What had gathered was judged by less knowledge.
  if ((rhythm.hours !== 24 && rhythm.hours !== 48) || series.shift || series.drift) return;
  end(series.high);
  end(series.low);
  endSum(series.up);
  endSum(series.down);
};

/** The value as it would be in the main state, with its hour's part; wild ones pulled in. */
const inMainState = (series: SeriesState, tsMs: number, value: number, told: number): number | null => {
  const { normal, cycle } = series;
  const hour = rhythmAt(series, tsMs);
  const at = plainOf(series, value, hour, told);
  if (at === null || !hasRhythm(cycle, at.state)) return null;
  const room = Math.max(8 * normal.scale, 0.6 * Math.abs(normal.center));
  return normal.center + hour + Math.max(-room, Math.min(room, at.plain - normal.center));
};

/** Learns a reading that is taken as normal. `tuning`: how shifts of this series are judged. */
export const learnReading = (
  series: SeriesState,
  tsMs: number,
  value: number,
  told: number,
  tuning: Tuning,
): void => {
  const { normal } = series;
  const isSampled = sampled(normal, tsMs, Number(value.toPrecision(7)), slotOf(hourOf(tsMs)) + SLOTS * told);
  const main = isLearnt(normal) ? inMainState(series, tsMs, value, told) : value;
  const isDrawn = main !== null && noteRhythm(series.rhythm, tsMs, main);
  if (isSampled || isDrawn) redraw(series);
  if (isDrawn) recalibrate(series, tuning);
  if (isComplete(normal) && !series.rhythm.isSettled) settleRhythm(series.rhythm);
};

/** A new part with another level: its rhythm and states stay what they are, its level is learnt anew. */
export const keepRhythm = (series: SeriesState, byLevel: number): void => {
  settleRhythm(series.rhythm);
  const { cycle } = series;
  cycle.center = cycle.center.map((center) => (center === null ? null : center + byLevel));
};
