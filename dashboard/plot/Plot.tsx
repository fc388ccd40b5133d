import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { SeriesView } from '../../api/contract/schemas.ts';
import { now } from '../clock/now.ts';
import { ago, at, span } from '../format/time.ts';
import { amount, unitName } from '../format/value.ts';
import { language, t } from '../words/words.ts';
import { createPlot, type PlotHandle, type UnderCursor } from './create.ts';
import type { Marks } from './marks.ts';
import { bandAt } from './normal.ts';
import { theme } from './palette.ts';
import type { View } from './view.ts';

export interface PlotProps {
  readonly metric: string;
  readonly name: string;
  readonly unit: string;
  readonly unitOfMeasure: string;
  readonly series: SeriesView | null;
  readonly view: View;
  readonly marks: Marks;
  readonly nowMs: number;
  readonly zone: string;
  readonly syncKey: string;
  readonly stale: boolean;
  readonly tall?: boolean;
  readonly onView: (view: View) => void;
  readonly onReset: () => void;
}

/** One signal over time, with everything that is known about it drawn in. The same everywhere. */
export const Plot = (props: PlotProps) => {
  const host = useRef<HTMLDivElement>(null);
  const handle = useRef<PlotHandle | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const cursor = useSignal<UnderCursor | null>(null);
  const { series, view, marks, nowMs, zone, syncKey, stale } = props;
  const ready = series !== null;

  useEffect(() => {
    if (!host.current || !ready) return;
    const input = (): Parameters<PlotHandle['show']>[0] => {
      const { series: shown, view: v, marks: m, nowMs: n, zone: z, stale: s } = latest.current;
      return { series: shown!, view: v, marks: m, nowMs: n, zone: z, stale: s };
    };
    const made = createPlot(host.current, input(), {
      syncKey,
      onCursor: (under) => {
        cursor.value = under;
      },
      onView: (next) => latest.current.onView(next),
      onReset: () => latest.current.onReset(),
      label: () => spoken(latest.current),
    });
    handle.current = made;
    return () => {
      handle.current = null;
      made.destroy();
    };
  }, [ready, syncKey, cursor]);

  useEffect(() => {
    if (series) handle.current?.show({ series, view, marks, nowMs, zone, stale });
  }, [series, view, marks, nowMs, zone, stale]);

  const look = `${theme.value} ${language.value}`;
  // Colours and labels are read while drawing.
  useEffect(() => handle.current?.redraw(), [look]);

  const empty = ready && !hasData(series, view);
  return (
    <figure
      class={`plot${props.tall ? ' tall' : ''}${props.stale ? ' stale' : ''}`}
      data-testid={`plot-${props.metric}`}
    >
      <figcaption>
        <Title {...props} />
        <Values {...props} under={cursor.value} />
      </figcaption>
      <div class="plot-host" ref={host}>
        {!ready && <div class="skeleton plot-skeleton" />}
      </div>
      {empty && <p class="plot-empty">{t('plot.noData')}</p>}
    </figure>
  );
};

const hasData = (series: SeriesView, view: View): boolean =>
  series.ts.some((ts, n) => ts >= view.fromMs && ts <= view.toMs && series.mean[n] !== null);

const Title = ({ name, unitOfMeasure }: PlotProps) => (
  <span class="plot-name">
    {name}
    {unitOfMeasure !== '' && <span class="uom"> {unitOfMeasure}</span>}
  </span>
);

/** The last value, or what is under the cursor. */
const Values = (props: PlotProps & { readonly under: UnderCursor | null }) => {
  const { series, under, zone, unitOfMeasure, marks } = props;
  if (under) {
    const expected =
      bandAt(marks.normal, under.atMs) ??
      marks.expected.find((band) => under.atMs >= band.fromMs && under.atMs <= band.toMs);
    return (
      <span class="plot-values">
        {expected && (
          <span class="quiet">
            {t('plot.expected')} {amount(expected.low)}–{amount(expected.high)}
          </span>
        )}
        <time>{at('second', under.atMs, zone)}</time>
        {under.max > under.min && (
          <span class="quiet">
            {amount(under.min)}–{amount(under.max)}
          </span>
        )}
        <b class="num">
          {amount(under.mean)}
          <span class="uom"> {unitOfMeasure}</span>
        </b>
      </span>
    );
  }
  const last = series ? lastOf(series) : null;
  if (!last) return null;
  const ahead = marks.crossing && marks.crossing.atMs > now.value ? marks.crossing : null;
  return (
    <span class="plot-values">
      {ahead && (
        <span class={`ahead ink-${ahead.state}`}>
          {t('plot.ahead', { limit: ahead.limitLabel, time: span(ahead.atMs - now.value) })}
        </span>
      )}
      {props.stale && <span class="quiet">{ago(last.atMs, now.value)}</span>}
      <b class="num" title={at('exact', last.atMs, zone)}>
        {amount(last.value)}
        <span class="uom"> {unitOfMeasure}</span>
      </b>
    </span>
  );
};

export const lastOf = (series: SeriesView): { readonly atMs: number; readonly value: number } | null => {
  for (let n = series.ts.length - 1; n >= 0; n--) {
    const value = series.mean[n];
    if (value != null) return { atMs: series.ts[n]!, value };
  }
  return null;
};

const spoken = ({ name, unit, view, zone }: PlotProps): string =>
  t('plot.label', {
    name,
    unit: unitName(unit),
    from: at('dayTime', view.fromMs, zone),
    to: at('dayTime', view.toMs, zone),
  });
