/** What a plot shows of time, Unix ms. */
export interface View {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Nobody reads less than ten seconds or more than ten years from a plot. */
export const SHORTEST_MS = 10_000;
export const LONGEST_MS = 10 * 365 * 86_400_000;

export const spanOf = (view: View): number => view.toMs - view.fromMs;

/** Zooms by `factor` (below 1: closer) so that what is under the pointer stays there. `at` in [0, 1]. */
export const zoom = (view: View, factor: number, at: number): View => {
  const span = spanOf(view);
  const next = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, span * factor));
  const pivot = view.fromMs + span * at;
  return { fromMs: Math.round(pivot - next * at), toMs: Math.round(pivot + next * (1 - at)) };
};

/** Moves by a share of what is seen; positive: towards later. */
export const pan = (view: View, share: number): View => {
  const by = Math.round(spanOf(view) * share);
  return { fromMs: view.fromMs + by, toMs: view.toMs + by };
};

/** The view so that the instants under two fingers stay under them. `was` and `is` are in [0, 1]. */
export const pinch = (view: View, was: readonly [number, number], is: readonly [number, number]): View => {
  const apart = is[1] - is[0];
  if (Math.abs(apart) < 0.02) return view;
  const span = spanOf(view);
  const factor = (was[1] - was[0]) / apart;
  if (factor <= 0) return view;
  const next = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, span * factor));
  const middle = view.fromMs + span * ((was[0] + was[1]) / 2);
  const at = (is[0] + is[1]) / 2;
  return { fromMs: Math.round(middle - next * at), toMs: Math.round(middle + next * (1 - at)) };
};

/** `?from=…&to=…` of an address; nonsense is no view. */
export const viewOf = (query: URLSearchParams): View | null => {
  const [fromMs, toMs] = [Number(query.get('from') ?? Number.NaN), Number(query.get('to') ?? Number.NaN)];
  if (!Number.isFinite(fromMs) || !Number.isFinite(toMs)) return null;
  const span = toMs - fromMs;
  return span >= SHORTEST_MS && span <= LONGEST_MS && fromMs > 0 ? { fromMs, toMs } : null;
};
