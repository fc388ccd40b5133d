import type { Static } from 'typebox';
import type { Unread } from '../../api/contract/schemas.ts';
import { MAX_ROWS } from '../client/rows.ts';
import { session } from '../client/session.ts';
import { useSubmit } from '../client/submit.ts';
import { type InboxNotice, placeOf, unread } from '../live/inbox.ts';
import { FailureNotice, Notice } from '../widgets/Notice.tsx';
import { Ago } from '../widgets/Time.tsx';
import { named, say, t } from '../words/words.ts';
import { useInbox } from './useInbox.ts';

/** What asks for somebody now stands out; what events have passed is quiet. */
const inkOf = ({ needsAcknowledgement, holds, severity }: InboxNotice): string => {
  if (!holds) return 'quiet';
  if (!needsAcknowledgement) return 'ink-normal';
  return severity === 'S1' ? 'ink-down' : 'ink-due';
};

const Row = ({ notice, zone }: { readonly notice: InboxNotice; readonly zone: string }) => {
  const to = placeOf(notice, session.value?.role);
  const body = (
    <>
      <span class="inbox-head">
        <strong class={inkOf(notice)}>{named('notice', notice.kind)}</strong>
        {!notice.read && <span class="inbox-new">{t('inbox.new')}</span>}
        {!notice.holds && <span class="quiet">{t('inbox.passed')}</span>}
        <span class="inbox-time quiet num">
          <Ago ms={Date.parse(notice.at)} zone={zone} />
        </span>
      </span>
      <span class="inbox-words">{say(notice.words)}</span>
    </>
  );
  return (
    <li data-testid="notice">
      {to === null ? (
        <div class="inbox-row">{body}</div>
      ) : (
        <a class="inbox-row" href={to}>
          {body}
        </a>
      )}
    </li>
  );
};

/** The dashboard as a channel: what was said to this person's role or crew, whether or not anything was sent. */
export const InboxPage = () => {
  const { inbox, more } = useInbox();
  const { busy, problem, send } = useSubmit<Static<typeof Unread>>();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (inbox.value === null)
    return inbox.failure ? (
      <FailureNotice failure={inbox.failure} retry={inbox.reload} />
    ) : (
      <div class="page inbox-page" aria-busy="true">
        <h1>{t('inbox.title')}</h1>
        <span class="skeleton plot-skeleton" />
      </div>
    );
  const { items } = inbox.value;
  const news = items.filter(({ read }) => !read).map(({ id }) => id);
  const readAll = async (): Promise<void> => {
    const answer = await send('/notices/read', { ids: news });
    if (!answer.ok) return;
    unread.value = answer.value.unread;
    inbox.reload();
  };
  return (
    <div class="page inbox-page">
      <div class="inbox-title">
        <h1>{t('inbox.title')}</h1>
        {news.length > 0 && (
          <button
            type="button"
            class="button"
            data-testid="read-all"
            disabled={busy}
            onClick={() => void readAll()}
          >
            {t('inbox.readAll')}
          </button>
        )}
      </div>
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {items.length === 0 ? (
        <Notice title={t('inbox.none')} text={t('inbox.none.text')} />
      ) : (
        <ul class="panel inbox-list" data-testid="inbox">
          {items.map((notice) => (
            <Row key={notice.id} notice={notice} zone={zone} />
          ))}
        </ul>
      )}
      {more !== null && (
        <button type="button" class="button" onClick={more}>
          {t('inbox.more')}
        </button>
      )}
      {more === null && inbox.value.next !== null && <p class="quiet">{t('inbox.limit', { n: MAX_ROWS })}</p>}
    </div>
  );
};
