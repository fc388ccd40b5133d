import { useEffect, useRef } from 'preact/hooks';
import type { SeriesView } from '../../api/contract/schemas.ts';
import { createPlot, type PlotHandle } from './create.ts';
import { NO_MARKS } from './marks.ts';
import { theme } from './palette.ts';
import type { View } from './view.ts';

/** The plot without anything but its line: for cards. */
export const Sparkline = ({ series, view }: { readonly series: SeriesView; readonly view: View }) => {
  const host = useRef<HTMLDivElement>(null);
  const handle = useRef<PlotHandle | null>(null);
  const input = { series, view, marks: NO_MARKS, nowMs: view.toMs, zone: 'UTC', stale: false };
  const latest = useRef(input);
  latest.current = input;
  useEffect(() => {
    if (!host.current) return;
    const made = createPlot(host.current, latest.current, { bare: true });
    handle.current = made;
    return () => {
      handle.current = null;
      made.destroy();
    };
  }, []);
  useEffect(
    () =>
      handle.current?.show({ series, view, marks: NO_MARKS, nowMs: view.toMs, zone: 'UTC', stale: false }),
    [series, view],
  );
  const look = theme.value;
  // Colours are read while drawing.
  useEffect(() => handle.current?.redraw(), [look]);
  return <div class="spark" ref={host} aria-hidden="true" />;
};
