import { clear, type Scene, update } from './announce.ts';
import { end } from './excursion.ts';
import { isLearnt, learn, newNormal } from './normal.ts';
import { median } from './robust.ts';
import { evidenceOf, type Repair, type SeriesState } from './series.ts';

/** Readings back in the band that count as seen recovery. */
export const RECOVERY_READINGS = 5;
/** After as many, a repair that shows no recovery has not helped. */
const VERDICT_READINGS = 20;
/** A device clock that lags may never reach the time of the repair; after this, what is heard is new. */
const CLOCK_SLACK_MS = 60_000;

type Verdict = 'wait' | 'recovered' | 'other-normal' | 'not-helped';

/** A crew says that the item was repaired: nothing is judged by the old course of this series any more. */
export const beginRepair = (series: SeriesState, repairedAtMs: number, heardAtMs: number): void => {
  series.repair = { sinceMs: repairedAtMs, heardAtMs, value: [] };
};

const isAfter = (repair: Repair, tsMs: number, receivedAtMs: number): boolean =>
  tsMs >= repair.sinceMs || receivedAtMs >= repair.heardAtMs + CLOCK_SLACK_MS;

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
      const reason = slot === 'shift' ? 'level-shifted' : 'drifting-to-limit';
      update(scene, active, active.severity, { reason, atMs, evidence });
    }
  }
};

const relearn = (series: SeriesState, values: readonly number[]): void => {
  series.normal = newNormal();
  const from = series.ts.length - values.length;
  for (const [i, value] of values.entries())
    learn(series.normal, series.ts[Math.max(0, from + i)] as number, value);
  series.n = values.length;
  series.peak = 0;
};

/**
 * Takes a reading of a series whose item was repaired (and waits while a code of that item is active); says whether the repair is still being watched
 * (then nothing else judges the reading). Recovery: five readings back in the band from before the drift.
 * A new part with another normal is learnt anew; a repair that did not help leaves the alert as it is.
 */
export const watchRepair = (
  scene: Scene,
  metric: string,
  series: SeriesState,
  reading: { readonly tsMs: number; readonly receivedAtMs: number; readonly value: number },
  hasActiveCode: boolean,
): boolean => {
  const { repair } = series;
  if (!repair) return false;
  if (!isAfter(repair, reading.tsMs, reading.receivedAtMs)) return true;
  repair.value.push(reading.value);
  if (repair.value.length > VERDICT_READINGS) repair.value.shift();
  if (hasActiveCode) return true;
  const verdict = verdictOf(series, repair.value);
  if (verdict === 'wait') return true;
  const values = repair.value;
  series.repair = null;
  tell(scene, metric, series, verdict !== 'not-helped', median(values));
  if (verdict !== 'not-helped') {
    end(series.high);
    end(series.low);
  }
  if (verdict === 'other-normal') relearn(series, values);
  return true;
};
