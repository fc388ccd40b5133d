import { now } from '../clock/now.ts';
import { isForetold } from '../format/condition.ts';
import { at, span, when } from '../format/time.ts';
import { amount, limitText, withUnit } from '../format/value.ts';
import { ToneMark } from '../widgets/StateMark.tsx';
import { Ago } from '../widgets/Time.tsx';
import { isKey, named, say, t } from '../words/words.ts';
import type { AlertView, SeriesInfoView } from './shapes.ts';

interface AlertsProps {
  readonly alerts: readonly AlertView[];
  readonly series: readonly SeriesInfoView[];
  readonly zone: string;
}

const Row = ({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

/** The statistics, one tap deeper. */
export const EvidenceList = ({
  alert,
  unitOfMeasure,
  zone,
}: {
  readonly alert: Pick<AlertView, 'evidence' | 'rule'>;
  readonly unitOfMeasure: string;
  readonly zone: string;
}) => {
  const { evidence } = alert;
  const detector = `detector.${evidence.detector.name}`;
  const time = (iso: string): string => at('dayTime', Date.parse(iso), zone);
  const { crossing } = evidence;
  return (
    <dl class="facts-list">
      <Row name={t('alert.detector')}>
        {t('alert.version', {
          name: isKey(detector) ? named('detector', evidence.detector.name) : evidence.detector.name,
          n: evidence.detector.version,
        })}
      </Row>
      {evidence.code !== null && <Row name={t('alert.code')}>{evidence.code}</Row>}
      {evidence.detail && <Row name={t('alert.detail')}>{evidence.detail}</Row>}
      {evidence.seen !== null && <Row name={t('alert.seen')}>{withUnit(evidence.seen, unitOfMeasure)}</Row>}
      {evidence.expected && (
        <Row name={t('alert.expected')}>
          {amount(evidence.expected.low)}–{withUnit(evidence.expected.high, unitOfMeasure)}
        </Row>
      )}
      {crossing && (
        <>
          <Row name={t('alert.predicted', { limit: limitText(crossing.limit, unitOfMeasure) })}>
            {time(crossing.at)}
          </Row>
          <Row name={t('alert.interval')}>
            {time(crossing.earliestAt)} –{' '}
            {crossing.latestAt === null ? t('equipment.life.open') : time(crossing.latestAt)}
          </Row>
        </>
      )}
      <Row name={t('alert.window')}>
        {time(evidence.window.from)} – {time(evidence.window.to)} (
        {span(Date.parse(evidence.window.to) - Date.parse(evidence.window.from))})
      </Row>
      <Row name={t('alert.rule')}>
        <code>{alert.rule}</code>
      </Row>
      {evidence.rules !== null && (
        <Row name={t('alert.rules')}>
          <code>{evidence.rules}</code>
        </Row>
      )}
    </dl>
  );
};

const Item = ({ alert, series, zone }: { readonly alert: AlertView } & Omit<AlertsProps, 'alerts'>) => {
  const metric = alert.evidence.metric;
  const unitOfMeasure = series.find((one) => one.metric === metric)?.unitOfMeasure ?? '';
  return (
    <li id={`alert-${alert.id}`} class={`finding${alert.state === 'cleared' ? ' over' : ''}`} tabIndex={-1}>
      <p class="finding-top">
        <ToneMark severity={alert.severity} foretold={isForetold(alert)} />
        <span class="quiet">
          {alert.clearedAt === null ? (
            <Ago ms={Date.parse(alert.raisedAt)} zone={zone} />
          ) : (
            t('alert.cleared', { time: when(Date.parse(alert.clearedAt), now.peek(), zone) })
          )}
        </span>
      </p>
      <p class="finding-words">{say(alert.summary)}</p>
      {alert.acknowledgedBy !== null && (
        <p class="quiet small">{t('alert.acknowledged', { who: alert.acknowledgedBy })}</p>
      )}
      <p class="alert-links">
        {alert.ticket !== null && (
          <a class="link" href={`/tickets/${encodeURIComponent(alert.ticket)}`}>
            {t('alert.ticket', { id: alert.ticket })}
          </a>
        )}
        <a
          class="link"
          href={`/alerts/${encodeURIComponent(alert.id)}`}
          data-testid={`open-alert-${alert.id}`}
        >
          {t('alert.open')}
        </a>
      </p>
      <details>
        <summary>{t('alert.evidence')}</summary>
        <EvidenceList alert={alert} unitOfMeasure={unitOfMeasure} zone={zone} />
      </details>
    </li>
  );
};

/** What was noticed on a machine: active first, what is over folded away. */
export const Alerts = ({ alerts, ...rest }: AlertsProps) => {
  const active = alerts.filter((alert) => alert.state === 'active');
  const past = alerts.filter((alert) => alert.state === 'cleared');
  return (
    <section class="panel">
      <h2>{t('equipment.alerts')}</h2>
      {active.length === 0 && <p class="quiet">{t('equipment.alerts.none')}</p>}
      <ul class="findings">
        {active.map((alert) => (
          <Item key={alert.id} alert={alert} {...rest} />
        ))}
      </ul>
      {past.length > 0 && (
        <details class="earlier">
          <summary>{t('equipment.alerts.past', { n: past.length })}</summary>
          <ul class="findings">
            {past.slice(0, 50).map((alert) => (
              <Item key={alert.id} alert={alert} {...rest} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
};
