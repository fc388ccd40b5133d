import type { Words } from '../fault/catalogue.ts';
import type { Ticket } from '../ticket/ticket.ts';
import { type Notice, PAGES } from './notice.ts';

/** In which language a channel is read; `both` puts one under the other. */
export type Language = 'en' | 'zh' | 'both';

/** A ticket as a message tells of it: nothing that a person wrote, no names of people. */
export interface TicketFacts {
  readonly id: string;
  readonly url: string;
  readonly state: Ticket['state'];
  readonly severity: Ticket['severity'];
  readonly site: string;
  readonly equipment: string;
  readonly unit: string;
  readonly component: string;
  readonly cause: string;
  readonly crew: string | null;
  readonly openedAt: string;
  readonly acknowledgeBy: string | null;
  readonly dueAt: string;
}

/** One notice of a message. Its shape stands in api/contract/notices.ts and in OpenAPI. */
export interface NoticeFacts {
  /** The same whenever it is sent again: what a receiver has by this id, it has. */
  readonly id: string;
  readonly kind: Notice['kind'];
  readonly at: string;
  readonly audience: string;
  readonly needsAcknowledgement: boolean;
  readonly reason: string | null;
  readonly channel: string | null;
  readonly words: Words;
  /** The words in the language of the channel. */
  readonly text: string;
  readonly ticket: TicketFacts | null;
}

export interface Message {
  readonly type: 'precall.notices';
  readonly timestamp: string;
  readonly data: { readonly notices: readonly NoticeFacts[] };
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

export const textIn = (words: Words, language: Language): string =>
  language === 'both' ? `${words.zh}\n${words.en}` : words[language];

export const ticketFacts = (ticket: Ticket, publicUrl: string): TicketFacts => ({
  id: ticket.id,
  url: `${publicUrl}/tickets/${encodeURIComponent(ticket.id)}`,
  state: ticket.state,
  severity: ticket.severity,
  site: ticket.site,
  equipment: ticket.equipment,
  unit: ticket.unit,
  component: ticket.component,
  cause: ticket.cause,
  crew: ticket.crew,
  openedAt: iso(ticket.openedAtMs),
  acknowledgeBy: ticket.acknowledgeByMs === null ? null : iso(ticket.acknowledgeByMs),
  dueAt: iso(ticket.dueAtMs),
});

export const noticeFacts = (
  notice: Notice,
  words: Words,
  language: Language,
  ticket: TicketFacts | null,
): NoticeFacts => ({
  id: notice.id,
  kind: notice.kind,
  at: iso(notice.atMs),
  audience: notice.audience,
  needsAcknowledgement: PAGES.has(notice.kind),
  reason: notice.reason,
  channel: notice.channel,
  words,
  text: textIn(words, language),
  ticket,
});

export const message = (notices: readonly NoticeFacts[], nowMs: number): Message => ({
  type: 'precall.notices',
  timestamp: iso(nowMs),
  data: { notices },
});
