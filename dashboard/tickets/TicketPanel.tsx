import { useEffect, useRef } from 'preact/hooks';
import type { TicketDetailView } from '../../api/contract/schemas.ts';
import { get } from '../client/http.ts';
import { useResource } from '../client/resource.ts';
import { session } from '../client/session.ts';
import { now } from '../clock/now.ts';
import { isForetoldCause } from '../format/condition.ts';
import { at, when } from '../format/time.ts';
import { onLive } from '../live/events.ts';
import { zoneOf } from '../live/fleet.ts';
import { takeTicket } from '../live/tickets.ts';
import { CloseIcon } from '../widgets/icons.tsx';
import { FailureNotice } from '../widgets/Notice.tsx';
import { ToneMark } from '../widgets/StateMark.tsx';
import { Ago } from '../widgets/Time.tsx';
import { say, t } from '../words/words.ts';
import { Actions } from './Actions.tsx';
import { Countdown } from './Countdown.tsx';
import { EvidencePlot } from './EvidencePlot.tsx';
import { Timeline } from './Timeline.tsx';
import { placeOf, reasonWords, wordsBeside } from './words.ts';

/** One ticket with its history, followed live. */
export const useTicket = (id: string | null) => {
  const resource = useResource<TicketDetailView>(
    id === null ? null : `/tickets/${encodeURIComponent(id)}`,
    (signal) => get(`/tickets/${encodeURIComponent(id ?? '')}`, {}, signal),
  );
  const reload = useRef(resource.reload);
  reload.current = resource.reload;
  useEffect(
    // The event has no timeline: what is known is shown at once, the rest is asked for.
    () =>
      onLive('ticket', ({ ticket }) => {
        if (ticket.id !== id) return;
        resource.change((before) => (before.version < ticket.version ? { ...before, ...ticket } : before));
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

const Facts = ({ ticket }: { readonly ticket: TicketDetailView }) => {
  const zone = zoneOf(ticket.site);
  const time = (iso: string): string => when(Date.parse(iso), now.peek(), zone);
  return (
    <dl class="facts-list">
      <Fact name={t('ticket.machine')}>
        <a
          class="link"
          href={`/equipment/${encodeURIComponent(ticket.equipment)}?unit=${encodeURIComponent(ticket.unit || '-')}`}
        >
          {placeOf(ticket)}
        </a>
        <span class="quiet"> {ticket.siteName}</span>
      </Fact>
      <Fact name={t('ticket.component')}>{say(ticket.componentName)}</Fact>
      <Fact name={t('ticket.bring')}>{say(ticket.bring)}</Fact>
      <Fact name={t('ticket.crew')}>
        {ticket.crewName ?? <span class="quiet">{t('tickets.noCrew')}</span>}
      </Fact>
      <Fact name={t('ticket.promise')}>
        <span title={at('exact', Date.parse(ticket.dueAt), zone)}>
          {t('ticket.onSiteBy', { time: time(ticket.dueAt) })}
        </span>
      </Fact>
      {ticket.etaAt !== null && ticket.arrivedAt === null && (
        <Fact name={t('ticket.eta')}>{time(ticket.etaAt)}</Fact>
      )}
      <Fact name={t('ticket.opened')}>
        <Ago ms={Date.parse(ticket.openedAt)} zone={zone} />
        <span class="quiet"> · {t(`ticket.source.${ticket.source}`)}</span>
      </Fact>
      {ticket.reporter !== null && <Fact name={t('ticket.reporter')}>{ticket.reporter}</Fact>}
      {ticket.closeReason !== null && (
        <Fact name={t('ticket.reason')}>{reasonWords(ticket.closeReason)}</Fact>
      )}
    </dl>
  );
};

const Panel = ({ ticket, reload }: { readonly ticket: TicketDetailView; readonly reload: () => void }) => {
  const { evidence } = ticket;
  const who = session.value;
  return (
    <>
      <div class="panel-top">
        <ToneMark severity={ticket.severity} foretold={isForetoldCause(ticket)} />
        <span class="ticket-state" data-testid="ticket-state" data-state={ticket.state}>
          {t(`ticket.${ticket.state}`)}
        </span>
        <Countdown ticket={ticket} long />
      </div>
      <h2 class="panel-words">{say(ticket.summary)}</h2>
      {wordsBeside(ticket) !== null && <blockquote>{wordsBeside(ticket)}</blockquote>}
      {who && (
        <Actions
          ticket={ticket}
          session={who}
          done={(next) => {
            takeTicket(next);
            reload();
          }}
        />
      )}
      <Facts ticket={ticket} />
      {evidence !== null && evidence.metric !== null && (
        <section>
          <h3>{t('ticket.evidence')}</h3>
          <EvidencePlot ticket={{ ...ticket, evidence }} />
        </section>
      )}
      {ticket.alerts.length > 0 && (
        <p class="panel-links">
          {ticket.alerts.map((id, index) => (
            <a key={id} class="link" href={`/alerts/${encodeURIComponent(id)}`} data-testid="ticket-alert">
              {t('alert.what')}
              {ticket.alerts.length > 1 && ` ${index + 1}`}
            </a>
          ))}
        </p>
      )}
      <section>
        <h3>{t('ticket.history')}</h3>
        <Timeline ticket={ticket} />
      </section>
    </>
  );
};

const Skeleton = () => (
  <div aria-busy="true">
    <span class="skeleton w40 line" />
    <span class="skeleton w90 line" />
    <span class="skeleton w70 line" />
    <span class="skeleton plot-skeleton" />
  </div>
);

/** The ticket beside the list; on a phone it fills the screen. */
export const TicketPanel = ({
  id,
  joined,
  close,
}: {
  readonly id: string;
  /** A report from a call was just added to it. */
  readonly joined: boolean;
  readonly close: () => void;
}) => {
  const { value, failure, reload } = useTicket(id);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);
  return (
    <aside class="side-panel" ref={panel} tabIndex={-1} aria-label={t('alert.ticket', { id })}>
      <header class="side-head">
        <span class="quiet num">{id}</span>
        <button
          type="button"
          class="button plain square"
          aria-label={t('ticket.close')}
          title={`${t('ticket.close')} (Esc)`}
          onClick={close}
        >
          <CloseIcon />
        </button>
      </header>
      <div class="side-body">
        {joined && (
          <p class="consequence" role="status">
            {t('new.exists', { id })}
          </p>
        )}
        {value ? (
          <Panel ticket={value} reload={reload} />
        ) : failure ? (
          <FailureNotice failure={failure} retry={reload} />
        ) : (
          <Skeleton />
        )}
      </div>
    </aside>
  );
};
