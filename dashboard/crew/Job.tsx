import { useEffect, useState } from 'preact/hooks';
import type { TicketView } from '../../api/contract/schemas.ts';
import { distanceM, travelMs } from '../../core/dispatch/travel.ts';
import { isAppliance } from '../client/catalogue.ts';
import { now } from '../clock/now.ts';
import { isForetoldCause, ticketTone } from '../format/condition.ts';
import { span, when } from '../format/time.ts';
import { crews } from '../live/crews.ts';
import { fleet, zoneOf } from '../live/fleet.ts';
import { Countdown } from '../tickets/Countdown.tsx';
import { EvidencePlot } from '../tickets/EvidencePlot.tsx';
import { useTicket } from '../tickets/TicketPanel.tsx';
import { Timeline } from '../tickets/Timeline.tsx';
import { placeOf, wordsBeside } from '../tickets/words.ts';
import { BackIcon, NavigateIcon, ToolIcon, WarningIcon } from '../widgets/icons.tsx';
import { ToneMark } from '../widgets/StateMark.tsx';
import { say, t } from '../words/words.ts';
import { amapLink } from './gcj02.ts';
import { NextStep } from './NextStep.tsx';

/** "2.1 km, about 11 min" from where the crew stands. */
const Away = ({ job, crew }: { readonly job: TicketView; readonly crew: string }) => {
  const from = crews.value.get(crew)?.position;
  if (!from || job.position === null || job.arrivedAt !== null) return null;
  const km = (distanceM(from, job.position) / 1_000).toFixed(1);
  return <> · {t('crew.away', { km, time: span(travelMs(from, job.position)) })}</>;
};

const History = ({ id }: { readonly id: string }) => {
  const { value } = useTicket(id);
  return value ? <Timeline ticket={value} /> : <span class="skeleton plot-skeleton" />;
};

/** Findings are typed with gloves and long before there is a network: they outlive the page. */
const useDraft = (id: string) => {
  const key = `precall.findings.${id}`;
  const read = (): string => {
    try {
      return localStorage.getItem(key) ?? '';
    } catch {
      return '';
    }
  };
  const [text, setText] = useState(read);
  useEffect(() => {
    try {
      if (text === '') localStorage.removeItem(key);
      else localStorage.setItem(key, text);
    } catch {
      // then it lives as long as the page
    }
  }, [key, text]);
  return [text, setText] as const;
};

const Safety = ({ job }: { readonly job: TicketView }) => (
  <p class="safety">
    <WarningIcon />
    {isAppliance(fleet.value.get(job.equipment)?.class ?? '') ? t('crew.unplug') : t('crew.isolate')}
  </p>
);

/** One job, filling the screen: how bad, where, what, with what, how safely, and the one next step. */
export const Job = ({
  job,
  crew,
  listed,
}: {
  readonly job: TicketView;
  readonly crew: string;
  readonly listed: boolean;
}) => {
  const [findings, setFindings] = useDraft(job.id);
  const [history, setHistory] = useState(false);
  const zone = zoneOf(job.site);
  const tone = ticketTone(job);
  const { evidence } = job;
  const mine = job.crew === crew;
  const words = wordsBeside(job);
  return (
    <article class="job" data-testid={`crew-job-${job.id}`}>
      {listed && (
        <a class="back" href="/crew">
          <BackIcon />
          {t('crew.back')}
        </a>
      )}
      <div class={`job-top wash-${tone}`}>
        <ToneMark severity={job.severity} foretold={isForetoldCause(job)} size={22} />
        <Countdown ticket={job} long />
      </div>
      <h1>{placeOf(job)}</h1>
      <p class="job-place">
        <span class="ticket-state" data-testid="ticket-state" data-state={job.state}>
          {t(`ticket.${job.state}`)}
        </span>
        {job.siteName}
        <Away job={job} crew={crew} /> ·{' '}
        {t('crew.due', { time: when(Date.parse(job.dueAt), now.peek(), zone) })}
      </p>
      <p class="job-problem">{say(job.summary)}</p>
      {words !== null && <blockquote>{t('crew.reported', { words })}</blockquote>}
      {!mine && <p class="stale-note">{t('crew.takenAway')}</p>}
      <p class="job-bring">
        <ToolIcon />
        <span>
          <b>{t('crew.bring')}</b> {say(job.bring)}
        </span>
      </p>
      <Safety job={job} />
      {job.position === null ? (
        <p class="quiet">{t('crew.noPlace')}</p>
      ) : (
        <a
          class="button big"
          href={amapLink(job.position, placeOf(job))}
          target="_blank"
          rel="noopener noreferrer"
          data-testid="navigate"
        >
          <NavigateIcon />
          {t('crew.navigate')}
        </a>
      )}
      {(job.state === 'onsite' || job.state === 'waiting') && mine && (
        <label class="field">
          <span>{t('crew.findings')}</span>
          <textarea
            rows={4}
            maxLength={4_000}
            value={findings}
            placeholder={t('crew.findings.hint')}
            data-testid="findings"
            onInput={(event) => setFindings(event.currentTarget.value)}
          />
        </label>
      )}
      {evidence !== null && evidence.metric !== null && (
        <section>
          <h2>{t('crew.evidence')}</h2>
          <EvidencePlot ticket={{ ...job, evidence }} />
        </section>
      )}
      <details class="earlier" onToggle={(event) => setHistory(event.currentTarget.open)}>
        <summary>{t('crew.history')}</summary>
        {history && <History id={job.id} />}
      </details>
      {mine && <NextStep job={job} findings={findings} sent={() => setFindings('')} />}
    </article>
  );
};
