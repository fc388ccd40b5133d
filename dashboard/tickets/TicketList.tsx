import { useState } from 'preact/hooks';
import type { TicketView } from '../../api/contract/schemas.ts';
import { get } from '../client/http.ts';
import { now } from '../clock/now.ts';
import { isOver, MAX_TICKETS, tickets, ticketsCut } from '../live/tickets.ts';
import { Notice } from '../widgets/Notice.tsx';
import { t } from '../words/words.ts';
import { GROUPS, type Group, grouped } from './groups.ts';
import { TicketRow } from './TicketRow.tsx';

const OLD_PAGE = 50;

const Section = ({
  group,
  list,
  selected,
}: {
  readonly group: Group;
  readonly list: readonly TicketView[];
  readonly selected: string | null;
}) => (
  <section class={`group group-${group}`} data-testid={`group-${group}`}>
    <h2>
      {t(`tickets.group.${group}`)} <span class="count num">{list.length}</span>
    </h2>
    <ul class="rows">
      {list.map((ticket) => (
        <TicketRow key={ticket.id} ticket={ticket} selected={ticket.id === selected} />
      ))}
    </ul>
  </section>
);

/** Tickets that are over are only loaded when somebody looks for them. */
const Closed = ({
  recent,
  selected,
}: {
  readonly recent: readonly TicketView[];
  readonly selected: string | null;
}) => {
  const [older, setOlder] = useState<readonly TicketView[]>([]);
  const [cursor, setCursor] = useState<string | null | undefined>(undefined);
  const load = async (): Promise<void> => {
    const page = await get<{ items: readonly TicketView[]; next: string | null }>('/tickets', {
      state: 'closed,cancelled',
      limit: OLD_PAGE,
      cursor: cursor ?? undefined,
    });
    if (!page.ok) return;
    setOlder((before) => [...before, ...page.value.items]);
    setCursor(page.value.next);
  };
  const known = new Map([...older, ...recent].map((ticket) => [ticket.id, ticket]));
  const list = [...known.values()].toSorted(
    (a, b) => Date.parse(b.closedAt ?? b.updatedAt) - Date.parse(a.closedAt ?? a.updatedAt),
  );
  return (
    <details
      class="group group-closed"
      data-testid="group-closed"
      onToggle={(event) => {
        if (event.currentTarget.open && cursor === undefined) void load();
      }}
    >
      <summary>
        <h2>{t('tickets.group.closed')}</h2>
      </summary>
      <ul class="rows">
        {list.map((ticket) => (
          <TicketRow key={ticket.id} ticket={ticket} selected={ticket.id === selected} />
        ))}
      </ul>
      {cursor != null && (
        <button type="button" class="button wide" onClick={() => void load()}>
          {t('tickets.more')}
        </button>
      )}
    </details>
  );
};

/** Everything open, what needs a person now on top. */
export const TicketList = ({ selected }: { readonly selected: string | null }) => {
  const all = [...tickets.value.values()];
  // Groups change with the clock, by the quarter of a minute.
  const nowMs = Math.floor(now.value / 15_000) * 15_000;
  const groups = grouped(all, nowMs);
  const open = GROUPS.filter((group) => groups.has(group));
  return (
    <div class="ticket-list">
      {open.length === 0 && <Notice title={t('tickets.none.title')} text={t('tickets.none.text')} />}
      {open.map((group) => (
        <Section key={group} group={group} list={groups.get(group) ?? []} selected={selected} />
      ))}
      {ticketsCut.value && <p class="quiet small">{t('tickets.limit', { n: MAX_TICKETS })}</p>}
      <Closed recent={all.filter(isOver)} selected={selected} />
    </div>
  );
};
