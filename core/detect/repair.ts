import { clear, type Scene, update } from './announce.ts';
import { end, endSum, SENSITIVE } from './excursion.ts';
import { keepRhythm, learnReading } from './expected.ts';
import { isLearnt, newNormal } from './normal.ts';
import { median } from './robust.ts';
import { evidenceOf, type SeriesState } from './series.ts';
import { repairSpread } from './spread.ts';

/** Readings back in the band that count as seen recovery. */
export const RECOVERY_READINGS = 5;
/** After as many, a repair that shows no recovery has not helped. */
const VERDICT_READINGS = 20;

type Verdict = 'wait' | 'recovered' | 'other-normal' | 'not-helped';

/** A crew says that the item was repaired: nothing is judged by the old course of this series any more. */
export const beginRepair = (series: SeriesState, repairedAtMs: number): void => {
  series.repair = { sinceMs: repairedAtMs, value: [] };
};

const verdictOf = (series: SeriesState, values: readonly number[]): Verdict => {
  if (values.length < RECOVERY_READINGS) return 'wait';
  const alerts = [series.shift, series.drift].filter((alert) => alert !== null);
  const { center, scale } = series.normal;
  if (!isLearnt(series.normal)) return 'recovered';
  const off = median(values) - center;
  const isLast = values.length >= VERDICT_READINGS;
  if (alerts.length === 0) {
    if (!isLast) return 'wait';
    return Math.abs(off) > 2 * scale ? 'other-normal' : 'recovered';
  }
  const worst = alerts
    .map((alert) => alert.seen - center)
    .sort((a, b) => Math.abs(b) - Math.abs(a))[0] as number;
  const towards = off * Math.sign(worst || 1);
  // Half of the way back at least, and inside the band from before the drift.
  if (Math.abs(off) <= 3 * scale && towards <= 0.5 * Math.abs(worst)) return 'recovered';
  if (towards < 0) return 'other-normal';
  if (!isLast) return 'wait';
  return towards <= 0.5 * Math.abs(worst) ? 'other-normal' : 'not-helped';
};

const tell = (scene: Scene, metric: string, series: SeriesState, hasHelped: boolean, seen: number): void => {
  const atMs = series.ts.at(-1) as number;
  for (const slot of ['shift', 'drift'] as const) {
    const active = series[slot];
    if (!active) continue;
    const name = slot === 'shift' ? 'level-shift' : 'drift';
    const evidence = evidenceOf(series, { name, version: 1 }, metric, null, seen);
    if (hasHelped) {
      clear(scene, active, { reason: 'recovered-after-repair', atMs, evidence });
      series[slot] = null;
    } else {
      update(scene, active, active.severity, { reason: 'repair-did-not-help', atMs, evidence });
    }
  }
};

const relearn = (series: SeriesState, levels: readonly number[]): void => {
  keepRhythm(series, median(levels) - series.normal.center);
  series.normal = newNormal();
  for (let i = Math.max(0, series.ts.length - levels.length); i < series.ts.length; i++) {
    const [tsMs, value] = [series.ts[i] as number, series.value[i] as number];
    learnReading(series, tsMs, value, series.told[i] ?? 0, SENSITIVE);
  }
  series.n = levels.length;
  series.peak = 0;
  series.levelPeak = 0;
};

/**
 * Takes a reading of a series whose item was repaired; says what it has shown. While it is `wait` nothing
 * else judges the reading. `atMs` is the reading's time on our clock: what was measured before the repair
 * and uploaded after it shows nothing. Recovery: five readings back in the band from before the drift, and
 * no active code of the item. A new part with another normal is learnt anew; a repair that did not help
 * leaves the alert as it is, and says so.
 */
export const watchRepair = (
  scene: Scene,
  metric: string,
  series: SeriesState,
  reading: { readonly atMs: number; readonly value: number },
  hasActiveCode: boolean,
): Verdict => {
  const { repair } = series;
  if (!repair || reading.atMs < repair.sinceMs) return 'wait';
  repair.value.push(reading.value);
  if (repair.value.length > VERDICT_READINGS) repair.value.shift();
  if (hasActiveCode) return 'wait';
  const verdict = verdictOf(series, repair.value);
  if (verdict === 'wait') return verdict;
  const values = repair.value;
  series.repair = null;
  tell(scene, metric, series, verdict !== 'not-helped', median(values));
  repairSpread(scene, metric, series, values);
  if (verdict !== 'not-helped') {
    end(series.high);
    end(series.low);
    endSum(series.up);
    endSum(series.down);
    series.driftStopped = null;
    series.movement = null;
  }
  if (verdict === 'other-normal') relearn(series, values);
  return verdict;
};
