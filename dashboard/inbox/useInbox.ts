import { useEffect, useRef } from 'preact/hooks';
import type { InboxView } from '../../api/contract/schemas.ts';
import { get } from '../client/http.ts';
import { type Resource, useResource } from '../client/resource.ts';
import { useRows } from '../client/rows.ts';
import { onLive } from '../live/events.ts';
import { unread } from '../live/inbox.ts';

export interface InboxState {
  readonly inbox: Resource<InboxView>;
  readonly more: (() => void) | null;
}

/** What was said to this person, newest first, and what comes while it is looked at. */
export const useInbox = (): InboxState => {
  const { rows, more } = useRows();
  const inbox = useResource<InboxView>('inbox', async (signal) => {
    const answer = await get<InboxView>('/notices', { limit: rows }, signal);
    if (answer.ok) unread.value = answer.value.unread;
    return answer;
  });
  const reload = useRef(inbox.reload);
  reload.current = inbox.reload;
  useEffect(() => onLive('notice', () => reload.current()), []);
  return { inbox, more: more(inbox) };
};
