import { UNKNOWN_ITEM } from '../fault/catalogue.ts';
import { type Active, clear, parametersOf, raise, type Scene } from './announce.ts';
import { type Gaps, longestOf, newGaps, unusedAfterMs, withDay } from './gaps.ts';
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
  /** The machine's `Silence.used` when it was last heard. */
  usedAt: number;
  /** Most readings of other units between two of its own, of each day on which it was heard. */
  usedDays: Gaps['days'];
  active: Active | null;
}

const HOUR_MS = 3_600_000;
/** Weekends, and who is on holiday: so many days with a word must be known of a unit that people drive. */
const KNOWN_DAYS = 15;
/** Of the longest that ever was, which is seldom the longest that can be. */
const BEYOND = 3;
const DAY_MS = 24 * HOUR_MS;
/** Where people stay away for longer than a night, they stay away for a festival, and longer. */
const NIGHT_MS = 12 * HOUR_MS;
const FESTIVAL_MS = 14 * DAY_MS;

export const newPart = (): Part => ({
  gaps: newGaps(),
  tsMs: 0,
  readMs: 0,
  countsMs: 0,
  readings: 0,
  usedAt: 0,
  usedDays: [],
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

/** Units that report by the clock say nothing of whether anybody uses the machine. */
const noteUse = ({ silence }: EquipmentState, part: Part, tsMs: number): void => {
  if (part.readings > 1) part.usedDays = withDay(part.usedDays, tsMs, silence.used - part.usedAt);
  if (!part.gaps.isRegular) silence.used += 1;
  part.usedAt = silence.used;
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
  noteUse(state, part, tsMs);
  const hasChanged = noteRhythm(part, tsMs, receivedAtMs);
  part.countsMs = Math.max(part.countsMs, receivedAtMs);
  if (hasChanged) state.dueMs = Math.min(state.dueMs, dueMs(scene, state, scene.unit, part));
};

/** The rest of the machine reports while this unit has not for longer than it ever did. */
const isMissing = (state: EquipmentState, part: Part, afterMs: number): boolean =>
  (state.silence.heardMs ?? 0) >= part.countsMs + 0.5 * afterMs;

interface Allowed {
  /** While people use the rest more than they ever did without this unit. */
  readonly usedMs: number;
  /** Otherwise: perhaps nobody comes. */
  readonly unusedMs: number;
  readonly isUsed: boolean;
}

/**
 * How long a unit may be silent; null: too little is known. One that speaks only when people come is judged by how
 * much they use the others meanwhile; where they use none, by the longest time that it ever was silent.
 */
const allowedFor = (scene: Scene, state: EquipmentState, unit: string, part: Part): Allowed | null => {
  if (part.active || state.silence.active || state.parts.size < 2) return null;
  const { noData } = parametersOf({ ...scene, unit }, null);
  const { gaps, usedDays } = part;
  const usedMs = noData.on ? unusedAfterMs(gaps, noData) : null;
  if (usedMs === null) return null;
  if (gaps.isRegular) return { usedMs, unusedMs: usedMs, isUsed: true };
  if (usedDays.length < KNOWN_DAYS) return null;
  const longestMs = longestOf(gaps.days);
  return {
    usedMs,
    unusedMs: Math.max(usedMs, BEYOND * longestMs, longestMs <= NIGHT_MS ? 0 : FESTIVAL_MS),
    isUsed: state.silence.used - part.usedAt > BEYOND * longestOf(usedDays),
  };
};

/** When to look at it. Whether people come can't be foretold: that is looked at every hour. */
const dueMs = (scene: Scene, state: EquipmentState, unit: string, part: Part): number => {
  const allowed = allowedFor(scene, state, unit, part);
  if (!allowed) return Number.POSITIVE_INFINITY;
  const { usedMs, unusedMs, isUsed } = allowed;
  if (isUsed) return part.countsMs + usedMs;
  const nextHourMs = (Math.floor(scene.place.receivedAtMs / HOUR_MS) + 1) * HOUR_MS;
  return Math.min(part.countsMs + unusedMs, Math.max(part.countsMs + usedMs, nextHourMs));
};

export const partsDueMs = (scene: Scene, state: EquipmentState): number => {
  let due = Number.POSITIVE_INFINITY;
  for (const [unit, part] of state.parts) due = Math.min(due, dueMs(scene, state, unit, part));
  return due;
};

/** One unit is not heard any more while others are: `S3` of the controller, or of what joins the two. */
export const judgeParts = (scene: Scene, state: EquipmentState): void => {
  const nowMs = scene.place.receivedAtMs;
  for (const [unit, part] of state.parts) {
    const allowed = allowedFor(scene, state, unit, part);
    if (!allowed) continue;
    const afterMs = allowed.isUsed ? allowed.usedMs : allowed.unusedMs;
    if (nowMs < part.countsMs + afterMs || !isMissing(state, part, afterMs)) continue;
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
