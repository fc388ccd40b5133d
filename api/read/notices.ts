import type { Catalogue } from '../../core/fault/catalogue.ts';
import { type Notice, PAGES } from '../../core/notice/notice.ts';
import { staleOf } from '../../core/notice/relevance.ts';
import { noticeWords } from '../../core/notice/words.ts';
import type { LedgerNouns } from '../../store/ledger.ts';
import type { NoticeView } from '../contract/notices.ts';
import { iso } from '../views/time.ts';
import { byId, readTickets } from './tickets.ts';

/** Notices in words, with whether they still hold, in their order. */
export const readNotices = async (
  nouns: LedgerNouns,
  catalogue: Catalogue,
  notices: readonly Notice[],
  nowMs: number,
): Promise<NoticeView[]> => {
  const tickets = await byId(
    notices.map(({ ticket }) => ticket),
    (id) => nouns.tickets.get(id),
  );
  const views = new Map(
    (await readTickets(nouns, catalogue, [...tickets.values()])).map((view) => [view.id, view]),
  );
  return notices.map((notice) => {
    const ticket = notice.ticket === null ? undefined : tickets.get(notice.ticket);
    const view = notice.ticket === null ? undefined : views.get(notice.ticket);
    const about = view && { place: `${view.siteName} ${view.equipmentName}`.trim(), summary: view.summary };
    return {
      id: notice.id,
      kind: notice.kind,
      at: iso(notice.atMs),
      audience: notice.audience,
      severity: notice.severity,
      reason: notice.reason,
      crew: notice.crew,
      channel: notice.channel,
      ticket: notice.ticket,
      equipment: ticket?.equipment ?? null,
      needsAcknowledgement: PAGES.has(notice.kind),
      holds: ticket === undefined || staleOf(notice, ticket, nowMs) === null,
      words: noticeWords(notice, about ?? null),
    };
  });
};
