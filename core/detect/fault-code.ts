import type { Evidence } from '../alert/alert.ts';
import { faultOf } from '../fault/catalogue.ts';
import type { FaultReport } from '../fault/report.ts';
import { type Active, clear, raise, type Scene } from './announce.ts';

/** What was last reported of one code of one unit. */
export interface FaultState {
  readonly unit: string;
  readonly code: string;
  tsMs: number;
  seq: number;
  active: Active | null;
}

/** Codes remembered per equipment; beyond it the oldest inactive one is forgotten. */
export const MAX_CODES = 256;
export const MAX_DETAIL = 512;

export const faultKey = (unit: string, code: string): string => `${unit}|${code}`;

/**
 * Reports don't wait to be put in order, so an older one than the last applied changes nothing. A device
 * whose clock was set back still counts up, and a lock-out of it must not be missed.
 */
const isStale = (state: FaultState, report: FaultReport): boolean => {
  if (report.tsMs > state.tsMs) return false;
  if (report.tsMs === state.tsMs) return report.seq !== null && report.seq < state.seq;
  return report.seq === null || report.seq <= state.seq;
};

const makeRoom = (faults: Map<string, FaultState>): boolean => {
  if (faults.size < MAX_CODES) return true;
  for (const [key, state] of faults) {
    if (state.active) continue;
    faults.delete(key);
    return true;
  }
  return false;
};

const evidenceOf = (report: FaultReport): Evidence => ({
  detector: { name: 'fault-code', version: 1 },
  metric: null,
  code: report.code,
  window: { fromMs: report.tsMs, toMs: report.tsMs },
  expected: null,
  seen: null,
  crossing: null,
  sample: null,
  detail: report.detail === '' ? null : report.detail.slice(0, MAX_DETAIL),
});

/**
 * The controller switched a code on or off. Said again, it changes nothing. Returns a named outcome;
 * `full` when the equipment already has `MAX_CODES` active codes.
 */
export const judgeFault = (
  scene: Scene,
  faults: Map<string, FaultState>,
  report: FaultReport,
): 'raised' | 'cleared' | 'repeated' | 'stale' | 'full' => {
  const key = faultKey(report.unit, report.code);
  const before = faults.get(key);
  if (before && isStale(before, report)) return 'stale';
  if (!before && !makeRoom(faults)) return 'full';
  const state = before ?? { unit: report.unit, code: report.code, tsMs: 0, seq: 0, active: null };
  state.tsMs = report.tsMs;
  state.seq = report.seq ?? 0;
  // The newest report moves to the end, so that the oldest is forgotten first.
  faults.delete(key);
  faults.set(key, state);
  if (report.active === (state.active !== null)) return 'repeated';
  const fault = faultOf(scene.catalogue, report.code);
  const evidence = evidenceOf(report);
  if (state.active) {
    clear(scene, state.active, { reason: 'fault-inactive', atMs: report.tsMs, evidence });
    state.active = null;
    return 'cleared';
  }
  state.active = raise(
    scene,
    { rule: `fault:${report.code}`, component: fault.item, severity: fault.severity },
    { reason: 'fault-active', atMs: report.tsMs, evidence },
  );
  return 'raised';
};
