import type { TicketView } from '../../api/contract/schemas.ts';
import { now } from '../clock/now.ts';
import { ticketTone } from '../format/condition.ts';
import { unitName } from '../format/value.ts';
import { zoneOf } from '../live/fleet.ts';
import { isOver } from '../live/tickets.ts';
import { Shape } from '../widgets/StateMark.tsx';
import { say, t } from '../words/words.ts';
import { Countdown } from './Countdown.tsx';
import { nextStep } from './words.ts';

const Next = ({ ticket }: { readonly ticket: TicketView }) => (
  <span class="row-next">{nextStep(ticket, now.value, zoneOf(ticket.site))}</span>
);

/** Clock · place · problem · crew · next step. */
export const TicketRow = ({
  ticket,
  selected,
}: {
  readonly ticket: TicketView;
  readonly selected: boolean;
}) => (
  <li>
    <a
      class="row"
      href={`/tickets/${encodeURIComponent(ticket.id)}`}
      aria-current={selected ? 'true' : undefined}
      data-testid={`ticket-${ticket.id}`}
      data-state={ticket.state}
    >
      <span class="row-shape" title={t(`severity.${ticket.severity}`)}>
        <Shape condition={isOver(ticket) ? 'normal' : ticketTone(ticket)} />
        <span class="unseen">{t(`severity.${ticket.severity}`)}</span>
      </span>
      <Countdown ticket={ticket} />
      <span class="row-place">
        <b class="row-machine">{ticket.equipmentName}</b>
        {ticket.unit !== '' && <b>{unitName(ticket.unit)}</b>}
        <span class="quiet">{ticket.siteName}</span>
      </span>
      <span class="row-problem">{say(ticket.summary)}</span>
      <span class={`row-crew${ticket.crewName === null ? ' quiet' : ''}`}>
        {ticket.crewName ?? t('tickets.noCrew')}
      </span>
      <Next ticket={ticket} />
    </a>
  </li>
);
