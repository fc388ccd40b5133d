import { now } from '../clock/now.ts';
import { at, span } from '../format/time.ts';
import { limitText, unitName } from '../format/value.ts';
import { say, t } from '../words/words.ts';
import type { RemainingLifeView, SeriesInfoView } from './shapes.ts';

interface LifeProps {
  readonly life: readonly RemainingLifeView[];
  readonly series: readonly SeriesInfoView[];
  readonly zone: string;
}

const interval = (one: RemainingLifeView, nowMs: number): string =>
  t('equipment.life.interval', {
    from: span(Math.max(0, Date.parse(one.earliestAt) - nowMs)),
    to:
      one.latestAt === null ? t('equipment.life.open') : span(Math.max(0, Date.parse(one.latestAt) - nowMs)),
  });

/** How long until something meets its limit, with how sure that is. */
export const Life = ({ life, series, zone }: LifeProps) => {
  const nowMs = now.value;
  return (
    <section class="panel">
      <h2>{t('equipment.life')}</h2>
      {life.length === 0 && <p class="quiet">{t('equipment.life.none')}</p>}
      <ul class="life">
        {life
          .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
          .map((one) => {
            const info = series.find((s) => s.metric === one.metric && s.unit === one.unit);
            const left = Date.parse(one.at) - nowMs;
            return (
              <li key={`${one.unit} ${one.metric}`}>
                <p class="life-what">
                  {one.unit === '' ? '' : `${unitName(one.unit)} `}
                  {info ? say(info.label) : one.metric}
                </p>
                <p class="life-left" title={at('exact', Date.parse(one.at), zone)}>
                  {left > 0 ? t('equipment.life.about', { time: span(left) }) : t('equipment.life.passed')}
                </p>
                <p class="quiet">
                  {t(left > 0 ? 'equipment.life.limit' : 'plot.limit', {
                    limit: limitText(one.limit, info?.unitOfMeasure ?? ''),
                  })}
                  {left > 0 && ` · ${interval(one, nowMs)}`}
                </p>
              </li>
            );
          })}
      </ul>
    </section>
  );
};
