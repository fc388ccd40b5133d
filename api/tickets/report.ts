import type { Static } from 'typebox';
import { hastened, worse } from '../../core/ticket/hasten.ts';
import { newTicket } from '../../core/ticket/open.ts';
import { step } from '../../core/ticket/step.ts';
import type { Ticket, TicketEntry } from '../../core/ticket/ticket.ts';
import type { NewTicket } from '../contract/schemas.ts';

/** What a person said about a machine: by hotline, QR code, on site, or from a crew. */
export type Report = Static<typeof NewTicket>;

/** A ticket's next version with its line, ready to be written. */
export interface Written {
  readonly ticket: Ticket;
  readonly entry: TicketEntry;
}

/** Nobody who calls knows the item; the whole machine is a place to start. */
export const UNKNOWN_COMPONENT = 'body';
const DEFAULT_SEVERITY = 'S2';

const textOf = (text: string | undefined): string | null => text?.trim() || null;

/** The ticket that a report opens. */
export const openReport = (
  report: Report,
  known: { readonly id: string; readonly site: string; readonly actor: string; readonly nowMs: number },
): Written => {
  const { id, site, actor, nowMs } = known;
  const severity = report.severity ?? DEFAULT_SEVERITY;
  const ticket = newTicket(
    {
      id,
      equipment: report.equipment,
      unit: report.unit ?? '',
      site,
      component: report.component ?? UNKNOWN_COMPONENT,
      cause: 'reported',
      severity,
      source: report.source,
      reporter: textOf(report.reporter),
      words: textOf(report.words),
    },
    nowMs,
  );
  const entry: TicketEntry = {
    ticket: id,
    version: 1,
    atMs: nowMs,
    heardAtMs: nowMs,
    what: 'opened',
    actor,
    from: null,
    to: 'open',
    crew: null,
    reason: `reported-${report.source}`,
    note: ticket.words,
  };
  return { ticket, entry };
};

const noteOf = ({ source, reporter, words }: Report): string =>
  `${textOf(reporter) ?? source}: ${textOf(words) ?? '-'}`;

/**
 * A report on a machine whose ticket is open already: kept as a comment. A worse one raises the severity,
 * shortens the promise and ends the attendant's turn; one after the repair reopens, since it did not hold.
 */
export const joinReport = (
  current: Ticket,
  report: Report,
  actor: string,
  nowMs: number,
): readonly Written[] => {
  const request = { atMs: nowMs, heardAtMs: nowMs, actor, actorCrew: null };
  const said = step(current, {
    ...request,
    action: 'comment',
    reason: 'reported-again',
    note: noteOf(report),
  });
  if (!said.ok) throw new Error(`ticket ${current.id} takes no comment: ${said.detail}`);
  const severity = worse(current.severity, report.severity ?? DEFAULT_SEVERITY);
  const isWorse = severity !== current.severity;
  const raised: Ticket = isWorse
    ? { ...said.ticket, ...hastened(current, severity, nowMs), holdUntilMs: null }
    : said.ticket;
  const first = { ticket: raised, entry: isWorse ? { ...said.entry, what: 'severity-raised' } : said.entry };
  if (current.state !== 'resolved') return [first];
  const again = step(raised, { ...request, action: 'reopen', reason: 'reported-again' });
  if (!again.ok) throw new Error(`ticket ${current.id} does not reopen: ${again.detail}`);
  return [first, again];
};
