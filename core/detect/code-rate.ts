import { type Catalogue, faultOf } from '../fault/catalogue.ts';
import { type Active, clear, parametersOf, raise, type Scene } from './announce.ts';
import {
  age,
  type CodeRate,
  DAY_MS,
  dayOf,
  episodesOf,
  isHarmless,
  newCodeRate,
  noteEpisode,
  pastOf,
  WEEKS_DAYS,
} from './code-count.ts';
import type { FaultState } from './fault-code.ts';
import { chanceOfAtLeast } from './negative-binomial.ts';
import { codePopulation } from './population.ts';
import { proofOf } from './proof.ts';
import type { EquipmentState } from './state.ts';

const DETECTOR = { name: 'code-rate', version: 1 } as const;
const HOURS_MS = 6 * 3_600_000;
/** The busiest hours of a day bring three times the average: they are not unusual. */
const BUSY = 3;
const LEAST = { hours: 4, weeks: 6 } as const;
/** So many times the usual rate, or it is not worth anybody's way. */
const WORTH = { hours: 4, weeks: 2 } as const;
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

const looksAt = (scene: Scene, code: string, rate: CodeRate, sinceMs: number, nowMs: number): Look[] => {
  const prior = priorOf(scene, code);
  const startMs = Math.max(sinceMs, (dayOf(nowMs) - WEEKS_DAYS + 1) * DAY_MS);
  const old = pastOf(rate, sinceMs, startMs);
  const inWeeks = episodesOf(rate);
  const weeksDays = Math.max(1 / 24, (nowMs - startMs) / DAY_MS);
  const inHours = rate.recent.filter((atMs) => nowMs - atMs < HOURS_MS).length;
  const hoursDays = HOURS_MS / DAY_MS;
  return [
    {
      window: 'hours',
      seen: inHours,
      windowDays: hoursDays,
      shape: prior.shape + old.episodes + inWeeks - inHours,
      exposure: prior.exposure + old.days + Math.max(0, weeksDays - hoursDays),
    },
    {
      window: 'weeks',
      seen: inWeeks,
      windowDays: weeksDays,
      shape: prior.shape + old.episodes,
      exposure: prior.exposure + old.days,
    },
  ];
};

const isUnusual = ({ window, seen, windowDays, shape, exposure }: Look, chance: number): boolean => {
  if (seen < LEAST[window] || seen < WORTH[window] * (shape / exposure) * windowDays) return false;
  const busy = window === 'hours' ? BUSY : 1;
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
  const looks = looksAt(scene, code, rate, state.sinceMs ?? atMs, atMs);
  const unusual = looks.find((look) => isUnusual(look, codeRate.chance));
  if (!unusual) return;
  const { item } = faultOf(scene.catalogue, code);
  rate.active = raise(
    scene,
    { rule: `code-rate:${code}`, component: item, severity: 'S3' },
    { reason: 'code-rate-unusual', atMs, evidence: evidenceOf(code, unusual, atMs) },
  );
  rate.window = unusual.window;
  rate.checkMs = scene.place.receivedAtMs + HOURS_MS;
  state.dueMs = Math.min(state.dueMs, rate.checkMs);
};

/** No more than chance would bring: in the last six hours after a burst, in the last three days after a rise. */
const isUsual = (scene: Scene, state: EquipmentState, fault: FaultState, nowMs: number): Look | null => {
  const rate = fault.rate as CodeRate;
  const spanMs = rate.window === 'hours' ? HOURS_MS : 3 * DAY_MS;
  const seen = rate.recent.filter((atMs) => nowMs - atMs < spanMs).length;
  const [look] = looksAt(scene, fault.code, rate, state.sinceMs ?? nowMs, nowMs).slice(
    rate.window === 'hours' ? 0 : 1,
  );
  if (!look) return null;
  const now: Look = { ...look, seen, windowDays: spanMs / DAY_MS };
  const isFew = seen <= 1.5 * (now.shape / now.exposure) * now.windowDays;
  return isFew || chanceOfAtLeast(seen, now.windowDays, now.shape, now.exposure) > 0.05 ? now : null;
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
    rate.checkMs = nowMs + HOURS_MS;
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
