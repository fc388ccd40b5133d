import type { TicketEntryView, TicketView } from '../../api/contract/schemas.ts';
import { catalogue } from '../client/catalogue.ts';
import { span, when } from '../format/time.ts';
import { unitName } from '../format/value.ts';
import { isKey, named, say, t } from '../words/words.ts';

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

/** A rule that fired, e.g. `drift:hoistCurrentA:high` or `fault:G06`, in words. */
const ruleWords = (rule: string): string | null => {
  const [kind, subject] = rule.split(':');
  if (subject === undefined) return null;
  if (kind === 'fault') return `${t('detector.fault-code')} ${subject}`;
  const name = catalogue.value?.signals.find((one) => one.metric === subject)?.name;
  const detector = kind === 'shift' ? 'level-shift' : kind;
  const key = `detector.${detector}`;
  return isKey(key) ? `${name ? say(name) : subject}: ${named('detector', detector ?? '')}` : null;
};

/** Lines that the service writes by itself note an id, not words. */
const isOwnNote = (entry: TicketEntryView): boolean =>
  entry.actor === 'system' && !/\s/.test(entry.note ?? '');

/** One line of a ticket's history in words. `crewName` names crews of this ticket. */
export const entryWords = (
  entry: TicketEntryView,
  crewName: (id: string) => string,
): {
  readonly what: string;
  readonly because: string | null;
  readonly late: string | null;
  readonly note: string | null;
} => {
  const key = `happened.${entry.what}`;
  const crew = entry.crew === null ? t('happened.someCrew') : crewName(entry.crew);
  const what = isKey(key)
    ? named('happened', entry.what).replace('{crew}', crew)
    : entry.what.replaceAll('-', ' ');
  const delay = Date.parse(entry.heardAt) - Date.parse(entry.at);
  return {
    what,
    because: entry.reason === null ? null : (ruleWords(entry.reason) ?? named('because', entry.reason)),
    note: entry.note === null || entry.note === '' || isOwnNote(entry) ? null : entry.note,
    late: delay > 60_000 ? t('happened.heardLater', { time: span(delay) }) : null,
  };
};

/** A named reason in words; a person's own words stay as they are. */
export const reasonWords = (reason: string): string =>
  isKey(`because.${reason}`) ? named('because', reason) : reason;

export const actorWords = (actor: string): string | null =>
  actor === 'system' ? null : t('happened.by', { who: actor });
