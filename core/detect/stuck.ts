import type { Signal } from '../fault/catalogue.ts';
import { clear, parametersOf, raise, type Scene } from './announce.ts';
import { bandOf } from './normal.ts';
import { proofOf } from './proof.ts';
import { follow, isBeyond, moves, newRun, type Run } from './run.ts';
import type { SeriesState } from './series.ts';
import { othersMove, type Work } from './work.ts';

const DETECTOR = { name: 'stuck', version: 1 } as const;

/** A sensor that lies is the sensor's item, whatever it measures. */
export const sensorItem = (scene: Scene, component: string): string =>
  scene.catalogue.items.has('sensors') ? 'sensors' : component;

const isAtEnd = (signal: Signal | undefined, value: number): boolean => {
  const { low, high } = signal?.range ?? {};
  return (low !== undefined && value <= low) || (high !== undefined && value >= high);
};

const evidenceOf = (metric: string, series: SeriesState, run: Run) =>
  proofOf(DETECTOR, {
    metric,
    fromMs: run.sinceMs,
    toMs: run.lastMs,
    expected: bandOf(series.normal),
    seen: run.value,
    sample: series.ts.length > 0 ? { tsMs: [...series.ts], value: [...series.value] } : null,
  });

export const endStuck = (scene: Scene, metric: string, series: SeriesState): void => {
  const { run } = series;
  if (!run?.active?.rule.startsWith('stuck:')) return;
  clear(scene, run.active, {
    reason: 'rule-removed',
    atMs: run.lastMs,
    evidence: evidenceOf(metric, series, run),
  });
  run.active = null;
};

/**
 * A value that used to move, and stays the same far longer than it ever did while the machine evidently works.
 * `S3` of the sensors: what it measures is not known any more. Ends with the first reading that differs.
 */
export const judgeStuck = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  component: string,
  series: SeriesState,
  reading: { readonly tsMs: number; readonly value: number },
  work: Work,
): void => {
  const { tsMs, value } = reading;
  series.run ??= newRun(tsMs, value);
  const { run } = series;
  const isWork = work.counted ?? othersMove(work, true, moves(run, value));
  const hasMoved = follow(run, tsMs, value, isWork);
  if (run.active) {
    if (!hasMoved) return;
    clear(scene, run.active, {
      reason: 'moving-again',
      atMs: tsMs,
      evidence: { ...evidenceOf(metric, series, run), seen: value },
    });
    run.active = null;
    return;
  }
  if (hasMoved || isAtEnd(signal, value)) return;
  const { stuck } = parametersOf(scene, metric);
  if (!stuck.on || !isBeyond(run, stuck.forMs, work.counted !== null)) return;
  run.active = raise(
    scene,
    { rule: `stuck:${metric}`, component: sensorItem(scene, component), severity: 'S3' },
    { reason: 'value-stuck', atMs: tsMs, evidence: evidenceOf(metric, series, run) },
  );
};
