import { SEVERITY_RANK, type Severity } from '../alert/alert.ts';
import type { LimitRule, Signal } from '../fault/catalogue.ts';
import { clear, raise, type Scene, update } from './announce.ts';
import type { Side } from './excursion.ts';
import { evidenceOf, type LimitState, type SeriesState } from './series.ts';

const DETECTOR = { name: 'limit', version: 1 } as const;

const beyond = (rule: LimitRule, value: number): boolean =>
  rule.side === 'high' ? value >= rule.at : value <= rule.at;
const inside = (rule: LimitRule, value: number): boolean =>
  rule.side === 'high' ? value <= rule.clear : value >= rule.clear;

const forget = (state: LimitState, level: number): void => {
  state.since[level] = null;
  state.n[level] = 0;
  state.held[level] = false;
};

const stateOf = (series: SeriesState, side: Side, levels: number): LimitState => {
  const known = side === 'high' ? series.limitHigh : series.limitLow;
  const state = known ?? { since: [], n: [], held: [], active: null };
  while (state.since.length < levels) forget(state, state.since.length);
  if (side === 'high') series.limitHigh = state;
  else series.limitLow = state;
  return state;
};

const rulesOf = (signal: Signal | undefined, side: Side): readonly LimitRule[] =>
  signal?.limits?.filter((rule) => rule.side === side) ?? [];

/** Rules that were taken out of the catalogue hold nothing any more; what they alone held up ends so. */
const removeRules = (
  scene: Scene,
  metric: string,
  series: SeriesState,
  state: LimitState,
  left: number,
): void => {
  state.since.length = left;
  state.n.length = left;
  state.held.length = left;
  if (!state.active || state.held.includes(true)) return;
  const evidence = evidenceOf(series, DETECTOR, metric, null, series.value.at(-1) ?? 0);
  clear(scene, state.active, { reason: 'rule-removed', atMs: series.ts.at(-1) ?? 0, evidence });
  state.active = null;
};

/** A single reading is enough only where the rule asks for no hold: one wild reading is not a condition. */
const hold = (rules: readonly LimitRule[], state: LimitState, nowMs: number): void => {
  rules.forEach((rule, i) => {
    const since = state.since[i] ?? null;
    if (since === null || nowMs - since < rule.holdMs) return;
    if (rule.holdMs === 0 || (state.n[i] as number) >= 2) state.held[i] = true;
  });
};

const worst = (rules: readonly LimitRule[], state: LimitState): Exclude<Severity, 'watch'> | null => {
  let severity: Exclude<Severity, 'watch'> | null = null;
  rules.forEach((rule, i) => {
    if (!state.held[i]) return;
    if (severity === null || SEVERITY_RANK[rule.severity] < SEVERITY_RANK[severity]) severity = rule.severity;
  });
  return severity;
};

const settle = (
  scene: Scene,
  signal: Signal,
  series: SeriesState,
  side: Side,
  state: LimitState,
  nowMs: number,
): void => {
  const rules = rulesOf(signal, side);
  hold(rules, state, nowMs);
  const severity = worst(rules, state);
  const evidence = () => evidenceOf(series, DETECTOR, signal.metric, null, series.value.at(-1) ?? 0);
  if (severity === null) {
    if (state.active)
      clear(scene, state.active, { reason: 'back-within-limit', atMs: nowMs, evidence: evidence() });
    state.active = null;
  } else if (!state.active) {
    state.active = raise(
      scene,
      { rule: `limit:${signal.metric}:${side}`, component: signal.item, severity },
      { reason: 'limit-exceeded', atMs: nowMs, evidence: evidence() },
    );
  } else if (state.active.severity !== severity) {
    update(scene, state.active, severity, { reason: 'limit-exceeded', atMs: nowMs, evidence: evidence() });
  }
};

/**
 * Judges the newest reading by every limit of its signal. Between `clear` and `at` an alarm that stands
 * stays, and one that has not been held long enough starts anew. An alarm whose rule is gone is cleared.
 */
export const judgeLimits = (
  scene: Scene,
  signal: Signal | undefined,
  metric: string,
  series: SeriesState,
  tsMs: number,
  value: number,
): void => {
  for (const side of ['high', 'low'] as const) {
    const rules = rulesOf(signal, side);
    const known = side === 'high' ? series.limitHigh : series.limitLow;
    if (known && known.since.length > rules.length) removeRules(scene, metric, series, known, rules.length);
    if (!signal || rules.length === 0) continue;
    const state = stateOf(series, side, rules.length);
    rules.forEach((rule, i) => {
      if (inside(rule, value)) forget(state, i);
      else if (beyond(rule, value)) {
        state.since[i] ??= tsMs;
        state.n[i] = Math.min((state.n[i] ?? 0) + 1, 1_000);
      } else if (!state.held[i]) forget(state, i);
    });
    settle(scene, signal, series, side, state, tsMs);
  }
};

/** Whether time alone, without a further reading, can still raise a limit of this series. */
export const awaitsHold = (series: SeriesState): boolean =>
  [series.limitHigh, series.limitLow].some((state) =>
    state?.since.some((since, i) => since !== null && !state.held[i] && (state.n[i] ?? 0) >= 2),
  );

/** A hold time that ran out between two readings. `nowMs`: the device's time, as far as it is known. */
export const limitsOverTime = (scene: Scene, signal: Signal, series: SeriesState, nowMs: number): void => {
  for (const side of ['high', 'low'] as const) {
    const state = side === 'high' ? series.limitHigh : series.limitLow;
    if (state?.since.some((since) => since !== null)) settle(scene, signal, series, side, state, nowMs);
  }
};
