import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { session, signOut } from '../client/session.ts';
import { unread } from '../live/inbox.ts';
import { activeTickets } from '../live/tickets.ts';
import { path } from '../router.ts';
import { BellIcon, SignOutIcon } from '../widgets/icons.tsx';
import { LanguageSwitch } from '../widgets/LanguageSwitch.tsx';
import { t } from '../words/words.ts';
import { HealthBanner } from './HealthBanner.tsx';
import { LiveBanner } from './LiveBanner.tsx';

const Tab = ({ to, label, here, count }: { to: string; label: string; here: boolean; count?: number }) => (
  <a href={to} aria-current={here ? 'page' : undefined}>
    {label}
    {count !== undefined && count > 0 && <span class="count num">{count}</span>}
  </a>
);

const Tabs = () => {
  const at = path.value;
  const tickets = (
    <Tab
      to="/tickets"
      label={t('nav.tickets')}
      here={at.startsWith('/tickets')}
      count={activeTickets.value.filter((ticket) => ticket.state !== 'resolved').length}
    />
  );
  return (
    <nav aria-label={t('nav.label')}>
      {session.value?.role === 'crew' && (
        <Tab to="/crew" label={t('nav.jobs')} here={at.startsWith('/crew')} />
      )}
      <Tab
        to="/"
        label={t('nav.fleet')}
        here={at === '/' || at.startsWith('/equipment') || at.startsWith('/alerts')}
      />
      {tickets}
      {(session.value?.role === 'dispatcher' || session.value?.role === 'admin') && (
        <Tab to="/health" label={t('nav.service')} here={at === '/health'} />
      )}
    </nav>
  );
};

/** What was said to whoever is signed in. */
const Bell = () => {
  const n = unread.value;
  const label = n === 0 ? t('nav.inbox') : t('nav.inbox.unread', { n });
  return (
    <a
      class="button plain square bell"
      href="/inbox"
      aria-label={label}
      title={label}
      aria-current={path.value === '/inbox' ? 'page' : undefined}
      data-testid="bell"
    >
      <BellIcon />
      {n > 0 && (
        <span class="count num" aria-hidden="true">
          {n > 99 ? '99+' : n}
        </span>
      )}
    </a>
  );
};

/** The tab's title tells from afar whether somebody is needed. */
const useTitle = (): void => {
  const at = path.value;
  const page = at.startsWith('/tickets')
    ? t('nav.tickets')
    : at.startsWith('/crew')
      ? t('nav.jobs')
      : at === '/health'
        ? t('nav.service')
        : at === '/inbox'
          ? t('nav.inbox')
          : t('nav.fleet');
  const waiting = activeTickets.value.filter(
    ({ state }) => state === 'open' || state === 'dispatched',
  ).length;
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${page} · Precall`;
  }, [page, waiting]);
};

/** Bar, banner and page. */
export const Shell = ({ children }: { readonly children: ComponentChildren }) => {
  const who = session.value;
  useTitle();
  const [leaving, setLeaving] = useState(false);
  const leave = async (): Promise<void> => {
    setLeaving(true);
    await signOut();
  };
  return (
    <>
      <a class="skip" href="#content">
        {t('nav.skip')}
      </a>
      <header class="bar">
        <a class="bar-brand" href="/" aria-label="Precall">
          <img src="/icon.svg" width="24" height="24" alt="" />
          <span>Precall</span>
        </a>
        <Tabs />
        <div class="bar-end">
          <LanguageSwitch />
          {who && <Bell />}
          {who && (
            <>
              <span class="who" title={t('nav.signedInAs', { user: who.user, role: t(`role.${who.role}`) })}>
                {who.user}
              </span>
              <button
                type="button"
                class="button plain square"
                aria-label={t('nav.signOut')}
                title={t('nav.signOut')}
                disabled={leaving}
                onClick={() => void leave()}
              >
                <SignOutIcon />
              </button>
            </>
          )}
        </div>
      </header>
      <LiveBanner />
      <HealthBanner />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </>
  );
};
