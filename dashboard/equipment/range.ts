import { alertTone } from '../format/condition.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../format/time.ts';
import { type View, viewOf } from '../plot/view.ts';
import type { AlertView, RemainingLifeView } from './shapes.ts';

export const RANGES = {
  '10m': 10 * MINUTE_MS,
  '1h': HOUR_MS,
  '6h': 6 * HOUR_MS,
  '1d': DAY_MS,
  '7d': 7 * DAY_MS,
  '14d': 14 * DAY_MS,
} as const;
export type RangeName = keyof typeof RANGES;
export const RANGE_NAMES = Object.keys(RANGES) as RangeName[];

export const isRange = (name: string | null): name is RangeName =>
  name !== null && Object.hasOwn(RANGES, name);

/** The finding that a page is opened for: the worst of a unit, of these one that leads to a limit, then the newest. */
export const leading = (alerts: readonly AlertView[], unit: string): AlertView | null => {
  const rank = (alert: AlertView): number => ['down', 'due', 'watch'].indexOf(alertTone(alert));
  return (
    alerts
      .filter((alert) => alert.state === 'active' && alert.unit === unit)
      .toSorted(
        (a, b) =>
          rank(a) - rank(b) ||
          Number(b.evidence.crossing !== null) - Number(a.evidence.crossing !== null) ||
          Date.parse(b.raisedAt) - Date.parse(a.raisedAt),
      )[0] ?? null
  );
};

/** What a finding looked at takes about this share of the plot, the rest is how it was before. */
const SHARE = 0.25;

/** The shortest range that shows a finding's evidence with enough of what was before; without one, a day. */
export const startRange = (alert: AlertView | null, nowMs: number): RangeName => {
  if (alert === null) return '1d';
  const ageMs = nowMs - Math.min(Date.parse(alert.evidence.window.from), Date.parse(alert.raisedAt));
  return RANGE_NAMES.find((name) => RANGES[name] * SHARE >= ageMs) ?? '14d';
};

/** A live view ends a little after now, or, where a limit will soon be met, far enough to see it met. */
export const liveView = (
  range: RangeName,
  life: readonly RemainingLifeView[],
  unit: string,
  nowMs: number,
): View => {
  const span = RANGES[range];
  const ahead = life
    .filter((one) => one.unit === unit)
    .map((one) => Date.parse(one.latestAt ?? one.at) - nowMs)
    .filter((ms) => ms > 0 && ms <= span * 0.75);
  const after = Math.max(span * 0.04, ...ahead.map((ms) => ms * 1.1));
  return { fromMs: Math.round(nowMs - span), toMs: Math.round(nowMs + after) };
};

/** What the address asks for: a fixed view, or a live range. */
export const askedView = (
  query: URLSearchParams,
  fallback: RangeName,
): { readonly fixed: View | null; readonly range: RangeName } => {
  const range = query.get('range');
  return { fixed: viewOf(query), range: isRange(range) ? range : fallback };
};
