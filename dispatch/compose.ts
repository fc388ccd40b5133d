import { alertWords, reportWords } from '../core/alert/words.ts';
import type { Catalogue, Words } from '../core/fault/catalogue.ts';
import { type NoticeFacts, noticeFacts, ticketFacts } from '../core/notice/message.ts';
import type { Notice } from '../core/notice/notice.ts';
import { noticeWords } from '../core/notice/words.ts';
import type { Ticket } from '../core/ticket/ticket.ts';
import type { LedgerNouns } from '../store/ledger.ts';
import type { Channel } from '../store/notices.ts';

/** What the machine says; what a person said stays in the service, since it may name people. */
const summaryOf = async (tx: LedgerNouns, catalogue: Catalogue, ticket: Ticket): Promise<Words> => {
  const [leading] = ticket.alerts;
  const alert = leading === undefined ? null : await tx.alerts.get(leading);
  return alert === null ? reportWords(catalogue, { ...ticket, words: null }) : alertWords(catalogue, alert);
};

const placeOf = async (tx: LedgerNouns, ticket: Ticket): Promise<string> => {
  const [site, equipment] = [await tx.sites.get(ticket.site), await tx.equipment.get(ticket.equipment)];
  return [site?.name ?? ticket.site, equipment?.name ?? ticket.equipment].filter(Boolean).join(' ');
};

/** What a message says of one notice, with the ticket as it stands now. */
export const compose = async (
  tx: LedgerNouns,
  catalogue: Catalogue,
  publicUrl: string,
  notice: Notice,
  channel: Channel,
): Promise<NoticeFacts> => {
  const ticket = notice.ticket === null ? null : await tx.tickets.get(notice.ticket);
  if (ticket === null) return noticeFacts(notice, noticeWords(notice, null), channel.language, null);
  const about = {
    place: await placeOf(tx, ticket),
    summary: await summaryOf(tx, catalogue, ticket),
  };
  const words = noticeWords(notice, about);
  return noticeFacts(notice, words, channel.language, ticketFacts(ticket, publicUrl));
};
