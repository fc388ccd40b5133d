import { useEffect, useErrorBoundary } from 'preact/hooks';
import { AlertPage } from './alert/AlertPage.tsx';
import { ended, session, sessionFailure, startSession } from './client/session.ts';
import { CrewPage } from './crew/CrewPage.tsx';
import { startOutbox } from './crew/outbox.ts';
import { EquipmentPage } from './equipment/EquipmentPage.tsx';
import { FleetPage } from './fleet/FleetPage.tsx';
import { InboxPage } from './inbox/InboxPage.tsx';
import { openLive, resync } from './live/connection.ts';
import { deliver } from './live/events.ts';
import { fleetState, followFleet, loadFleet } from './live/fleet.ts';
import { followHealth } from './live/health.ts';
import { followInbox, loadUnread } from './live/inbox.ts';
import { followTickets, loadTickets } from './live/tickets.ts';
import { go, match, path } from './router.ts';
import { ServicePage } from './service/ServicePage.tsx';
import { Shell } from './shell/Shell.tsx';
import { SetupPage } from './signin/SetupPage.tsx';
import { SignInPage } from './signin/SignInPage.tsx';
import { TicketsPage } from './tickets/TicketsPage.tsx';
import { FailureNotice, Notice } from './widgets/Notice.tsx';
import { t } from './words/words.ts';

const Page = () => {
  const at = path.value;
  if (at === '/') return <FleetPage />;
  const machine = match('/equipment/:id', at);
  if (machine) return <EquipmentPage key={machine.id} id={machine.id!} />;
  const alert = match('/alerts/:id', at);
  if (alert) return <AlertPage key={alert.id} id={alert.id!} />;
  if (at === '/health') return <ServicePage />;
  if (at === '/inbox') return <InboxPage />;
  if (at === '/tickets') return <TicketsPage selected={null} />;
  const ticket = match('/tickets/:id', at);
  if (ticket) return <TicketsPage selected={ticket.id!} />;
  if (at === '/crew') return <CrewPage selected={null} />;
  const job = match('/crew/:id', at);
  if (job) return <CrewPage selected={job.id!} />;
  return (
    <Notice title={t('notFound.title')} text="">
      <a class="button" href="/">
        {t('notFound.back')}
      </a>
    </Notice>
  );
};

/** Loads what every page shares, and keeps it live while somebody is signed in. */
const useLive = (): void => {
  const lost = resync.value;
  useEffect(() => {
    const stops = [
      followFleet(),
      followTickets(),
      followInbox(),
      startOutbox(),
      followHealth(),
      openLive({
        onEvent: deliver,
        onSignedOut: () => {
          ended.value = true;
          session.value = null;
        },
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  // `lost` asks to load again.
  useEffect(() => {
    const abort = new AbortController();
    void loadFleet(abort.signal);
    void loadTickets(abort.signal);
    void loadUnread(abort.signal);
    return () => abort.abort();
  }, [lost]);
};

const SignedIn = () => {
  useLive();
  const [problem] = useErrorBoundary((error) => console.error(error));
  if (problem)
    return (
      <Shell>
        <Notice title={t('error.title')} text={t('error.bug')} role="alert">
          <button type="button" class="button" onClick={() => location.reload()}>
            {t('error.reload')}
          </button>
        </Notice>
      </Shell>
    );
  return (
    <Shell>
      <Page />
    </Shell>
  );
};

export const App = () => {
  const who = session.value;
  const role = who?.role;
  useEffect(() => {
    // A crew begins with its jobs; everybody else with the fleet.
    if (role === 'crew' && path.peek() === '/') go('/crew');
    if (role === undefined) fleetState.value = 'loading';
  }, [role]);
  if (path.value === '/setup' && !who) return <SetupPage />;
  if (sessionFailure.value)
    return (
      <main id="content">
        <FailureNotice failure={sessionFailure.value} retry={() => void startSession()} />
      </main>
    );
  if (who === undefined) return <main id="content" class="starting" aria-busy="true" />;
  if (who === null) return <SignInPage />;
  return <SignedIn key={who.user} />;
};
