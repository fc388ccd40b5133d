import type { Ticket } from '../ticket/ticket.ts';

/** What is said. `docs/notices.md` says to whom, and when it is no longer true. */
export type NoticeKind =
  | 'attendant-asked'
  | 'assigned'
  | 'withdrawn'
  | 'declined'
  | 'not-acknowledged'
  | 'no-crew'
  | 'escalated'
  | 'severity-raised'
  | 'promise-at-risk'
  | 'promise-broken'
  | 'recovery-not-seen'
  | 'reopened'
  | 'cancelled'
  | 'closed'
  | 'channel-paused'
  | 'test';

/** Somebody, by what they are here: never a person's name or number. */
export type Audience = 'dispatcher' | 'admin' | 'attendant' | `crew:${string}` | `station:${string}`;

/** Whom a channel belongs to. `site:ID` hears what is said of the site's tickets, `all` hears everything. */
export type ChannelAudience = Audience | `site:${string}` | 'all';

/**
 * One thing said to one audience. The id is derived from what caused it, so that saying it again is the same notice.
 * It carries no words: they are made when it is shown or sent, in the language of whoever reads.
 */
export interface Notice {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly audience: Audience;
  readonly atMs: number;
  /** The ticket and its version with the line that caused this; null for what is not about a ticket. */
  readonly ticket: string | null;
  readonly version: number;
  readonly site: string | null;
  readonly severity: Ticket['severity'] | null;
  /** The crew that it is about: asked, let go, told. */
  readonly crew: string | null;
  /** The channel that it is about (`channel-paused`, `test`). */
  readonly channel: string | null;
  /** A named reason, from the line of the timeline. */
  readonly reason: string | null;
}

/** Said until somebody acknowledges the ticket, and never after. */
export const PAGES: ReadonlySet<NoticeKind> = new Set(['assigned', 'escalated']);

export const NOTICE_KINDS: readonly NoticeKind[] = [
  'attendant-asked',
  'assigned',
  'withdrawn',
  'declined',
  'not-acknowledged',
  'no-crew',
  'escalated',
  'severity-raised',
  'promise-at-risk',
  'promise-broken',
  'recovery-not-seen',
  'reopened',
  'cancelled',
  'closed',
  'channel-paused',
  'test',
];

const NAMED = /^(?:crew|station|site):[A-Za-z0-9_-]{1,64}$/;
const PLAIN: ReadonlySet<string> = new Set(['dispatcher', 'admin', 'attendant', 'all']);

export const isChannelAudience = (text: string): text is ChannelAudience =>
  PLAIN.has(text) || NAMED.test(text);

/** Whether a channel with this id and audience is told of the notice. A channel never tells of its own pause. */
export const hears = (
  channel: { readonly id: string; readonly audience: ChannelAudience },
  notice: Pick<Notice, 'kind' | 'audience' | 'site' | 'channel'>,
): boolean => {
  if (notice.kind === 'test') return notice.channel === channel.id;
  if (notice.channel === channel.id) return false;
  if (channel.audience === 'all' || channel.audience === notice.audience) return true;
  return notice.site !== null && channel.audience === `site:${notice.site}`;
};
