import { useMemo } from 'preact/hooks';
import type { EquipmentDetailView } from '../../api/contract/schemas.ts';
import { isQuietSignal } from '../client/catalogue.ts';
import { zoneOf } from '../live/fleet.ts';
import { lastOf, Plot } from '../plot/Plot.tsx';
import { staleAfterMs } from '../plot/prepare.ts';
import type { View } from '../plot/view.ts';
import { language, say, t } from '../words/words.ts';
import { type MarkSources, marksOf } from './marks.ts';
import type { SeriesInfoView } from './shapes.ts';
import { orderSeries } from './trouble.ts';
import { useNormalBand } from './useNormalBand.ts';
import { useSeries } from './useSeries.ts';

interface PlotsProps {
  readonly machine: EquipmentDetailView;
  readonly unit: string;
  readonly view: View;
  readonly sources: MarkSources;
  readonly onView: (view: View) => void;
  readonly onReset: () => void;
}

/** One series of a machine in its plot. */
export const SeriesPlot = ({
  machine,
  info,
  tall,
  view,
  sources,
  onView,
  onReset,
}: Omit<PlotsProps, 'unit' | 'machine'> & {
  readonly machine: Pick<EquipmentDetailView, 'id' | 'site' | 'online'>;
  readonly info: SeriesInfoView;
  readonly tall: boolean;
}) => {
  const { nowMs } = sources;
  const series = useSeries(machine.id, info.unit, info.metric, view, nowMs);
  const spoken = language.value;
  // Labels follow the language.
  const found = useMemo(() => marksOf(info, sources), [info, sources, spoken]);
  const normal = useNormalBand(machine.id, info, view, nowMs);
  const marks = useMemo(() => ({ ...found, normal }), [found, normal]);
  const last = series ? lastOf(series) : null;
  const stale =
    machine.online !== 'online' ||
    (series !== null && last !== null && view.toMs >= nowMs && nowMs - last.atMs > staleAfterMs(series));
  return (
    <Plot
      metric={info.metric}
      name={say(info.label)}
      unit={info.unit}
      unitOfMeasure={info.unitOfMeasure}
      series={series}
      view={view}
      marks={marks}
      nowMs={nowMs}
      zone={zoneOf(machine.site)}
      syncKey={machine.id}
      stale={stale}
      tall={tall}
      onView={onView}
      onReset={onReset}
    />
  );
};

/** The plots of one unit under one cursor: trouble first, counters and states folded away. */
export const Plots = (props: PlotsProps) => {
  const { machine, unit, sources } = props;
  const own = machine.series.filter((one) => one.unit === unit);
  const { plots, aside } = orderSeries(own, sources.alerts, isQuietSignal);
  const troubled = new Set(
    sources.alerts
      .filter((alert) => alert.state === 'active' && alert.unit === unit)
      .map((alert) => alert.evidence.metric),
  );
  const draw = (info: SeriesInfoView) => (
    <SeriesPlot key={`${info.unit} ${info.metric}`} {...props} info={info} tall={troubled.has(info.metric)} />
  );
  return (
    <>
      <div class="plots">{plots.map(draw)}</div>
      {aside.length > 0 && (
        <details class="earlier" open={plots.length === 0}>
          <summary>{t('equipment.more', { n: aside.length })}</summary>
          <div class="plots">{aside.map(draw)}</div>
        </details>
      )}
    </>
  );
};
