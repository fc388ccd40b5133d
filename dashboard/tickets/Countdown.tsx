import type { TicketView } from '../../api/contract/schemas.ts';
import { now } from '../clock/now.ts';
import { at, clockLeft, MINUTE_MS } from '../format/time.ts';
import { zoneOf } from '../live/fleet.ts';
import { t } from '../words/words.ts';
import { clockOf } from './groups.ts';

/** The clock of a ticket: what is left, or by how much it is late. Colour only when it presses. */
export const Countdown = ({
  ticket,
  long = false,
}: {
  readonly ticket: TicketView;
  readonly long?: boolean;
}) => {
  const clock = clockOf(ticket);
  if (!clock) return long ? null : <span class="clock quiet">{t('value.none')}</span>;
  const left = clock.atMs - now.value;
  const tone = left < 0 ? ' is-late' : left < 5 * MINUTE_MS ? ' is-near' : '';
  const time = clockLeft(left);
  return (
    <span class={`clock num${tone}`} title={at('exact', clock.atMs, zoneOf(ticket.site))}>
      {long ? (
        <b>{t(`clock.${clock.kind}.${left < 0 ? 'late' : 'left'}`, { time })}</b>
      ) : (
        <>
          <b>{left < 0 ? `−${time}` : time}</b>
          <span class="clock-kind">{t(`tickets.clock.${clock.kind}`)}</span>
        </>
      )}
    </span>
  );
};
