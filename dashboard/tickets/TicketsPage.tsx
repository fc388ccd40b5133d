import { useEffect, useState } from 'preact/hooks';
import { loadCatalogue } from '../client/catalogue.ts';
import { session } from '../client/session.ts';
import { loadCrews } from '../live/crews.ts';
import { loadTickets, ticketsState } from '../live/tickets.ts';
import { go } from '../router.ts';
import { PlusIcon } from '../widgets/icons.tsx';
import { FailureNotice } from '../widgets/Notice.tsx';
import { t } from '../words/words.ts';
import { NewTicket } from './NewTicket.tsx';
import { TicketList } from './TicketList.tsx';
import { TicketPanel } from './TicketPanel.tsx';

/** Who may open a ticket by hand: everybody who may do anything. */
const mayOpen = (role: string | undefined): boolean => role !== undefined && role !== 'viewer';

const Skeleton = () => (
  <div class="ticket-list" aria-busy="true">
    {[1, 2, 3, 4, 5, 6].map((n) => (
      <span key={n} class="skeleton row-skeleton" />
    ))}
  </div>
);

/** The desk: what needs a person now, and the ticket beside it. */
export const TicketsPage = ({ selected }: { readonly selected: string | null }) => {
  const [creating, setCreating] = useState(false);
  const [joined, setJoined] = useState<string | null>(null);
  const state = ticketsState.value;
  useEffect(() => {
    void loadCrews();
    void loadCatalogue();
  }, []);
  const close = (): void => {
    setCreating(false);
    if (selected !== null) go('/tickets');
  };
  const open = creating || selected !== null;
  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) close();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
  return (
    <div class={`desk${open ? ' with-panel' : ''}`}>
      <div class="desk-list page">
        <div class="page-head">
          <h1>{t('tickets.title')}</h1>
          {mayOpen(session.value?.role) && (
            <button
              type="button"
              class="button primary"
              data-testid="new-ticket"
              onClick={() => {
                if (selected !== null) go('/tickets');
                setCreating(true);
              }}
            >
              <PlusIcon />
              {t('tickets.new')}
            </button>
          )}
        </div>
        {state === 'loading' ? (
          <Skeleton />
        ) : state !== 'ready' ? (
          <FailureNotice failure={state} retry={() => void loadTickets()} />
        ) : (
          <TicketList selected={selected} />
        )}
      </div>
      {selected !== null ? (
        <TicketPanel key={selected} id={selected} joined={joined === selected} close={close} />
      ) : (
        creating && (
          <NewTicket
            close={close}
            opened={(id, isNew) => {
              setJoined(isNew ? null : id);
              setCreating(false);
              go(`/tickets/${encodeURIComponent(id)}`);
            }}
          />
        )
      )}
    </div>
  );
};
