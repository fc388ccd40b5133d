import type { AlertEvent } from '../alert/alert.ts';
import type { Connection } from '../equipment/connection.ts';
import { connected, disconnected, heard, lostSight, reported } from '../equipment/connection.ts';
import { UNKNOWN_MODEL } from '../equipment/equipment.ts';
import type { StatusReport } from '../equipment/status.ts';
import { type Catalogue, signalItem } from '../fault/catalogue.ts';
import type { FaultReport } from '../fault/report.ts';
import type { RuleBook } from '../rules/parameters.ts';
import type { Reading } from '../telemetry/reading.ts';
import { type Place, parametersOf, type Scene } from './announce.ts';
import { noteClock, ourTimeMs, restartClock } from './clock.ts';
import { codeRatesDueMs, judgeCodeRates, repairCodeRate } from './code-rate.ts';
import { judgeCounter } from './counter.ts';
import { restartDay } from './day.ts';
import { endDrift, judgeDrift } from './drift.ts';
import { seatOf } from './expected.ts';
import { judgeFault } from './fault-code.ts';
import { hasActiveCode, noteMeasured, recoverMeasured, recoverQuiet, repairFaults } from './fault-repair.ts';
import { accumulate, codesOf, remember } from './gather.ts';
import { endShift, judgeShift, shiftTuning } from './level-shift.ts';
import { judgeLimits, limitsOverTime } from './limit.ts';
import { judgeMissing, noteSeen } from './missing.ts';
import { ENOUGH_READINGS, isLearnt } from './normal.ts';
import { judgeParts, notePart, partsDueMs } from './part.ts';
import { endPeers, judgePeers } from './peers.ts';
import { NO_POPULATIONS, type Populations } from './population.ts';
import { endRate, judgeRate, repairRate } from './rate.ts';
import { beginRepair, watchRepair } from './repair.ts';
import { LEVEL, newSeries, type SeriesState } from './series.ts';
import {
  judgeSilence,
  noteConnection,
  noteHeard,
  noteRhythm,
  silenceDueMs,
  suspendSilence,
} from './silence.ts';
import { endSpread, judgeSpread } from './spread.ts';
import { type EquipmentState, MAX_SERIES, modelOf, noteHold } from './state.ts';
import { endStuck, judgeStuck, sensorItem } from './stuck.ts';
import { endSwitchedOff } from './switched-off.ts';
import { isTogether, judgeTogether, newTogether } from './together.ts';
import { takeWarmth, type Warmth } from './warm.ts';
import { type Work, workOf } from './work.ts';

/** What one equipment's engine can be told; readings come in event time, see core/telemetry/order.ts. */
export type Input =
  | { readonly kind: 'reading'; readonly reading: Reading }
  | { readonly kind: 'fault'; readonly report: FaultReport }
  | { readonly kind: 'status'; readonly report: StatusReport }
  | { readonly kind: 'heard'; readonly connectionId: string }
  | { readonly kind: 'connected'; readonly connectionId: string }
  | { readonly kind: 'disconnected'; readonly connectionId: string }
  | {
      readonly kind: 'repaired';
      readonly unit: string;
      readonly component: string;
      readonly repairedAtMs: number;
    }
  /** A person entered the model, or changed it. */
  | { readonly kind: 'registered'; readonly model: string }
  /** What was recorded of a unit before; null: there is no more of it. */
  | { readonly kind: 'warmed'; readonly unit: string; readonly warmth: Warmth | null }
  /** Other rules hold from here on: they are in the `Book` already. */
  | { readonly kind: 'rules' }
  /** `afterGapSince`: the tick before this one, where so many are missing that the service was away. */
  | { readonly kind: 'tick'; readonly afterGapSince: number | null };

/** What the engine judges by. */
export interface Book {
  readonly catalogue: Catalogue;
  readonly rules: RuleBook;
  /** How other machines are, as the log told it last; absent: nothing is known. */
  readonly populations?: Populations;
}

export interface Step {
  readonly state: EquipmentState;
  readonly events: readonly AlertEvent[];
  /** The connection, where `online`, its id or the firmware changed. */
  readonly connection: Connection | null;
}

const seriesFor = (state: EquipmentState, unit: string, metric: string): SeriesState | null => {
  let metrics = state.units.get(unit);
  const known = metrics?.get(metric);
  if (known) return known;
  if (state.seriesCount >= MAX_SERIES) {
    state.unjudged += 1;
    return null;
  }
  if (!metrics) {
    metrics = new Map();
    state.units.set(unit, metrics);
  }
  const series = newSeries();
  metrics.set(metric, series);
  state.seriesCount += 1;
  return series;
};

/** The catalogue says now that this is a counter or a state: its level was never to be judged. */
const endStatistics = (scene: Scene, metric: string, series: SeriesState): void => {
  endDrift(scene, metric, series);
  endShift(scene, metric, series);
  endSpread(scene, metric, series);
  endStuck(scene, metric, series);
  endRate(scene, metric, series);
  endPeers(scene, metric, series);
};

const judge = (
  scene: Scene,
  state: EquipmentState,
  reading: Reading,
  metric: string,
  work: Work,
  codes: string,
): void => {
  const series = seriesFor(state, reading.unit, metric);
  if (!series) return;
  const value = reading.values[metric] as number;
  const at = { tsMs: reading.tsMs, value };
  const signal = scene.catalogue.signals.get(metric);
  const component = signalItem(scene.catalogue, metric);
  noteSeen(scene, state.parts.get(reading.unit), metric, series, reading.tsMs);
  if (signal?.counter) judgeCounter(scene, signal, metric, component, series, at, work);
  const isSteady = !signal?.counter && !signal?.state;
  const hasLimits = Boolean(signal?.limits || series.limitHigh || series.limitLow);
  if (!isSteady && !hasLimits && !series.shift && !series.drift) return;
  const parameters = parametersOf(scene, metric);
  const tuning = shiftTuning(signal, series, parameters.level);
  const told = remember(series, reading.tsMs, value, codes, tuning);
  if (hasLimits) {
    judgeLimits(scene, signal, metric, series, reading.tsMs, value);
    noteHold(state, reading.unit, metric, series);
  }
  if (!isSteady) {
    endStatistics(scene, metric, series);
    return;
  }
  judgeStuck(scene, signal, metric, component, series, at, work);
  if (parameters.rate.on) judgeRate(scene, signal, metric, component, series, at);
  judgePeers(scene, signal, metric, component, series, at);
  const knows = isLearnt(series.normal);
  const seat = knows ? seatOf(series, reading.tsMs, value, told) : null;
  if (series.repair) {
    if (knows && !seat) return;
    const atMs = ourTimeMs(state.clock, reading);
    const verdict = watchRepair(
      scene,
      metric,
      series,
      { atMs, value: seat?.level ?? value },
      hasActiveCode(scene, state, component),
    );
    if (verdict !== 'wait' && knows)
      noteMeasured(scene, state, component, verdict === 'not-helped' ? 'unwell' : 'well');
    return;
  }
  if (!seat || series.n <= ENOUGH_READINGS) return;
  accumulate(series, reading.tsMs, seat, tuning);
  if (series.level.length < LEVEL) return;
  if (parameters.drift.on) judgeDrift(scene, signal, metric, series, parameters.drift);
  if (parameters.level.on) judgeShift(scene, signal, metric, component, series, parameters.level, tuning);
  if (parameters.spread.on) judgeSpread(scene, signal, metric, component, series, parameters.spread);
};

const isUndecided =
  (scene: Scene, state: EquipmentState) =>
  (component: string): boolean => {
    for (const [metric, series] of state.units.get(scene.unit) ?? [])
      if (
        series.repair &&
        series.repair.value.length > 0 &&
        signalItem(scene.catalogue, metric) === component
      )
        return true;
    return false;
  };

/** A past of more than two months, or a clock that never was set, tells nothing of how often codes come. */
const MAX_PAST_MS = 60 * 86_400_000;

const noteSince = (state: EquipmentState, tsMs: number, receivedAtMs: number): void => {
  const atMs = Math.max(receivedAtMs - MAX_PAST_MS, Math.min(tsMs, receivedAtMs));
  if (state.sinceMs === null || atMs < state.sinceMs) state.sinceMs = atMs;
};

/**
 * A machine that is connected would say its codes: that it says none is its quiet past, also where it measures
 * nothing. One that is only registered may not be installed yet.
 */
const noteThere = (state: EquipmentState, receivedAtMs: number): void => {
  if (state.sinceMs === null && state.connection.online === 'online')
    noteSince(state, receivedAtMs, receivedAtMs);
};

/** All metrics of the unit together; of units that have series, so that these are as many at most. */
const judgeUnit = (scene: Scene, state: EquipmentState, reading: Reading): void => {
  const { unit } = reading;
  if (!state.units.has(unit) || !isTogether(scene, reading)) return;
  const together = state.together.get(unit) ?? newTogether();
  state.together.set(unit, together);
  judgeTogether(scene, together, reading);
};

const onReading = (scene: Scene, state: EquipmentState, reading: Reading): void => {
  const { unit, tsMs, receivedAtMs } = reading;
  if (reading.tsSource === 'device') noteClock(state.clock, tsMs, receivedAtMs);
  noteHeard(scene, state, receivedAtMs);
  noteSince(state, tsMs, receivedAtMs);
  if (noteRhythm(state.silence, tsMs, receivedAtMs))
    state.dueMs = Math.min(state.dueMs, silenceDueMs(scene, state));
  const work = workOf(scene.catalogue, state.units.get(unit), reading);
  const codes = codesOf(scene.catalogue, reading);
  for (const metric in reading.values) judge(scene, state, reading, metric, work, codes);
  judgeUnit(scene, state, reading);
  if (state.units.has(unit)) notePart(scene, state, tsMs, receivedAtMs);
  judgeMissing(scene, state, tsMs);
  if (state.units.has(unit) && tsMs > (state.newest.get(unit)?.tsMs ?? 0))
    state.newest.set(unit, { tsMs, receivedAtMs });
  if (state.repairedFaults.size > 0) recoverMeasured(scene, state, tsMs, isUndecided(scene, state));
};

const onFault = (scene: Scene, state: EquipmentState, report: FaultReport): void => {
  if (report.tsSource === 'device') noteClock(state.clock, report.tsMs, report.receivedAtMs);
  noteHeard(scene, state, report.receivedAtMs);
  noteSince(state, report.tsMs, report.receivedAtMs);
  judgeFault(scene, state, report);
};

const onRepaired = (
  scene: Scene,
  state: EquipmentState,
  repaired: Extract<Input, { kind: 'repaired' }>,
): void => {
  for (const [metric, series] of state.units.get(repaired.unit) ?? []) {
    const component = signalItem(scene.catalogue, metric);
    if (repaired.component === component || repaired.component === sensorItem(scene, component))
      repairRate(series);
    if (component !== repaired.component) continue;
    beginRepair(series, repaired.repairedAtMs);
    if (series.day) restartDay(series.day, series.day.lastMs);
  }
  for (const fault of state.faults.values()) repairCodeRate(scene, fault, repaired.component);
  repairFaults(scene, state, repaired);
};

const onWarmed = (scene: Scene, state: EquipmentState, warmth: Warmth | null): void => {
  if (warmth) takeWarmth(scene, state, warmth);
  else state.isCold = false;
};

/** When time alone can concern this equipment next; Infinity: never. */
const nextDueMs = (scene: Scene, state: EquipmentState): number =>
  Math.min(silenceDueMs(scene, state), partsDueMs(scene, state), codeRatesDueMs(state));

/** Hold times that ran out, and what is overdue. The device's clock goes on as the receive time does. */
const onTick = (scene: Scene, state: EquipmentState, afterGapSince: number | null): void => {
  for (const [unit, metric] of [...state.awaiting.values()]) {
    const series = state.units.get(unit)?.get(metric);
    const signal = scene.catalogue.signals.get(metric);
    if (!series || !signal) continue;
    const newest = state.newest.get(unit) ?? { tsMs: 0, receivedAtMs: 0 };
    const nowMs = newest.tsMs + Math.max(0, scene.place.receivedAtMs - newest.receivedAtMs);
    limitsOverTime({ ...scene, unit }, signal, series, nowMs);
    noteHold(state, unit, metric, series);
  }
  recoverQuiet(scene, state);
  if (afterGapSince !== null) suspendSilence(state, afterGapSince, scene.place.receivedAtMs);
  judgeSilence(scene, state);
  judgeParts(scene, state);
  judgeCodeRates(scene, state);
  state.dueMs = nextDueMs(scene, state);
};

/** Whether a tick can matter to this equipment; so that a second costs nothing for the many it can't. */
export const awaitsTick = (state: EquipmentState): boolean =>
  state.awaiting.size > 0 || state.repairedFaults.size > 0;

const connectionAfter = (state: EquipmentState, input: Input, place: Place): Connection => {
  const before = state.connection;
  switch (input.kind) {
    case 'connected':
      return connected(before, input.connectionId, place.receivedAtMs);
    case 'disconnected':
      return disconnected(before, input.connectionId);
    case 'status':
      return reported(before, input.report);
    case 'heard':
      return heard(before, input.connectionId, place.receivedAtMs);
    case 'tick':
      return input.afterGapSince === null ? before : lostSight(before, input.afterGapSince);
    default:
      return before;
  }
};

/**
 * One input through every detector. A function of its arguments alone: no clock, no chance. Takes the
 * state over and gives it back changed; `place.nextIndex` counts the events of one log record.
 */
export const step = (
  { catalogue, rules, populations = NO_POPULATIONS }: Book,
  equipment: string,
  state: EquipmentState,
  input: Input,
  place: Place,
): Step => {
  const events: AlertEvent[] = [];
  const unit =
    input.kind === 'reading'
      ? input.reading.unit
      : input.kind === 'fault'
        ? input.report.unit
        : input.kind === 'repaired' || input.kind === 'warmed'
          ? input.unit
          : '';
  const before = state.connection;
  const modelBefore = modelOf(state);
  state.connection = connectionAfter(state, input, place);
  if (input.kind === 'registered') state.registered = input.model === UNKNOWN_MODEL ? null : input.model;
  const model = modelOf(state);
  const scene: Scene = { catalogue, rules, equipment, model, unit, populations, place, events };
  noteThere(state, place.receivedAtMs);
  if (state.connection.id !== before.id) restartClock(state.clock, place.receivedAtMs);
  if (input.kind === 'reading') onReading(scene, state, input.reading);
  else if (input.kind === 'fault') onFault(scene, state, input.report);
  else if (input.kind === 'repaired') onRepaired(scene, state, input);
  else if (input.kind === 'warmed') onWarmed(scene, state, input.warmth);
  else if (input.kind === 'tick') onTick(scene, state, input.afterGapSince);
  else if (input.kind === 'heard') noteHeard(scene, state, place.receivedAtMs);
  const after = state.connection;
  if (before.online !== after.online || before.id !== after.id) noteConnection(scene, state, before);
  if (input.kind === 'rules' || model !== modelBefore) {
    endSwitchedOff(scene, state);
    state.dueMs = 0;
  }
  const hasChanged =
    before.online !== after.online || before.id !== after.id || before.firmware !== after.firmware;
  return { state, events, connection: hasChanged ? after : null };
};
