import { UNKNOWN_ITEM } from '../fault/catalogue.ts';
import { type Active, clear, parametersOf, raise, type Scene } from './announce.ts';
import { type Gaps, newGaps, unusedAfterMs } from './gaps.ts';
import { proofOf } from './proof.ts';
import { NO_DATA, noteRhythm } from './silence.ts';
import type { EquipmentState } from './state.ts';

/** When one unit of an equipment was heard, and how long it usually keeps silent. */
export interface Part {
  gaps: Gaps;
  tsMs: number;
  readMs: number;
  /** From when its silence counts, receive time. */
  countsMs: number;
  /** Readings of it so far. */
  readings: number;
  active: Active | null;
}

export const newPart = (): Part => ({
  gaps: newGaps(),
  tsMs: 0,
  readMs: 0,
  countsMs: 0,
  readings: 0,
  active: null,
});

const evidenceOf = (scene: Scene, part: Part) =>
  proofOf(NO_DATA, { fromMs: part.readMs, toMs: scene.place.receivedAtMs });

const end = (scene: Scene, part: Part, reason: 'heard-again' | 'rule-removed'): void => {
  if (!part.active) return;
  const atMs = scene.place.receivedAtMs;
  clear(scene, part.active, { reason, atMs, evidence: evidenceOf(scene, part) });
  part.active = null;
};

/** A reading of the unit came. */
export const notePart = (scene: Scene, state: EquipmentState, tsMs: number, receivedAtMs: number): void => {
  let part = state.parts.get(scene.unit);
  if (!part) {
    part = newPart();
    state.parts.set(scene.unit, part);
  }
  part.readings += 1;
  if (receivedAtMs > part.readMs) end(scene, part, 'heard-again');
  const hasChanged = noteRhythm(part, tsMs, receivedAtMs);
  part.countsMs = Math.max(part.countsMs, receivedAtMs);
  if (hasChanged) state.dueMs = Math.min(state.dueMs, overdueAtMs(scene, state, scene.unit, part));
};

/** The rest of the machine reports while this unit has not for longer than it ever did. */
const isMissing = (state: EquipmentState, part: Part, afterMs: number): boolean =>
  (state.silence.heardMs ?? 0) >= part.countsMs + 0.5 * afterMs;

const overdueAtMs = (scene: Scene, state: EquipmentState, unit: string, part: Part): number => {
  if (part.active || state.silence.active || state.parts.size < 2) return Number.POSITIVE_INFINITY;
  const { noData } = parametersOf({ ...scene, unit }, null);
  const after = noData.on ? unusedAfterMs(part.gaps, noData) : null;
  return after === null ? Number.POSITIVE_INFINITY : part.countsMs + after;
};

export const partsDueMs = (scene: Scene, state: EquipmentState): number => {
  let due = Number.POSITIVE_INFINITY;
  for (const [unit, part] of state.parts) due = Math.min(due, overdueAtMs(scene, state, unit, part));
  return due;
};

/** One unit is not heard any more while others are: `S3` of the controller, or of what joins the two. */
export const judgeParts = (scene: Scene, state: EquipmentState): void => {
  const nowMs = scene.place.receivedAtMs;
  for (const [unit, part] of state.parts) {
    const dueMs = overdueAtMs(scene, state, unit, part);
    if (nowMs < dueMs || !isMissing(state, part, dueMs - part.countsMs)) continue;
    const here: Scene = { ...scene, unit };
    part.active = raise(
      here,
      { rule: 'no-data:part', component: UNKNOWN_ITEM, severity: 'S3' },
      { reason: 'part-silent', atMs: nowMs, evidence: evidenceOf(here, part) },
    );
  }
};

/** Of the scene's unit. */
export const endPart = (scene: Scene, state: EquipmentState): void => {
  const part = state.parts.get(scene.unit);
  if (part) end(scene, part, 'rule-removed');
};
