import { useEffect } from 'preact/hooks';
import type { TicketView } from '../../api/contract/schemas.ts';
import { loadCatalogue } from '../client/catalogue.ts';
import { session } from '../client/session.ts';
import { now } from '../clock/now.ts';
import { ticketTone } from '../format/condition.ts';
import { clockLeft } from '../format/time.ts';
import { loadCrews } from '../live/crews.ts';
import { loadTickets, tickets, ticketsState } from '../live/tickets.ts';
import { Countdown } from '../tickets/Countdown.tsx';
import { placeOf } from '../tickets/words.ts';
import { ChevronIcon } from '../widgets/icons.tsx';
import { FailureNotice, Notice } from '../widgets/Notice.tsx';
import { Shape } from '../widgets/StateMark.tsx';
import { say, t } from '../words/words.ts';
import { Job } from './Job.tsx';
import { jobsOf } from './jobs.ts';
import { OutboxNotes } from './OutboxNotes.tsx';
import { unsent } from './outbox.ts';
import { projected } from './queue.ts';

const JobLink = ({ job }: { readonly job: TicketView }) => (
  <li>
    <a class="job-link" href={`/crew/${encodeURIComponent(job.id)}`} data-testid={`job-${job.id}`}>
      <Shape condition={job.state === 'resolved' ? 'normal' : ticketTone(job)} size={18} />
      <span class="job-link-words">
        <b>{placeOf(job)}</b>
        <span>{say(job.summary)}</span>
      </span>
      {job.state === 'resolved' ? null : <Countdown ticket={job} />}
      <ChevronIcon />
    </a>
  </li>
);

/** A job that was just offered must not be missed while another fills the screen. */
const Offer = ({ job }: { readonly job: TicketView }) => {
  const left = Date.parse(job.acknowledgeBy ?? job.dueAt) - now.value;
  return (
    <div role="status">
      <a
        class={`offer wash-${ticketTone(job)}`}
        href={`/crew/${encodeURIComponent(job.id)}`}
        data-testid="offer"
      >
        <Shape condition={ticketTone(job)} size={18} />
        <span>
          <b>{t('crew.offered', { place: placeOf(job) })}</b>
          {left > 0 && <span class="num">{t('crew.offeredClock', { time: clockLeft(left) })}</span>}
        </span>
        <ChevronIcon />
      </a>
    </div>
  );
};

const Skeleton = () => (
  <div class="crew" aria-busy="true">
    <span class="skeleton w40 line" />
    <span class="skeleton w90 line" />
    <span class="skeleton w70 line" />
    <span class="skeleton plot-skeleton" />
  </div>
);

const Jobs = ({ crew, selected }: { readonly crew: string; readonly selected: string | null }) => {
  const all = [...tickets.value.values()].map((ticket) => projected(ticket, unsent.value));
  const jobs = jobsOf(all, crew);
  const done = all.filter((ticket) => ticket.crew === crew && ticket.state === 'resolved');
  const asked = selected === null ? null : (all.find((ticket) => ticket.id === selected) ?? null);
  const shown = asked ?? jobs[0] ?? null;
  const others = jobs.filter((job) => job.id !== shown?.id);
  const offer = others.find((job) => job.state === 'dispatched');
  return (
    <div class="crew">
      <OutboxNotes />
      {offer && <Offer job={offer} />}
      {shown ? (
        <Job key={shown.id} job={shown} crew={crew} listed={selected !== null} />
      ) : (
        <Notice title={t('crew.none.title')} text={t('crew.none.text')} />
      )}
      {others.length > 0 && (
        <section class="job-list">
          <h2>{t('crew.next', { n: others.length })}</h2>
          <ul>
            {others.map((job) => (
              <JobLink key={job.id} job={job} />
            ))}
          </ul>
        </section>
      )}
      {done.length > 0 && (
        <section class="job-list">
          <h2>{t('crew.done')}</h2>
          <ul>
            {done.map((job) => (
              <JobLink key={job.id} job={job} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
};

/** A crew's page: one job fills the screen, one button takes the next step. */
export const CrewPage = ({ selected }: { readonly selected: string | null }) => {
  const state = ticketsState.value;
  useEffect(() => {
    void loadCrews();
    void loadCatalogue();
  }, []);
  const crew = session.value?.crew ?? null;
  if (crew === null) return <Notice title={t('crew.noCrew.title')} text={t('crew.noCrew.text')} />;
  if (state === 'loading') return <Skeleton />;
  if (state !== 'ready') return <FailureNotice failure={state} retry={() => void loadTickets()} />;
  return <Jobs crew={crew} selected={selected} />;
};
