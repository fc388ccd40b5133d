import type { AlertReason } from '../alert/alert.ts';
import { type Catalogue, faultOf } from '../fault/catalogue.ts';
import { clear, type Scene } from './announce.ts';
import { ourTimeMs } from './clock.ts';
import { type FaultState, faultEvidence } from './fault-code.ts';
import type { EquipmentState } from './state.ts';

/** What was seen of a code's item since its repair. */
export interface FaultRepair {
  readonly sinceMs: number;
  /** Time online since then, by ticks, and the newest of them (receive time). */
  onlineMs: number;
  tickMs: number;
  /** What the item's own measurements say. */
  measured: 'nothing' | 'well' | 'unwell';
}

/** Online for so long after a repair without a word of the code, it is taken as gone. */
export const QUIET_MS = 30 * 60_000;
/** Missing ticks are no time that was watched. */
const MAX_TICK_MS = 15_000;

const belongsTo = (catalogue: Catalogue, fault: FaultState, unit: string, component: string): boolean =>
  fault.unit === unit && faultOf(catalogue, fault.code).item === component;

/** A code that was reported since the last repair of its item. */
export const hasActiveCode = (scene: Scene, state: EquipmentState, component: string): boolean => {
  for (const fault of state.faults.values())
    if (fault.active && !fault.repair && belongsTo(scene.catalogue, fault, scene.unit, component))
      return true;
  return false;
};

/** A repair marks the item's codes that were active before it. What was reported since, it has not mended. */
export const repairFaults = (
  scene: Scene,
  state: EquipmentState,
  repaired: { readonly unit: string; readonly component: string; readonly repairedAtMs: number },
): void => {
  const { unit, component, repairedAtMs: sinceMs } = repaired;
  const tickMs = scene.place.receivedAtMs;
  for (const [key, fault] of state.faults) {
    if (!fault.active || !belongsTo(scene.catalogue, fault, unit, component)) continue;
    // Whether the last report had a device time is not kept; one dated by receipt needs no correction.
    const heardMs = Math.min(
      fault.receivedAtMs,
      ourTimeMs(state.clock, { tsMs: fault.tsMs, tsSource: 'device' }),
    );
    if (heardMs > sinceMs) continue;
    fault.repair = { sinceMs, onlineMs: 0, tickMs, measured: 'nothing' };
    state.repairedFaults.add(key);
  }
};

const recover = (
  scene: Scene,
  state: EquipmentState,
  key: string,
  reason: AlertReason,
  atMs: number,
): void => {
  const fault = state.faults.get(key) as FaultState;
  if (fault.active)
    clear({ ...scene, unit: fault.unit }, fault.active, {
      reason,
      atMs,
      evidence: faultEvidence(fault.code, atMs, ''),
    });
  fault.active = null;
  fault.repair = null;
  state.repairedFaults.delete(key);
};

/** One of the item's measurements has shown whether the repair helped. */
export const noteMeasured = (
  scene: Scene,
  state: EquipmentState,
  component: string,
  measured: 'well' | 'unwell',
): void => {
  for (const key of state.repairedFaults) {
    const fault = state.faults.get(key) as FaultState;
    if (!fault.repair || !belongsTo(scene.catalogue, fault, scene.unit, component)) continue;
    if (fault.repair.measured !== 'unwell') fault.repair.measured = measured;
  }
};

/**
 * Codes whose item runs well again by all of its measurements. `isUndecided`: whether one of an item's
 * measurements is still being watched.
 */
export const recoverMeasured = (
  scene: Scene,
  state: EquipmentState,
  atMs: number,
  isUndecided: (component: string) => boolean,
): void => {
  for (const key of [...state.repairedFaults]) {
    const { unit, code, repair } = state.faults.get(key) as FaultState;
    if (unit !== scene.unit || repair?.measured !== 'well') continue;
    const { item } = faultOf(scene.catalogue, code);
    if (isUndecided(item) || hasActiveCode(scene, state, item)) continue;
    recover(scene, state, key, 'recovered-after-repair', atMs);
  }
};

/** A second passed. With nothing measured, time online without the code is what there is to go by. */
export const recoverQuiet = (scene: Scene, state: EquipmentState): void => {
  const nowMs = scene.place.receivedAtMs;
  for (const key of [...state.repairedFaults]) {
    const { unit, code, repair } = state.faults.get(key) as FaultState;
    if (!repair) continue;
    const passedMs = Math.max(0, Math.min(nowMs - repair.tickMs, MAX_TICK_MS));
    repair.tickMs = Math.max(repair.tickMs, nowMs);
    if (state.connection.online === 'online') repair.onlineMs += passedMs;
    const isKnownActive = hasActiveCode({ ...scene, unit }, state, faultOf(scene.catalogue, code).item);
    if (repair.onlineMs >= QUIET_MS && !isKnownActive)
      recover(scene, state, key, 'quiet-after-repair', nowMs);
  }
};
