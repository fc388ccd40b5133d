import { type Evidence, SEVERITY_RANK, type Severity } from '../alert/alert.ts';
import { type Catalogue, faultOf } from '../fault/catalogue.ts';
import type { FaultReport } from '../fault/report.ts';
import { SEQ_IDENTITY_MS } from '../telemetry/limits.ts';
import { type Active, clear, raise, type Scene } from './announce.ts';
import { type DeviceClock, leastLagMs, ourTimeMs } from './clock.ts';
import type { CodeRate } from './code-count.ts';
import { noteCode } from './code-rate.ts';
import type { FaultRepair } from './fault-repair.ts';
import type { EquipmentState } from './state.ts';

/** What was last reported of one code of one unit. */
export interface FaultState {
  readonly unit: string;
  readonly code: string;
  tsMs: number;
  seq: number;
  receivedAtMs: number;
  /** The newest reports by identity, with when they were received: one sent twice is known. */
  heard: (readonly [identity: string, receivedAtMs: number])[];
  active: Active | null;
  /** The item was repaired while this code was active, and it was not heard since. */
  repair: FaultRepair | null;
  /** Of harmless codes. */
  rate?: CodeRate;
}

/** Codes remembered per equipment; beyond it the oldest inactive one is forgotten, then milder ones. */
export const MAX_CODES = 2_048;
export const MAX_DETAIL = 512;
const MAX_HEARD = 8;
/** A report is prompt when it took no longer than this over the quickest of late. */
const PROMPT_MS = 60_000;

export const faultKey = (unit: string, code: string): string => `${unit}|${code}`;

const identityOf = ({ tsSource, tsMs, seq, active }: FaultReport): string | null => {
  if (tsSource === 'device') return `${tsMs}|${seq ?? 0}|${active}`;
  return seq === null ? null : `|${seq}|${active}`;
};

/** Without a device time, `seq` tells two reports apart for ten minutes only: it may restart. */
const isKnown = (state: FaultState, report: FaultReport): boolean => {
  const identity = identityOf(report);
  return state.heard.some(
    ([known, receivedAtMs]) =>
      known === identity &&
      (report.tsSource === 'device' || report.receivedAtMs - receivedAtMs <= SEQ_IDENTITY_MS),
  );
};

/**
 * Reports don't wait to be put in order, so an older one than the last applied changes nothing. But a
 * lock-out of a device whose clock was set back must not be missed: it still counts up; or, where it counts
 * anew after a restart, its report is as prompt as any that the device sends now, where a late one is not.
 */
const isStale = (state: FaultState, report: FaultReport, clock: DeviceClock, openedAtMs: number): boolean => {
  if (isKnown(state, report)) return true;
  if (report.tsSource === 'receive' || report.tsMs > state.tsMs) return false;
  if (report.tsMs === state.tsMs) return report.seq !== null && report.seq < state.seq;
  if (report.seq !== null && report.seq > state.seq) return false;
  const isSameConnection = openedAtMs <= state.receivedAtMs;
  if (isSameConnection && state.tsMs - report.tsMs <= PROMPT_MS) return true;
  return report.receivedAtMs - report.tsMs > leastLagMs(clock) + PROMPT_MS;
};

const note = (state: FaultState, report: FaultReport): void => {
  const identity = identityOf(report);
  if (identity !== null) state.heard.push([identity, report.receivedAtMs]);
  if (state.heard.length > MAX_HEARD) state.heard.shift();
  state.tsMs = report.tsMs;
  state.seq = report.seq ?? 0;
  state.receivedAtMs = report.receivedAtMs;
};

export const faultEvidence = (code: string, tsMs: number, detail: string): Evidence => ({
  detector: { name: 'fault-code', version: 1 },
  metric: null,
  code,
  window: { fromMs: tsMs, toMs: tsMs },
  expected: null,
  seen: null,
  crossing: null,
  sample: null,
  detail: detail === '' ? null : detail.slice(0, MAX_DETAIL),
});

/** The one to forget for a code of this severity: the oldest inactive one, else the oldest of the mildest. */
const leastOf = (
  catalogue: Catalogue,
  faults: Map<string, FaultState>,
  severity: Severity,
): string | null => {
  let least: string | null = null;
  let rank = SEVERITY_RANK[severity];
  for (const [key, { active, code }] of faults) {
    if (!active) return key;
    const its = SEVERITY_RANK[faultOf(catalogue, code).severity];
    if (its > rank) [least, rank] = [key, its];
  }
  return least;
};

const makeRoom = (scene: Scene, state: EquipmentState, report: FaultReport): boolean => {
  const { faults } = state;
  if (faults.size < MAX_CODES) return true;
  const key = leastOf(scene.catalogue, faults, faultOf(scene.catalogue, report.code).severity);
  const least = key === null ? undefined : faults.get(key);
  if (key === null || !least) return false;
  if (least.active) {
    const evidence = faultEvidence(least.code, least.tsMs, '');
    const telling = { reason: 'gave-way-to-worse', atMs: report.tsMs, evidence } as const;
    clear({ ...scene, unit: least.unit }, least.active, telling);
    state.refusedFaults += 1;
  }
  faults.delete(key);
  state.repairedFaults.delete(key);
  return true;
};

const fresh = ({ unit, code }: FaultReport): FaultState => ({
  unit,
  code,
  tsMs: 0,
  seq: 0,
  receivedAtMs: 0,
  heard: [],
  active: null,
  repair: null,
});

type Outcome = 'raised' | 'cleared' | 'repeated' | 'raised-again' | 'stale' | 'full';

const apply = (scene: Scene, state: EquipmentState, fault: FaultState, report: FaultReport): Outcome => {
  const before = fault.active;
  const isAgain =
    before !== null && fault.repair !== null && ourTimeMs(state.clock, report) >= fault.repair.sinceMs;
  if (report.active === (before !== null) && !(report.active && isAgain)) return 'repeated';
  const { item, severity } = faultOf(scene.catalogue, report.code);
  const evidence = faultEvidence(report.code, report.tsMs, report.detail);
  const telling = { atMs: report.tsMs, evidence } as const;
  fault.repair = null;
  state.repairedFaults.delete(faultKey(report.unit, report.code));
  // The new one first: an item never looks well in between.
  fault.active = report.active
    ? raise(
        scene,
        { rule: `fault:${report.code}`, component: item, severity },
        { ...telling, reason: 'fault-active' },
      )
    : null;
  if (!before) return 'raised';
  clear(scene, before, {
    ...telling,
    reason: report.active ? 'active-again-after-repair' : 'fault-inactive',
  });
  return report.active ? 'raised-again' : 'cleared';
};

/**
 * The controller switched a code on or off. Said again, it changes nothing, unless the item was repaired
 * in between: many controllers forget their codes with the power and never say "off". Returns a named
 * outcome; `full` when the equipment already has `MAX_CODES` active codes that are no milder.
 */
export const judgeFault = (scene: Scene, state: EquipmentState, report: FaultReport): Outcome => {
  const { faults, clock, connection } = state;
  const key = faultKey(report.unit, report.code);
  const known = faults.get(key);
  if (known && isStale(known, report, clock, connection.openedAtMs)) return 'stale';
  if (!known && !makeRoom(scene, state, report)) {
    state.refusedFaults += 1;
    return 'full';
  }
  const fault = known ?? fresh(report);
  note(fault, report);
  // The newest report moves to the end, so that the oldest is forgotten first.
  faults.delete(key);
  faults.set(key, fault);
  const outcome = apply(scene, state, fault, report);
  if (outcome !== 'repeated') noteCode(scene, state, fault, ourTimeMs(clock, report), report.active);
  return outcome;
};
