import { useEffect, useRef, useState } from 'preact/hooks';
import type { SeriesView } from '../../api/contract/schemas.ts';
import { get } from '../client/http.ts';
import { resync } from '../live/connection.ts';
import { onLive } from '../live/events.ts';
import { EMPTY, heard, joinSparse, NO_TAIL, type Tail, withTail } from '../plot/prepare.ts';
import { spanOf, type View } from '../plot/view.ts';

/** What was loaded: a wider stretch than is seen, so that a small move needs nothing new. */
interface Chunk {
  readonly fromMs: number;
  readonly toMs: number;
  readonly loadedAtMs: number;
  readonly series: SeriesView;
}

const POINTS = 900;
const SETTLE_MS = 160;
/** Live readings are points of their own; after this they are loaded again as min, mean and max. */
const RENEW_MS = 120_000;
const TAIL_MS = 1_000;

/** Whether the view asks for something else than what was loaded: beyond its ends, or much closer or wider. */
export const needsLoad = (chunk: Chunk | null, view: View, nowMs: number): boolean => {
  if (!chunk) return true;
  const end = Math.min(view.toMs, nowMs);
  const covered = chunk.fromMs <= view.fromMs && (chunk.toMs >= end || chunk.toMs >= chunk.loadedAtMs);
  const ratio = (chunk.toMs - chunk.fromMs) / Math.max(1, spanOf(view));
  const old = end > chunk.loadedAtMs && nowMs - chunk.loadedAtMs > RENEW_MS;
  return !covered || ratio > 4.5 || old;
};

/** One series for what is in view, renewed as it moves and as readings come in. Null until first loaded. */
export const useSeries = (
  equipment: string,
  unit: string,
  metric: string,
  view: View,
  nowMs: number,
  points = POINTS,
): SeriesView | null => {
  const key = `${equipment} ${unit} ${metric}`;
  const [loaded, setLoaded] = useState<{ readonly key: string; readonly chunk: Chunk } | null>(null);
  const [tail, setTail] = useState<Tail>(NO_TAIL);
  const lost = resync.value;
  const lostThen = useRef(lost);
  const chunk = loaded?.key === key ? loaded.chunk : null;
  const wanted = needsLoad(chunk, view, nowMs) || lostThen.current !== lost;
  const span = spanOf(view);
  const step = `${span} ${Math.round(view.fromMs / (span * 0.1))}`;
  const now = useRef(nowMs);
  now.current = nowMs;

  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    const load = async (): Promise<void> => {
      const [fromMs, toMs] = [
        Math.round(view.fromMs - span * 0.5),
        Math.round(Math.min(view.toMs + span * 0.5, now.current)),
      ];
      const loadedAtMs = now.current;
      const answer: { ok: boolean; value?: SeriesView } =
        toMs > fromMs
          ? await get<SeriesView>(
              `/equipment/${encodeURIComponent(equipment)}/series`,
              { unit, metric, from: fromMs, to: toMs, points },
              abort.signal,
            )
          : { ok: true, value: EMPTY };
      if (abort.signal.aborted) return;
      lostThen.current = lost;
      // What could not be loaded leaves what is there; the banner tells why.
      const value = answer.ok && answer.value ? joinSparse(answer.value) : (chunk?.series ?? EMPTY);
      setLoaded({ key, chunk: { fromMs, toMs, loadedAtMs, series: value } });
    };
    const timer = setTimeout(() => void load(), chunk ? SETTLE_MS : 0);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
    // A moving view starts the wait anew, the clock's tick doesn't.
  }, [key, wanted, step, lost]);

  useEffect(() => {
    setTail(NO_TAIL);
    let pending = NO_TAIL;
    const flush = setInterval(() => {
      const fresh = pending;
      pending = NO_TAIL;
      if (fresh.ts.length === 0) return;
      setTail((before) => fresh.ts.reduce((all, ts, n) => heard(all, ts, fresh.value[n]!), before));
    }, TAIL_MS);
    const stop = onLive('reading', (event) => {
      if (event.equipment !== equipment) return;
      const one = event.latest.find((latest) => latest.unit === unit && latest.metric === metric);
      if (one) pending = heard(pending, Date.parse(one.at), one.value);
    });
    return () => {
      clearInterval(flush);
      stop();
    };
  }, [equipment, unit, metric]);

  const memo = useRef<{ readonly chunk: Chunk; readonly tail: Tail; readonly series: SeriesView } | null>(
    null,
  );
  if (!chunk) return null;
  if (memo.current?.chunk !== chunk || memo.current.tail !== tail)
    memo.current = { chunk, tail, series: withTail(chunk.series, tail) };
  return memo.current.series;
};
