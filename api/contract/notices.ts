import Type, { type Static } from 'typebox';
import { NOTICE_KINDS } from '../../core/notice/notice.ts';
import { MAX_PER_MINUTE, MAX_URL_CHARACTERS } from '../../core/notice/settings.ts';
import { Id, Iso, literals, nullable, Severity, Words } from './basics.ts';

/** Shapes of what is said to whom: the inbox, channels, deliveries, and the message that a webhook gets. */
export const NoticeKind = literals([...NOTICE_KINDS]);
const Language = literals(['en', 'zh', 'both']);
const ChannelAudience = Type.String({
  maxLength: 80,
  description: 'dispatcher, admin, attendant, all, crew:ID, station:ID or site:ID',
});

export const Notice = Type.Object({
  id: Type.String(),
  kind: NoticeKind,
  at: Iso,
  audience: Type.String(),
  severity: nullable(Severity),
  reason: nullable(Type.String()),
  crew: nullable(Type.String()),
  channel: nullable(Type.String()),
  ticket: nullable(Type.String()),
  equipment: nullable(Type.String()),
  needsAcknowledgement: Type.Boolean(),
  holds: Type.Boolean({ description: 'false: events have passed it, as an acknowledgement does a page' }),
  words: Words,
});
export const InboxNotice = Type.Intersect([Notice, Type.Object({ read: Type.Boolean() })]);
export const Inbox = Type.Object({
  items: Type.Array(InboxNotice),
  next: nullable(Type.String({ description: 'give it as ?cursor=' })),
  unread: Type.Integer({ description: 'up to 1,000' }),
});
export const ReadNotices = Type.Object(
  { ids: Type.Array(Type.String({ maxLength: 400 }), { minItems: 1, maxItems: 500 }) },
  { additionalProperties: false },
);
export const Unread = Type.Object({ unread: Type.Integer() });

const settings = {
  url: Type.String({ minLength: 1, maxLength: MAX_URL_CHARACTERS }),
  audience: ChannelAudience,
  language: Language,
  perMinute: Type.Integer({ minimum: 1, maximum: MAX_PER_MINUTE, description: 'messages; more go together' }),
  disabled: Type.Boolean(),
};

export const Channel = Type.Object({
  ...settings,
  id: Id,
  kind: literals(['webhook']),
  url: Type.String({ description: 'its server and its end; the rest is often a key' }),
  createdAt: Iso,
  lastSentAt: nullable(Iso),
  failures: Type.Integer({ description: 'attempts that failed since one succeeded' }),
  pausedUntil: nullable(Iso),
  pauseReason: nullable(Type.String()),
});
const once = 'shown in this answer alone; null when the request is repeated';
export const CreatedChannel = Type.Intersect([
  Channel,
  Type.Object({ secret: nullable(Type.String({ description: once })) }),
]);

export const NewChannel = Type.Object(
  {
    id: Id,
    kind: Type.Optional(literals(['webhook'])),
    url: settings.url,
    audience: ChannelAudience,
    language: Type.Optional(Language),
    perMinute: Type.Optional(settings.perMinute),
  },
  { additionalProperties: false },
);
export const ChannelChange = Type.Object(Type.Partial(Type.Object(settings)).properties, {
  additionalProperties: false,
});

export const DeliveryState = literals(['waiting', 'sending', 'sent', 'dead', 'dropped', 'dismissed']);
export const Delivery = Type.Object({
  id: Type.Integer(),
  channel: Type.String(),
  state: DeliveryState,
  attempts: Type.Integer(),
  createdAt: Iso,
  dueAt: Iso,
  endedAt: nullable(Iso),
  reason: nullable(Type.String({ description: 'why it failed, was given up or dropped' })),
  message: nullable(Type.String({ description: 'webhook-id of the message' })),
  notice: Notice,
});
export const TestStarted = Type.Object({ delivery: Type.Integer({ description: 'see /deliveries/{id}' }) });
export const OutboxSummary = Type.Object({
  waiting: Type.Integer(),
  sending: Type.Integer(),
  dead: Type.Integer(),
  oldestAt: nullable(Iso),
  pausedChannels: Type.Integer(),
});

/** The body of a webhook, `application/json`. */
export const WebhookMessage = Type.Object({
  type: literals(['precall.notices']),
  timestamp: Iso,
  data: Type.Object({
    notices: Type.Array(
      Type.Object({
        id: Type.String({ description: 'the same whenever it is sent again' }),
        kind: NoticeKind,
        at: Iso,
        audience: Type.String(),
        needsAcknowledgement: Type.Boolean(),
        reason: nullable(Type.String()),
        channel: nullable(Type.String()),
        words: Words,
        text: Type.String({ description: "the words in the channel's language" }),
        ticket: nullable(
          Type.Object({
            id: Type.String(),
            url: Type.String(),
            state: Type.String(),
            severity: Severity,
            site: Type.String(),
            equipment: Type.String(),
            unit: Type.String(),
            component: Type.String(),
            cause: Type.String(),
            crew: nullable(Type.String()),
            openedAt: Iso,
            acknowledgeBy: nullable(Iso),
            dueAt: Iso,
          }),
        ),
      }),
    ),
  }),
});

export type NoticeView = Static<typeof Notice>;
export type InboxView = Static<typeof Inbox>;
export type InboxNoticeView = Static<typeof InboxNotice>;
export type ChannelView = Static<typeof Channel>;
export type DeliveryView = Static<typeof Delivery>;
