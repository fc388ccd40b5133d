import type { AlertEvent } from '../alert/alert.ts';
import { type DerivedPart, derivedName } from '../telemetry/derived.ts';
import type { Reading } from '../telemetry/reading.ts';
import { bandOf } from './normal.ts';
import { alarmAt, rhythmAt, type SeriesState } from './series.ts';
import type { EquipmentState } from './state.ts';

/** Expected bands and scores are told so often, by the machine's clock. */
export const DERIVE_EVERY_MS = 10 * 60_000;
const HOUR_MS = 3_600_000;

const short = (value: number): number => Number(value.toPrecision(7));

const isAlerting = (series: SeriesState): boolean =>
  [
    series.shift,
    series.drift,
    series.limitHigh?.active,
    series.limitLow?.active,
    series.spread.active,
    series.run?.active,
    series.rate?.active,
  ].some(Boolean);

/** How near the series is to leaving normal: its sums against where they become an alert; that is 0.5. */
export const scoreOf = (series: SeriesState): number => {
  const near = Math.max(series.high.sum, series.low.sum) / alarmAt(series);
  const score = near / (1 + near);
  return short(isAlerting(series) ? Math.max(0.5, score) : score);
};

/** Whether the reading is the first of its unit in a new ten minutes. */
export const isDue = (tsMs: number, beforeMs: number | null): boolean =>
  Math.floor(tsMs / DERIVE_EVERY_MS) > Math.floor((beforeMs ?? Number.NEGATIVE_INFINITY) / DERIVE_EVERY_MS);

const derivedReading = (
  { equipment, unit }: Pick<Reading, 'equipment' | 'unit'>,
  tsMs: number,
  receivedAtMs: number,
  values: Readonly<Record<string, number>>,
): Reading => ({ equipment, unit, tsMs, tsSource: 'device', seq: null, receivedAtMs, values });

/** Bands and scores of the series that a reading belongs to, as they are after it; null while nothing is known. */
export const derivedOf = (
  state: EquipmentState,
  { equipment, unit, tsMs, receivedAtMs, values }: Reading,
): Reading | null => {
  const told: Record<string, number> = {};
  const metrics = state.units.get(unit);
  for (const metric in values) {
    const series = metrics?.get(metric);
    const band = series && bandOf(series.normal);
    if (!band) continue;
    const hour = rhythmAt(series, tsMs);
    const tell = (part: DerivedPart, value: number): void => {
      if (Number.isFinite(value)) told[derivedName(metric, part)] = short(value);
    };
    tell('low', band.low + hour);
    tell('high', band.high + hour);
    tell('score', scoreOf(series));
  }
  return Object.keys(told).length === 0
    ? null
    : derivedReading({ equipment, unit }, tsMs, receivedAtMs, told);
};

/** Remaining life, where an alert tells when its limit will be met. */
export const lifeOfEvent = (event: AlertEvent): Reading | null => {
  const { crossing, metric } = event.evidence;
  if (event.type === 'cleared' || !crossing || metric === null) return null;
  const hours = (atMs: number): number => short(Math.max(0, atMs - event.atMs) / HOUR_MS);
  return derivedReading(event, event.atMs, event.receivedAtMs, {
    [derivedName(metric, 'lifeHours')]: hours(crossing.atMs),
    [derivedName(metric, 'lifeHoursEarliest')]: hours(crossing.earliestMs),
    ...(crossing.latestMs === null
      ? {}
      : { [derivedName(metric, 'lifeHoursLatest')]: hours(crossing.latestMs) }),
  });
};
