import type { Catalogue, Signal } from '../fault/catalogue.ts';
import type { Reading } from '../telemetry/reading.ts';
import { stateOfCode } from './cycle.ts';
import { add, addSum, type Tuning } from './excursion.ts';
import { learnReading, type Seat } from './expected.ts';
import { ENOUGH_READINGS, isComplete, isLearnt } from './normal.ts';
import { alarmAt, levelAlarmAt, mayLearn, RECENT, type SeriesState } from './series.ts';

/**
 * What a reading says of the machine's state: the values of the signals that the catalogue marks as states and
 * that have no unit, which are codes (occupied, direction, phase). Empty where it says nothing.
 */
export const codesOf = ({ signals }: Catalogue, { values }: Reading): string => {
  let codes = '';
  for (const metric in values) {
    const signal: Signal | undefined = signals.get(metric);
    if (signal?.state && signal.unit === '') codes += `${metric}=${values[metric]} `;
  }
  return codes;
};

/**
 * Keeps the newest readings; the one that leaves them is learnt, so that what is judged is never its own
 * normal. Returns the number of the state that the reading told.
 */
export const remember = (
  series: SeriesState,
  tsMs: number,
  value: number,
  codes: string,
  tuning: Tuning,
): number => {
  const told = stateOfCode(series.cycle, codes);
  series.ts.push(tsMs);
  series.value.push(value);
  series.told.push(told);
  series.n += 1;
  if (!isLearnt(series.normal)) learnReading(series, tsMs, value, told, tuning);
  if (series.ts.length <= RECENT) return told;
  const oldTs = series.ts.shift() as number;
  const oldValue = series.value.shift() as number;
  const oldTold = series.told.shift() as number;
  const isNew = series.n - RECENT > ENOUGH_READINGS;
  if (isNew && isLearnt(series.normal) && mayLearn(series, tsMs))
    learnReading(series, oldTs, oldValue, oldTold, tuning);
  return told;
};

/** Adds a reading to the sums that tell how persistently the series is off. */
export const accumulate = (
  series: SeriesState,
  tsMs: number,
  { level, z, beyond }: Seat,
  tuning: Tuning,
): void => {
  series.level.push(level);
  if (series.level.length > RECENT) series.level.shift();
  const isKnown = series.shift !== null || series.drift !== null || isComplete(series.normal);
  const cap = isKnown ? 2 * alarmAt(series) : Number.MAX_VALUE;
  const top = Math.max(add(series.high, tsMs, level, z, cap), add(series.low, tsMs, level, -z, cap));
  const levelCap = isKnown ? 2 * levelAlarmAt(series, tuning) : Number.MAX_VALUE;
  const levelTop = Math.max(
    addSum(series.up, tsMs, beyond, tuning, levelCap),
    addSum(series.down, tsMs, -beyond, tuning, levelCap),
  );
  if (isKnown) return;
  series.top = Math.max(series.top, top);
  series.levelTop = Math.max(series.levelTop, levelTop);
};
