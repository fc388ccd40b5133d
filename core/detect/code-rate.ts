import { type Catalogue, faultOf } from '../fault/catalogue.ts';
import { codePopulation } from './alike.ts';
import { type Active, clear, parametersOf, raise, type Scene } from './announce.ts';
import {
  age,
  type CodeRate,
  DAY_MS,
  dayOf,
  isHarmless,
  newCodeRate,
  noteEpisode,
  pastOf,
  WEEKS_DAYS,
} from './code-count.ts';
import type { FaultState } from './fault-code.ts';
import { chanceOfAtLeast } from './negative-binomial.ts';
import { proofOf } from './proof.ts';
import type { EquipmentState } from './state.ts';

const DETECTOR = { name: 'code-rate', version: 1 } as const;
/** Windows in which a code may come too often. */
const WINDOWS = {
  /** A burst. The busiest hours of a day bring three times the average: they are not unusual. */
  hours: { days: 0.25, busy: 3, least: 4, worth: 4 },
  days: { days: 2, busy: 1.5, least: 5, worth: 3 },
  /** A slow rise. */
  weeks: { days: WEEKS_DAYS, busy: 1, least: 6, worth: 2 },
} as const;
const NAMES = ['hours', 'days', 'weeks'] as const;
const CHECK_MS = DAY_MS / 4;
/** Nothing known of the machine or its peers: about once a day, or anything else. */
const NOTHING_KNOWN = { shape: 0.5, perDay: 1 } as const;

interface Look {
  readonly window: CodeRate['window'];
  readonly seen: number;
  readonly windowDays: number;
  /** Gamma posterior of the rate a day. */
  readonly shape: number;
  readonly exposure: number;
}

const priorOf = (scene: Scene, code: string) => {
  const known = codePopulation(scene, code) ?? NOTHING_KNOWN;
  const shape = Math.min(5, Math.max(0.3, known.shape));
  return { shape, exposure: shape / known.perDay };
};

/** Episodes in the last so many days (whole ones, by the calendar, beyond a quarter of one), and the days that were. */
const within = (rate: CodeRate, sinceMs: number, days: number, nowMs: number) => {
  if (days < 1)
    return { seen: rate.recent.filter((atMs) => nowMs - atMs < days * DAY_MS).length, windowDays: days };
  const first = dayOf(nowMs) - days + 1;
  const seen = rate.days.reduce((sum, [day, episodes]) => (day >= first ? sum + episodes : sum), 0);
  const startMs = Math.max(sinceMs, first * DAY_MS);
  return { seen, windowDays: Math.max(1 / 24, (nowMs - startMs) / DAY_MS) };
};

const lookAt = (
  scene: Scene,
  code: string,
  rate: CodeRate,
  sinceMs: number,
  nowMs: number,
  window: CodeRate['window'],
): Look => {
  const prior = priorOf(scene, code);
  const all = within(rate, sinceMs, WEEKS_DAYS, nowMs);
  const now = within(rate, sinceMs, WINDOWS[window].days, nowMs);
  const old = pastOf(rate, sinceMs, nowMs - all.windowDays * DAY_MS);
  return {
    window,
    ...now,
    shape: prior.shape + old.episodes + Math.max(0, all.seen - now.seen),
    exposure: prior.exposure + old.days + Math.max(0, all.windowDays - now.windowDays),
  };
};

const isUnusual = ({ window, seen, windowDays, shape, exposure }: Look, chance: number): boolean => {
  const { busy, least, worth } = WINDOWS[window];
  if (seen < least || seen < worth * (shape / exposure) * windowDays) return false;
  return chanceOfAtLeast(seen, busy * windowDays, shape, exposure) < chance;
};

const evidenceOf = (code: string, look: Look, nowMs: number) => {
  const perDay = look.shape / look.exposure;
  const error = Math.sqrt(look.shape) / look.exposure;
  return proofOf(DETECTOR, {
    code,
    fromMs: nowMs - look.windowDays * DAY_MS,
    toMs: nowMs,
    expected: { low: Math.max(0, perDay - 2 * error), high: perDay + 2 * error },
    seen: look.seen / look.windowDays,
  });
};

const isWatched = (catalogue: Catalogue, code: string): boolean => isHarmless(faultOf(catalogue, code));

/** The code went on or off at this time (ours, as far as the device's clock is known). */
export const noteCode = (
  scene: Scene,
  state: EquipmentState,
  fault: FaultState,
  atMs: number,
  isOn: boolean,
): void => {
  const { code } = fault;
  if (!isWatched(scene.catalogue, code)) return;
  fault.rate ??= newCodeRate();
  const { rate } = fault;
  if (!noteEpisode(rate, atMs, isOn)) return;
  const { codeRate } = parametersOf(scene, null);
  if (!codeRate.on || rate.active) return;
  const looks = NAMES.map((window) => lookAt(scene, code, rate, state.sinceMs ?? atMs, atMs, window));
  const unusual = looks.find((look) => isUnusual(look, codeRate.chance));
  if (!unusual) return;
  const { item } = faultOf(scene.catalogue, code);
  rate.active = raise(
    scene,
    { rule: `code-rate:${code}`, component: item, severity: 'S3' },
    { reason: 'code-rate-unusual', atMs, evidence: evidenceOf(code, unusual, atMs) },
  );
  rate.window = unusual.window;
  rate.checkMs = scene.place.receivedAtMs + CHECK_MS;
  state.dueMs = Math.min(state.dueMs, rate.checkMs);
};

/** No more than chance would bring: in the last six hours after a burst, in the last two days after a rise. */
const isUsual = (scene: Scene, state: EquipmentState, fault: FaultState, nowMs: number): Look | null => {
  const rate = fault.rate as CodeRate;
  const sinceMs = state.sinceMs ?? nowMs;
  const told = lookAt(scene, fault.code, rate, sinceMs, nowMs, rate.window);
  const newest = within(
    rate,
    sinceMs,
    rate.window === 'hours' ? WINDOWS.hours.days : WINDOWS.days.days,
    nowMs,
  );
  const now: Look = { ...told, ...newest };
  const isFew = now.seen <= 1.5 * (now.shape / now.exposure) * now.windowDays;
  return isFew || chanceOfAtLeast(now.seen, now.windowDays, now.shape, now.exposure) > 0.05 ? now : null;
};

const active = function* (state: EquipmentState): Generator<readonly [FaultState, CodeRate, Active]> {
  for (const fault of state.faults.values())
    if (fault.rate?.active) yield [fault, fault.rate, fault.rate.active];
};

/** What was told is over: it is neither told again as part of the last weeks, nor learnt as the machine's way. */
const forgetTold = (rate: CodeRate, usualPerDay: number): void => {
  const most = Math.ceil(usualPerDay);
  rate.days = rate.days.map(([day, episodes]) => [day, Math.min(episodes, most)]);
  rate.recent = [];
};

/** Looks again at codes that came too often: the last ones may have been long ago. */
export const judgeCodeRates = (scene: Scene, state: EquipmentState): void => {
  const nowMs = scene.place.receivedAtMs;
  for (const [fault, rate, alert] of active(state)) {
    if (nowMs < rate.checkMs) continue;
    age(rate, nowMs);
    rate.checkMs = nowMs + CHECK_MS;
    const usual = isUsual(scene, state, fault, nowMs);
    if (!usual) continue;
    const evidence = evidenceOf(fault.code, usual, nowMs);
    clear({ ...scene, unit: fault.unit }, alert, { reason: 'code-rate-usual', atMs: nowMs, evidence });
    rate.active = null;
    forgetTold(rate, usual.shape / usual.exposure);
  }
};

export const codeRatesDueMs = (state: EquipmentState): number => {
  let due = Number.POSITIVE_INFINITY;
  for (const [, rate] of active(state)) due = Math.min(due, rate.checkMs);
  return due;
};

/** What came before the repair says nothing of what comes after it. */
export const repairCodeRate = (scene: Scene, fault: FaultState, component: string): void => {
  if (!fault.rate || fault.unit !== scene.unit) return;
  if (faultOf(scene.catalogue, fault.code).item !== component) return;
  fault.rate.recent = [];
  fault.rate.days = [];
};

/** Of the scene's unit. */
export const endCodeRates = (scene: Scene, state: EquipmentState): void => {
  const nowMs = scene.place.receivedAtMs;
  for (const [fault, rate, alert] of active(state)) {
    if (fault.unit !== scene.unit) continue;
    const evidence = proofOf(DETECTOR, { code: fault.code, fromMs: rate.lastMs, toMs: nowMs });
    clear(scene, alert, { reason: 'rule-removed', atMs: nowMs, evidence });
    rate.active = null;
  }
};
