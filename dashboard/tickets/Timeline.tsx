import type { TicketDetailView } from '../../api/contract/schemas.ts';
import { now } from '../clock/now.ts';
import { at, when } from '../format/time.ts';
import { crewName } from '../live/crews.ts';
import { zoneOf } from '../live/fleet.ts';
import { t } from '../words/words.ts';
import { actorWords, entryWords } from './words.ts';

/** What happened to a ticket, newest first, in words. */
export const Timeline = ({ ticket }: { readonly ticket: TicketDetailView }) => {
  const zone = zoneOf(ticket.site);
  return (
    <ol class="timeline" aria-label={t('ticket.history')}>
      {ticket.timeline.toReversed().map((entry) => {
        const { what, because, late, note } = entryWords(entry, crewName);
        const who = actorWords(entry.actor);
        const atMs = Date.parse(entry.at);
        return (
          <li key={entry.version}>
            <time dateTime={entry.at} title={at('exact', atMs, zone)}>
              {when(atMs, now.peek(), zone)}
            </time>
            <div>
              <p>
                {what}
                {because !== null && <span class="quiet"> · {because}</span>}
                {who !== null && <span class="quiet"> · {who}</span>}
                {late !== null && <span class="quiet"> · {late}</span>}
              </p>
              {note !== null && <p class="note">{note}</p>}
            </div>
          </li>
        );
      })}
    </ol>
  );
};
