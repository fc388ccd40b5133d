import { type AlertReason, SEVERITY_RANK, type Severity } from '../alert/alert.ts';
import type { Connection } from '../equipment/connection.ts';
import { UNKNOWN_ITEM } from '../fault/catalogue.ts';
import { type Active, clear, parametersOf, raise, type Scene, update } from './announce.ts';
import {
  type Gaps,
  learnGap,
  MAX_SILENCE_MS,
  naturalMs,
  newGaps,
  overdueAfterMs,
  unusedAfterMs,
  withDay,
} from './gaps.ts';
import { proofOf } from './proof.ts';
import type { EquipmentState } from './state.ts';

/** When an equipment was heard, how long it usually keeps silent, and what is told of it. Times are receive times. */
export interface Silence {
  gaps: Gaps;
  /** The longest time offline of each day on which one ended. */
  offlineDays: Gaps['days'];
  /** The newest device time, and when that reading was received: what gaps are learnt from. */
  tsMs: number;
  readMs: number;
  /** When it was last heard; null: it has never said anything. */
  heardMs: number | null;
  /** From when its silence counts: since it was heard, or since this service was back. */
  countsMs: number;
  /** Readings so far of units that don't report by the clock. */
  used: number;
  /** Since when it is offline, as far as it counts; null: it is not. */
  offlineMs: number | null;
  active: Active | null;
  /** When that was raised, receive time. */
  raisedMs: number;
}

export const newSilence = (): Silence => ({
  gaps: newGaps(),
  offlineDays: [],
  tsMs: 0,
  readMs: 0,
  heardMs: null,
  countsMs: 0,
  used: 0,
  offlineMs: null,
  active: null,
  raisedMs: 0,
});

export const NO_DATA = { name: 'no-data', version: 1 } as const;
/** Told at once, but only worth a visit when it lasts: a power cut, a gateway, a restart. */
export const HOLD_MS = 10 * 60_000;

const tell = (
  scene: Scene,
  silence: Silence,
  how: 'raise' | 'worse' | 'clear',
  reason: AlertReason,
  severity: Severity,
): void => {
  const atMs = scene.place.receivedAtMs;
  const evidence = proofOf(NO_DATA, { fromMs: silence.heardMs ?? silence.countsMs, toMs: atMs });
  const telling = { reason, atMs, evidence };
  if (how === 'raise') {
    const component = UNKNOWN_ITEM;
    silence.active = raise(scene, { rule: `no-data:${reason}`, component, severity }, telling);
    silence.raisedMs = atMs;
  } else if (silence.active && how === 'worse') update(scene, silence.active, severity, telling);
  else if (silence.active) {
    clear(scene, silence.active, telling);
    silence.active = null;
  }
};

const end = (scene: Scene, silence: Silence, reason: AlertReason): void =>
  tell(scene, silence, 'clear', reason, 'watch');

export const endNoData = (scene: Scene, state: EquipmentState): void =>
  end({ ...scene, unit: '' }, state.silence, 'rule-removed');

/** A message came. Old ones that were told before it was missed change nothing. */
export const noteHeard = (scene: Scene, state: EquipmentState, receivedAtMs: number): void => {
  const { silence } = state;
  if (silence.heardMs !== null && receivedAtMs <= silence.heardMs) return;
  if (silence.active) {
    end({ ...scene, unit: '' }, silence, 'heard-again');
    for (const part of state.parts.values()) part.countsMs = receivedAtMs;
    state.dueMs = 0;
  }
  silence.heardMs = receivedAtMs;
  silence.countsMs = receivedAtMs;
};

/**
 * Learns from a reading how long it usually keeps silent: by its own clock where a past is told, else by ours. True
 * where what is known of it may have changed.
 */
export const noteRhythm = (
  known: { gaps: Gaps; tsMs: number; readMs: number },
  tsMs: number,
  receivedAtMs: number,
): boolean => {
  const gapMs = Math.max(tsMs - known.tsMs, receivedAtMs - known.readMs);
  const isNext = known.readMs > 0 && tsMs > known.tsMs;
  known.tsMs = Math.max(known.tsMs, tsMs);
  known.readMs = Math.max(known.readMs, receivedAtMs);
  return isNext && learnGap(known.gaps, tsMs, Math.min(MAX_SILENCE_MS, gapMs));
};

/** The connection came or went. */
export const noteConnection = (scene: Scene, state: EquipmentState, before: Connection): void => {
  const { silence, connection } = state;
  const nowMs = scene.place.receivedAtMs;
  const isOffline = connection.online === 'offline';
  state.dueMs = 0;
  if (isOffline && silence.offlineMs === null) silence.offlineMs = nowMs;
  if (isOffline || silence.offlineMs === null || connection.online === before.online) return;
  if (connection.online !== 'online') return;
  silence.offlineDays = withDay(silence.offlineDays, nowMs, nowMs - silence.offlineMs);
  silence.offlineMs = null;
  silence.countsMs = nowMs;
  if (silence.active?.rule === 'no-data:offline') end({ ...scene, unit: '' }, silence, 'heard-again');
};

/** A service that hesitated has lost nobody's connection; one that was started anew has lost all of them. */
const HESITATION_MS = 60_000;

/** This service was away since then: that time counts for nobody's silence, and after a start it counts anew. */
export const suspendSilence = (state: EquipmentState, sinceMs: number, nowMs: number): void => {
  const { silence } = state;
  const awayMs = nowMs - sinceMs;
  const later = (atMs: number): number => (awayMs > HESITATION_MS ? nowMs : Math.min(nowMs, atMs + awayMs));
  silence.countsMs = later(silence.countsMs);
  if (silence.offlineMs !== null) silence.offlineMs = later(silence.offlineMs);
  if (silence.active) silence.raisedMs = later(silence.raisedMs);
  for (const part of state.parts.values()) part.countsMs = later(part.countsMs);
};

/** When what is known now would be out of the ordinary; Infinity: never by time alone. */
const overdueAtMs = (scene: Scene, { silence, connection }: EquipmentState): number => {
  const { noData } = parametersOf({ ...scene, unit: '' }, null);
  if (!noData.on || silence.heardMs === null) return Number.POSITIVE_INFINITY;
  if (silence.active)
    return silence.active.severity === 'watch' ? silence.raisedMs + HOLD_MS : Number.POSITIVE_INFINITY;
  const isThere = connection.online === 'online';
  const after = (isThere ? unusedAfterMs : overdueAfterMs)(silence.gaps, noData);
  const silentMs = after === null ? Number.POSITIVE_INFINITY : silence.countsMs + after;
  if (silence.offlineMs === null) return silentMs;
  const natural = silence.offlineDays.length < 3 ? 0 : 1.5 * naturalMs({ days: silence.offlineDays });
  return Math.min(silentMs, silence.offlineMs + Math.max(noData.leastMs, natural));
};

export const silenceDueMs = (scene: Scene, state: EquipmentState): number => overdueAtMs(scene, state);

/** Nobody sees any more how a machine does that had a lock-out, or had lost its service. */
const hasWorse = (state: EquipmentState): boolean => {
  const isWorse = (active: Active | null | undefined): boolean =>
    active ? SEVERITY_RANK[active.severity] <= SEVERITY_RANK.S2 : false;
  for (const { active } of state.faults.values()) if (isWorse(active)) return true;
  for (const metrics of state.units.values())
    for (const { limitHigh, limitLow, shift, drift } of metrics.values())
      if ([limitHigh?.active, limitLow?.active, shift, drift].some(isWorse)) return true;
  return false;
};

/**
 * Nothing is heard of the equipment: `offline` where its connection ended, else `silent`. A state of its own: what
 * was active stays active. At first `watch`, after ten minutes more `S3`; at once `S2` where a lock-out or a lost
 * service was active, which nobody can follow any more. Ends when it is heard again.
 */
export const judgeSilence = (scene: Scene, state: EquipmentState): void => {
  const { silence } = state;
  const here: Scene = { ...scene, unit: '' };
  if (scene.place.receivedAtMs < overdueAtMs(here, state)) return;
  const severity = hasWorse(state) ? 'S2' : silence.active ? 'S3' : 'watch';
  const reason = state.connection.online === 'offline' ? 'offline' : 'silent';
  tell(here, silence, silence.active ? 'worse' : 'raise', reason, severity);
};
