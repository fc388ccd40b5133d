import { useEffect, useRef, useState } from 'preact/hooks';
import type { InboxView } from '../../api/contract/schemas.ts';
import { get } from '../client/http.ts';
import { type Resource, useResource } from '../client/resource.ts';
import { onLive } from '../live/events.ts';
import { unread } from '../live/inbox.ts';

const PAGE_ROWS = 50;
/** Whoever looks for more than this looks at tickets. */
export const MAX_ROWS = 500;

export interface InboxState {
  readonly inbox: Resource<InboxView>;
  /** Loads one more page; null where there is none, or enough is shown. */
  readonly more: (() => void) | null;
}

/** What was said to this person, newest first, and what comes while it is looked at. */
export const useInbox = (): InboxState => {
  const [rows, setRows] = useState(PAGE_ROWS);
  const inbox = useResource<InboxView>('inbox', async (signal) => {
    const answer = await get<InboxView>('/notices', { limit: rows }, signal);
    if (answer.ok) unread.value = answer.value.unread;
    return answer;
  });
  const reload = useRef(inbox.reload);
  reload.current = inbox.reload;
  useEffect(() => onLive('notice', () => reload.current()), []);
  const canGrow = inbox.value !== null && inbox.value.next !== null && rows < MAX_ROWS;
  return {
    inbox,
    more: canGrow
      ? () => {
          setRows((before) => Math.min(MAX_ROWS, before + PAGE_ROWS));
          inbox.reload();
        }
      : null,
  };
};
