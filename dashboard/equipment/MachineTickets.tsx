import { now } from '../clock/now.ts';
import { ticketTone } from '../format/condition.ts';
import { when } from '../format/time.ts';
import { isOver } from '../live/tickets.ts';
import { Shape } from '../widgets/StateMark.tsx';
import { say, t } from '../words/words.ts';
import type { TicketView } from './shapes.ts';

const Row = ({ ticket, zone }: { readonly ticket: TicketView; readonly zone: string }) => (
  <li>
    <a class="mini-ticket" href={`/tickets/${encodeURIComponent(ticket.id)}`}>
      <Shape condition={isOver(ticket) ? 'normal' : ticketTone(ticket)} size={12} />
      <span class="mini-words">{say(ticket.summary)}</span>
      <span class="quiet">
        {t(`ticket.${ticket.state}`)}
        {ticket.crewName !== null && ` · ${ticket.crewName}`} ·{' '}
        {when(Date.parse(ticket.openedAt), now.peek(), zone)}
      </span>
    </a>
  </li>
);

export const MachineTickets = ({
  tickets,
  zone,
}: {
  readonly tickets: readonly TicketView[];
  readonly zone: string;
}) => {
  const open = tickets.filter((ticket) => !isOver(ticket));
  const past = tickets.filter(isOver);
  return (
    <section class="panel">
      <h2>{t('equipment.tickets')}</h2>
      {open.length === 0 && <p class="quiet">{t('equipment.tickets.none')}</p>}
      <ul class="mini-tickets">
        {open.map((ticket) => (
          <Row key={ticket.id} ticket={ticket} zone={zone} />
        ))}
      </ul>
      {past.length > 0 && (
        <details class="earlier">
          <summary>{t('equipment.tickets.past', { n: past.length })}</summary>
          <ul class="mini-tickets">
            {past.slice(0, 50).map((ticket) => (
              <Row key={ticket.id} ticket={ticket} zone={zone} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
};
