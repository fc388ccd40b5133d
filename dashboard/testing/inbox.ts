import type { InboxView } from '../../api/contract/schemas.ts';
import type { Town } from './town.ts';

type Item = InboxView['items'][number];

/** What was said in the made-up town: to its dispatchers, and to the crew of its first job. */
const noticesOf = (town: Town, nowMs: number): Item[] => {
  const of = (minutes: number, item: Partial<Item> & Pick<Item, 'kind' | 'words' | 'audience'>): Item => ({
    id: `n-${minutes}`,
    at: new Date(nowMs - minutes * 60_000).toISOString(),
    ...{ severity: 'S2', reason: null, crew: null, channel: null, ticket: null, equipment: null },
    ...{ needsAcknowledgement: false, holds: true, read: false },
    ...item,
  });
  const [first, second] = town.tickets.map(({ ticket }) => ticket);
  if (!first || !second) return [];
  const about = (ticket: typeof first) => ({ ticket: ticket.id, equipment: ticket.equipment });
  return [
    of(2, {
      kind: 'escalated',
      audience: 'dispatcher',
      severity: 'S1',
      needsAcknowledgement: true,
      words: {
        en: 'Bay 7 hoist, Wulin: nobody has accepted for 6 min, two crews were asked',
        zh: '武林车库 7 号位提升：6 分钟无人接单，已问过两个班组',
      },
      ...about(first),
    }),
    of(9, {
      kind: 'assigned',
      audience: 'crew:crew-1',
      needsAcknowledgement: true,
      words: { en: 'Bay 7 hoist, Wulin: please accept', zh: '武林车库 7 号位提升：请接单' },
      ...about(first),
    }),
    of(31, {
      kind: 'declined',
      audience: 'dispatcher',
      holds: false,
      words: { en: 'A crew cannot take the job: no part on the van', zh: '班组接不了：车上没有配件' },
      ...about(second),
    }),
    of(95, {
      kind: 'channel-paused',
      audience: 'dispatcher',
      severity: null,
      read: true,
      words: { en: 'The channel desk-hook fails and pauses', zh: '渠道 desk-hook 发送失败，已暂停' },
    }),
  ];
};

export interface StandInInbox {
  list(audience: string): InboxView;
  read(ids: readonly string[], audience: string): { readonly unread: number };
}

export const newInbox = (town: Town, nowMs: number): StandInInbox => {
  let items = noticesOf(town, nowMs);
  const of = (audience: string): Item[] => items.filter((item) => item.audience === audience);
  const unreadOf = (audience: string): number => of(audience).filter(({ read }) => !read).length;
  return {
    list: (audience) => ({ items: of(audience), next: null, unread: unreadOf(audience) }),
    read: (ids, audience) => {
      items = items.map((item) => (ids.includes(item.id) ? { ...item, read: true } : item));
      return { unread: unreadOf(audience) };
    },
  };
};
