import { signal } from '@preact/signals';
import type { InboxView, NoticeView } from '../../api/contract/schemas.ts';
import { get } from '../client/http.ts';
import { onLive } from './events.ts';

/** The server counts no further: what is more is shown as this and a plus. */
export const MAX_UNREAD = 1_000;

/** How many notices this person has not read. */
export const unread = signal(0);

/** Somebody was told something: counted here, asked for anew where the page is open. */
export const followInbox = (): (() => void) =>
  onLive('notice', () => {
    unread.value = Math.min(MAX_UNREAD, unread.peek() + 1);
  });

/** A failure leaves the count as it was: it is only a number in the bar, and the page says what is wrong. */
export const loadUnread = async (signal?: AbortSignal): Promise<void> => {
  const answer = await get<InboxView>('/notices', { limit: 1 }, signal);
  if (answer.ok) unread.value = answer.value.unread;
};

export type InboxNotice = InboxView['items'][number];

/** Where a notice leads: the job on a crew's phone, the ticket at the desk; nowhere without a ticket. */
export const placeOf = (notice: Pick<NoticeView, 'ticket'>, role: string | undefined): string | null =>
  notice.ticket === null
    ? null
    : `${role === 'crew' ? '/crew' : '/tickets'}/${encodeURIComponent(notice.ticket)}`;
