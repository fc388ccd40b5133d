import { useEffect, useRef, useState } from 'preact/hooks';
import type { EquipmentView, LatestView, SeriesView } from '../../api/contract/schemas.ts';
import { get } from '../client/http.ts';
import { nowMs } from '../clock/now.ts';
import { DAY_MS } from '../format/time.ts';
import { heard, joinSparse, NO_TAIL, type Tail, withTail } from '../plot/prepare.ts';
import type { View } from '../plot/view.ts';

const POINTS = 72;
/** Cards ask for their line one after the other, not two hundred at once. */
const AT_ONCE = 4;

const waiting: (() => Promise<void>)[] = [];
let running = 0;

const next = (): void => {
  while (running < AT_ONCE && waiting.length > 0) {
    const job = waiting.shift()!;
    running += 1;
    void job().finally(() => {
      running -= 1;
      next();
    });
  }
};

/** The value that tells most about a machine: of what wears soonest, else the first that the service names. */
export const tellingValue = (machine: Pick<EquipmentView, 'latest' | 'remainingLife'>): LatestView | null => {
  const soonest = machine.remainingLife.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))[0];
  const worn =
    soonest && machine.latest.find((one) => one.metric === soonest.metric && one.unit === soonest.unit);
  return worn ?? machine.latest[0] ?? null;
};

/** The last day of a card's value, loaded when the card comes into view, then live. */
export const useSpark = (machine: EquipmentView, value: LatestView | null) => {
  const host = useRef<HTMLAnchorElement>(null);
  const [loaded, setLoaded] = useState<SeriesView | null>(null);
  const tail = useRef<Tail>(NO_TAIL);
  const { id } = machine;
  const [unit, metric] = [value?.unit, value?.metric];
  useEffect(() => {
    const element = host.current;
    if (!element || unit === undefined || metric === undefined) return;
    const abort = new AbortController();
    tail.current = NO_TAIL;
    const load = async (): Promise<void> => {
      if (abort.signal.aborted) return;
      const toMs = nowMs();
      const answer = await get<SeriesView>(
        `/equipment/${encodeURIComponent(id)}/series`,
        { unit, metric, from: toMs - DAY_MS, to: toMs, points: POINTS },
        abort.signal,
      );
      if (answer.ok && !abort.signal.aborted) setLoaded(joinSparse(answer.value));
    };
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      waiting.push(load);
      next();
    });
    seen.observe(element);
    return () => {
      seen.disconnect();
      abort.abort();
    };
  }, [id, unit, metric]);
  if (value) tail.current = heard(tail.current, Date.parse(value.at), value.value);
  const series = loaded ? withTail(loaded, tail.current) : null;
  const toMs = series?.ts.at(-1) ?? 0;
  const view: View = { fromMs: toMs - DAY_MS, toMs };
  return { host, series: series && series.ts.length > 1 ? series : null, view };
};
