import Type, { type Static } from 'typebox';
import { Health, Id, Iso, literals, nullable, OnlineState, Position, Severity, Words } from './basics.ts';
import { Notice } from './notices.ts';

export * from './basics.ts';
export * from './notices.ts';
export * from './service.ts';

/**
 * The shapes of `/api/v1` (CONTRACT.md §4): they validate requests, shape answers and make the OpenAPI
 * document. Times named `…At` are ISO 8601 in UTC; plots use Unix ms. Texts for people come in both languages.
 */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    instance: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String({ description: 'stable name of what went wrong' })),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({
            description: '`#/at` of the body, `?name` of the query, `{name}` of the path',
          }),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { description: 'RFC 9457 problem document' },
);

export const Site = Type.Object({
  id: Id,
  name: Type.String(),
  position: nullable(Position),
  timeZone: Type.String(),
});

export const Latest = Type.Object({
  unit: Type.String(),
  metric: Type.String(),
  label: Words,
  unitOfMeasure: Type.String(),
  component: Type.String(),
  value: Type.Number(),
  at: Iso,
  ageMs: Type.Number(),
});

export const RemainingLife = Type.Object({
  unit: Type.String(),
  component: Type.String(),
  metric: Type.String(),
  limit: Type.Number(),
  at: Iso,
  earliestAt: Iso,
  latestAt: nullable(Iso),
});

/** `latest`, `remainingLife` and `series` are in the single equipment only. */
export const Equipment = Type.Object({
  id: Id,
  site: Id,
  name: Type.String(),
  model: Type.String(),
  class: Type.String(),
  className: Words,
  online: OnlineState,
  onlineAt: nullable(Iso),
  lastHeardAt: nullable(Iso),
  firmware: nullable(Type.String()),
  health: Health,
  activeAlerts: Type.Integer(),
  openTickets: Type.Array(Type.String()),
  /** Up to three values that tell how it is, for the fleet's small multiples. */
  latest: Type.Array(Latest),
  remainingLife: Type.Array(RemainingLife),
  warranty: Type.Null({ description: 'not recorded yet' }),
});

export const SeriesInfo = Type.Object({
  unit: Type.String(),
  metric: Type.String(),
  label: Words,
  unitOfMeasure: Type.String(),
  component: Type.String(),
  firstAt: Iso,
  lastAt: Iso,
});

export const EquipmentDetail = Type.Intersect([Equipment, Type.Object({ series: Type.Array(SeriesInfo) })]);

const numbers = Type.Array(nullable(Type.Number()));
export const Series = Type.Object({
  ts: Type.Array(Type.Number()),
  min: numbers,
  max: numbers,
  mean: numbers,
});

export const StoredReading = Type.Object({
  ts: Type.Number(),
  tsSource: literals(['device', 'receive']),
  unit: Type.String(),
  seq: nullable(Type.Number()),
  receivedAt: Iso,
  values: Type.Record(Type.String(), Type.Number()),
});

const Band = Type.Object({ low: Type.Number(), high: Type.Number() });
export const Evidence = Type.Object({
  detector: Type.Object({ name: Type.String(), version: Type.Integer() }),
  metric: nullable(Type.String()),
  code: nullable(Type.String()),
  window: Type.Object({ from: Iso, to: Iso }),
  expected: nullable(Band),
  seen: nullable(Type.Number()),
  crossing: nullable(
    Type.Object({ limit: Type.Number(), at: Iso, earliestAt: Iso, latestAt: nullable(Iso) }),
  ),
  sample: nullable(Type.Object({ ts: Type.Array(Type.Number()), value: Type.Array(Type.Number()) })),
  /** Other metrics that are part of it, the farthest off first. */
  others: Type.Array(
    Type.Object({ metric: Type.String(), expected: nullable(Band), seen: Type.Number(), since: Iso }),
  ),
  /** Null where there were too few of the same model, and for what they can't tell. */
  peers: nullable(
    Type.Object({
      model: Type.String(),
      count: Type.Integer({ description: 'machines that were compared' }),
      band: Band,
      /** Healthy ones to look at, nearest to the middle first. */
      sample: Type.Array(Type.Object({ equipment: Id, unit: Type.String(), level: Type.Number() })),
    }),
  ),
  rules: nullable(Type.String({ description: 'version of the rules that it was judged by' })),
  detail: nullable(Type.String()),
});

export const Alert = Type.Object({
  id: Type.String(),
  equipment: Id,
  unit: Type.String(),
  component: Type.String(),
  rule: Type.String(),
  severity: Severity,
  state: literals(['active', 'cleared']),
  raisedAt: Iso,
  updatedAt: Iso,
  clearedAt: nullable(Iso),
  acknowledgedAt: nullable(Iso),
  acknowledgedBy: nullable(Type.String()),
  ticket: nullable(Type.String()),
  /** One sentence: what, where, how bad, by when. */
  summary: Words,
  evidence: Evidence,
});

export const AlertEntry = Type.Object({
  at: Iso,
  type: Type.String(),
  reason: Type.String(),
  actor: nullable(Type.String()),
  note: nullable(Type.String()),
});
export const AlertDetail = Type.Intersect([Alert, Type.Object({ timeline: Type.Array(AlertEntry) })]);

export const TicketState = literals([
  'open',
  'dispatched',
  'acknowledged',
  'enroute',
  'onsite',
  'waiting',
  'resolved',
  'closed',
  'cancelled',
]);
export const TicketAction = literals([
  'acknowledge',
  'decline',
  'handover',
  'depart',
  'arrive',
  'wait',
  'resume',
  'resolve',
  'close',
  'reopen',
  'cancel',
  'assign',
  'comment',
]);

export const Ticket = Type.Object({
  id: Type.String(),
  equipment: Id,
  equipmentName: Type.String(),
  unit: Type.String(),
  site: Id,
  siteName: Type.String(),
  position: nullable(Position),
  component: Type.String(),
  componentName: Words,
  cause: Type.String(),
  severity: Severity,
  state: TicketState,
  source: literals(['telemetry', 'fault', 'hotline', 'QR', 'attendant', 'crew']),
  version: Type.Integer(),
  openedAt: Iso,
  updatedAt: Iso,
  alerts: Type.Array(Type.String()),
  crew: nullable(Type.String()),
  crewName: nullable(Type.String()),
  acknowledgeBy: nullable(Iso),
  heldUntil: nullable(Iso),
  acknowledgedAt: nullable(Iso),
  departedAt: nullable(Iso),
  arrivedAt: nullable(Iso),
  etaAt: nullable(Iso),
  dueAt: Iso,
  resolvedAt: nullable(Iso),
  closedAt: nullable(Iso),
  closeReason: nullable(Type.String()),
  reporter: nullable(Type.String()),
  words: nullable(Type.String()),
  /** One sentence: what, where, how bad, by when. */
  summary: Words,
  /** What to bring or do. */
  bring: Words,
  evidence: nullable(Evidence),
});

export const TicketEntry = Type.Object({
  version: Type.Integer(),
  at: Iso,
  heardAt: Iso,
  what: Type.String(),
  actor: Type.String(),
  from: nullable(TicketState),
  to: TicketState,
  crew: nullable(Type.String()),
  reason: nullable(Type.String()),
  note: nullable(Type.String()),
});
export const TicketDetail = Type.Intersect([Ticket, Type.Object({ timeline: Type.Array(TicketEntry) })]);

export const NewTicket = Type.Object(
  {
    equipment: Id,
    unit: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{0,64}$' })),
    /** Maintainable item; `body` where the reporter can't tell. */
    component: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    severity: Type.Optional(literals(['S1', 'S2', 'S3'])),
    source: literals(['hotline', 'QR', 'attendant', 'crew']),
    reporter: Type.Optional(Type.String({ maxLength: 200 })),
    words: Type.Optional(Type.String({ maxLength: 2_000 })),
  },
  { additionalProperties: false },
);

export const TicketStep = Type.Object(
  {
    at: Type.Optional(Type.String({ description: 'when it was done on the phone, ISO 8601' })),
    note: Type.Optional(Type.String({ maxLength: 4_000 })),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    crew: Type.Optional(Id),
  },
  { additionalProperties: false },
);

/** A gauge reading that a person took. */
export const Measurement = Type.Object(
  {
    ts: Type.Optional(
      Type.Union([Type.Integer(), Type.String({ maxLength: 40 })], {
        description: 'when it was read, Unix ms or ISO 8601; default: now',
      }),
    ),
    unit: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{0,64}$' })),
    values: Type.Record(Type.String(), Type.Number(), {
      minProperties: 1,
      maxProperties: 64,
      description: 'numbers by metric name',
    }),
  },
  { additionalProperties: false },
);

/** A ticket as a step left it. `alreadyAcknowledged`: it was acknowledged before; the note was kept. */
export const SteppedTicket = Type.Intersect([
  TicketDetail,
  Type.Object({ alreadyAcknowledged: Type.Optional(Type.Boolean()) }),
]);

/** Body of what needs no more than a word. */
export const Note = Type.Object(
  { note: Type.Optional(Type.String({ maxLength: 4_000 })) },
  { additionalProperties: false },
);

export const Shift = Type.Object({
  days: Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, maxItems: 7 }),
  from: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' }),
  to: Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$|^24:00$' }),
});
export const Crew = Type.Object(
  {
    id: Id,
    name: Type.String({ minLength: 1, maxLength: 200 }),
    station: nullable(Type.String({ maxLength: 64 })),
    position: Position,
    skills: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 64 }),
    shifts: Type.Array(Shift, { maxItems: 32 }),
    timeZone: Type.String(),
    active: Type.Boolean(),
  },
  { additionalProperties: false },
);

export const Role = literals(['viewer', 'attendant', 'crew', 'dispatcher', 'admin']);
export const Session = Type.Object({ user: Type.String(), role: Role, crew: nullable(Type.String()) });
export const SignIn = Type.Object(
  { user: Type.String({ maxLength: 200 }), password: Type.String({ maxLength: 1_000 }) },
  { additionalProperties: false },
);

/** A crew without its id, every field optional. */
export const CrewChange = Type.Object(Type.Partial(Type.Omit(Crew, ['id'])).properties, {
  additionalProperties: false,
});

/** Data of the server-sent events, by event name. */
export const ReadingEvent = Type.Object({ equipment: Id, latest: Type.Array(Latest) });
export const AlertEvent = Type.Object({ what: Type.String(), alert: Alert });
export const TicketEvent = Type.Object({ what: Type.String(), ticket: Ticket });
export const EquipmentEvent = Type.Object({ what: Type.String(), equipment: Equipment });

/** Only to those whose inbox it is in. */
export const NoticeEvent = Type.Object({ what: Type.String(), notice: Notice });

export const list = <S extends Type.TSchema>(item: S) =>
  Type.Object({
    items: Type.Array(item),
    next: nullable(Type.String({ description: 'give it as ?cursor=' })),
  });

export type SiteView = Static<typeof Site>;
export type EquipmentView = Static<typeof Equipment>;
export type EquipmentDetailView = Static<typeof EquipmentDetail>;
export type LatestView = Static<typeof Latest>;
export type AlertView = Static<typeof Alert>;
export type AlertDetailView = Static<typeof AlertDetail>;
export type TicketView = Static<typeof Ticket>;
export type TicketDetailView = Static<typeof TicketDetail>;
export type TicketEntryView = Static<typeof TicketEntry>;
export type CrewView = Static<typeof Crew>;
export type SessionView = Static<typeof Session>;
export type SeriesView = Static<typeof Series>;
export type EvidenceView = Static<typeof Evidence>;
export type StoredReadingView = Static<typeof StoredReading>;
export type SteppedTicketView = Static<typeof SteppedTicket>;
export type ListView<T> = { readonly items: readonly T[]; readonly next: string | null };
