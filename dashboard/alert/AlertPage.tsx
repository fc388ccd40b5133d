import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { AlertDetailView } from '../../api/contract/schemas.ts';
import { catalogue, loadCatalogue } from '../client/catalogue.ts';
import { get } from '../client/http.ts';
import { useResource } from '../client/resource.ts';
import { session } from '../client/session.ts';
import { now } from '../clock/now.ts';
import { EvidenceList } from '../equipment/Alerts.tsx';
import { isForetold } from '../format/condition.ts';
import { when } from '../format/time.ts';
import { unitName } from '../format/value.ts';
import { onLive } from '../live/events.ts';
import { fleet, siteName, zoneOf } from '../live/fleet.ts';
import { AlertPlot } from '../tickets/EvidencePlot.tsx';
import { FailureNotice } from '../widgets/Notice.tsx';
import { ToneMark } from '../widgets/StateMark.tsx';
import { Ago } from '../widgets/Time.tsx';
import { say, t } from '../words/words.ts';
import { Deeds } from './Deeds.tsx';
import { History } from './History.tsx';
import { Others } from './Others.tsx';
import { Peers } from './Peers.tsx';

/** One finding with its history, followed live. */
const useAlert = (id: string) => {
  const path = `/alerts/${encodeURIComponent(id)}`;
  const resource = useResource<AlertDetailView>(path, (signal) => get(path, {}, signal));
  const reload = useRef(resource.reload);
  reload.current = resource.reload;
  useEffect(
    // The event has no timeline: what is known is shown at once, the rest is asked for.
    () =>
      onLive('alert', ({ alert }) => {
        if (alert.id !== id) return;
        resource.change((before) => ({ ...before, ...alert }));
        reload.current();
      }),
    [id],
  );
  return resource;
};

const Fact = ({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Facts = ({ alert, zone }: { readonly alert: AlertDetailView; readonly zone: string }) => {
  const machine = fleet.value.get(alert.equipment);
  const item = catalogue.value?.items.find((one) => one.id === alert.component);
  return (
    <dl class="facts-list">
      <Fact name={t('ticket.machine')}>
        <a
          class="link"
          href={`/equipment/${encodeURIComponent(alert.equipment)}?unit=${encodeURIComponent(alert.unit || '-')}`}
        >
          {machine?.name ?? alert.equipment}
          {alert.unit !== '' && ` \u00b7 ${unitName(alert.unit)}`}
        </a>
        {machine && <span class="quiet"> {siteName(machine.site)}</span>}
      </Fact>
      <Fact name={t('alert.part')}>{item ? say(item.name) : alert.component}</Fact>
      <Fact name={t('alert.since')}>
        <Ago ms={Date.parse(alert.raisedAt)} zone={zone} />
      </Fact>
      {alert.ticket !== null && (
        <Fact name={t('alert.did.ticketed')}>
          <a class="link" href={`/tickets/${encodeURIComponent(alert.ticket)}`}>
            {alert.ticket}
          </a>
        </Fact>
      )}
    </dl>
  );
};

const Head = ({ alert, zone }: { readonly alert: AlertDetailView; readonly zone: string }) => (
  <header class="alert-head">
    <p class="panel-top">
      <ToneMark severity={alert.severity} foretold={isForetold(alert)} />
      <span class="ticket-state" data-testid="alert-state" data-state={alert.state}>
        {t(`alert.state.${alert.state}`)}
      </span>
      {alert.clearedAt !== null && (
        <span class="quiet">
          {t('alert.cleared', { time: when(Date.parse(alert.clearedAt), now.peek(), zone) })}
        </span>
      )}
      {alert.acknowledgedBy !== null && (
        <span class="quiet" data-testid="acknowledged">
          {t('alert.acknowledged', { who: alert.acknowledgedBy })}
        </span>
      )}
    </p>
    <h1>{say(alert.summary)}</h1>
  </header>
);

const NONE: readonly never[] = [];

const Body = ({
  alert,
  take,
}: {
  readonly alert: AlertDetailView;
  readonly take: (alert: AlertDetailView) => void;
}) => {
  const site = fleet.value.get(alert.equipment)?.site ?? '';
  const zone = zoneOf(site);
  const { metric } = alert.evidence;
  const unitOfMeasure = catalogue.value?.signals.find((one) => one.metric === metric)?.unit ?? '';
  const who = session.value;
  // The plot is made anew only when the finding changes.
  const plotted = useMemo(() => alert, [alert.updatedAt, alert.clearedAt, alert.evidence]);
  return (
    <div class="page alert-page">
      <Head alert={alert} zone={zone} />
      <div class="alert-main">
        {metric === null ? (
          <p class="stale-note">{t('alert.plotless')}</p>
        ) : (
          <AlertPlot
            alert={plotted}
            tickets={NONE}
            site={site}
            fromMs={Date.parse(alert.raisedAt)}
            syncKey={`alert-${alert.id}`}
          />
        )}
        <History timeline={alert.timeline} zone={zone} />
      </div>
      <div class="alert-side">
        <section class="panel">
          <h2>{t('alert.what')}</h2>
          <Facts alert={alert} zone={zone} />
        </section>
        {who && <Deeds alert={alert} role={who.role} done={take} />}
        <section class="panel" data-testid="alert-evidence">
          <h2>{t('alert.evidence')}</h2>
          <EvidenceList alert={alert} unitOfMeasure={unitOfMeasure} zone={zone} />
        </section>
        <Others others={alert.evidence.others} />
        <Peers peers={alert.evidence.peers} unitOfMeasure={unitOfMeasure} />
      </div>
    </div>
  );
};

const Skeleton = () => (
  <div class="page alert-page" aria-busy="true">
    <div class="alert-head">
      <span class="skeleton w40 line" />
      <span class="skeleton w90 line" />
    </div>
    <div class="alert-main">
      <span class="skeleton plot-skeleton" />
    </div>
    <div class="alert-side">
      <span class="skeleton plot-skeleton" />
    </div>
  </div>
);

/** One finding: what, where, how bad, by when; why we say so; what happened to it since. */
export const AlertPage = ({ id }: { readonly id: string }) => {
  const { value, failure, reload, change } = useAlert(id);
  useEffect(() => void loadCatalogue(), []);
  if (value === null) return failure ? <FailureNotice failure={failure} retry={reload} /> : <Skeleton />;
  return <Body alert={value} take={(next) => change(() => next)} />;
};
