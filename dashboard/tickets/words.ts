import type { TicketEntryView, TicketView } from '../../api/contract/schemas.ts';
import { span, when } from '../format/time.ts';
import { unitName } from '../format/value.ts';
import { isKey, named, t } from '../words/words.ts';

/** "Wanda B2 garage · Bay 7" */
export const placeOf = (ticket: Pick<TicketView, 'equipmentName' | 'unit'>): string =>
  ticket.unit === ''
    ? ticket.equipmentName
    : `${ticket.equipmentName}\u00a0· ${unitName(ticket.unit).replaceAll(' ', '\u00a0')}`;

/** A report's own words, unless its sentence already says them. */
export const wordsBeside = (ticket: Pick<TicketView, 'words' | 'summary'>): string | null => {
  const words = ticket.words?.trim();
  return words && !ticket.summary.en.includes(words) ? words : null;
};

/** What comes next for a ticket, and who does it. */
export const nextStep = (ticket: TicketView, nowMs: number, zone: string): string => {
  if (ticket.state === 'open' && ticket.heldUntil !== null && Date.parse(ticket.heldUntil) > nowMs)
    return t('ticket.next.held', { time: when(Date.parse(ticket.heldUntil), nowMs, zone) });
  return t(`ticket.next.${ticket.state}`);
};

/** One line of a ticket's history in words. `crewName` names crews of this ticket. */
export const entryWords = (
  entry: TicketEntryView,
  crewName: (id: string) => string,
): { readonly what: string; readonly because: string | null; readonly late: string | null } => {
  const key = `happened.${entry.what}`;
  const crew = entry.crew === null ? t('happened.someCrew') : crewName(entry.crew);
  const what = isKey(key)
    ? named('happened', entry.what).replace('{crew}', crew)
    : entry.what.replaceAll('-', ' ');
  const delay = Date.parse(entry.heardAt) - Date.parse(entry.at);
  return {
    what,
    because: entry.reason === null ? null : named('because', entry.reason),
    late: delay > 60_000 ? t('happened.heardLater', { time: span(delay) }) : null,
  };
};

export const actorWords = (actor: string): string | null =>
  actor === 'system' ? null : t('happened.by', { who: actor });
