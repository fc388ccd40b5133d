import Type, { type Static } from 'typebox';
import { Iso, literals, nullable, Severity, Words } from './basics.ts';

/** Shapes around the nouns: the service itself, its first start, its catalogue, what it refused. */
export const Setup = Type.Object(
  {
    token: Type.String({ minLength: 1, maxLength: 256, description: 'from the link that `serve` printed' }),
    user: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._@-]{1,64}$', default: 'admin' })),
    password: Type.String({ maxLength: 1_000 }),
  },
  { additionalProperties: false },
);

export const Service = Type.Object({
  now: Iso,
  publicUrl: Type.String(),
  mqttUrl: nullable(Type.String({ description: 'where equipment connects' })),
});

const Kind = literals(['garage', 'appliance', 'both']);
const Limit = Type.Object({
  side: literals(['high', 'low']),
  at: Type.Number(),
  clear: Type.Number(),
  holdMs: Type.Number(),
  severity: Severity,
});
export const Catalogue = Type.Object({
  items: Type.Array(Type.Object({ id: Type.String(), kind: Kind, name: Words })),
  classes: Type.Array(Type.Object({ id: Type.String(), kind: Kind, name: Words })),
  faults: Type.Array(
    Type.Object({
      code: Type.String(),
      item: Type.String(),
      severity: Severity,
      response: literals(['crew', 'attendant']),
      name: Words,
      feels: Words,
      remedy: Words,
    }),
  ),
  signals: Type.Array(
    Type.Object({
      metric: Type.String(),
      item: Type.String(),
      unit: Type.String(),
      name: Words,
      limits: Type.Array(Limit),
      /** `counter` only grows, `state` is an operating condition: neither is judged by its level. */
      kind: literals(['level', 'counter', 'state']),
    }),
  ),
});

export const Reader = Type.Object({
  reader: Type.String({ description: '`recorder` stores readings, `watcher` runs the detectors' }),
  partition: Type.Integer(),
  offset: Type.Integer({ description: 'committed: where it would start again' }),
  reached: nullable(Type.Integer({ description: 'dealt with; null where it runs elsewhere' })),
  lagRecords: nullable(Type.Integer({ description: 'records before it; null where the log is elsewhere' })),
  lagMs: nullable(Type.Number({ description: '0 when it has caught up; null where it runs elsewhere' })),
  stopped: nullable(Type.String({ description: 'why it has stopped for good' })),
  here: Type.Boolean({ description: 'whether it runs in the process that answers' }),
});
export const Readers = Type.Object({ items: Type.Array(Reader) });

export const Quarantined = Type.Object({
  at: Iso,
  equipment: Type.String(),
  channel: Type.String(),
  reason: Type.String(),
  detail: Type.String(),
  payload: Type.String({ description: 'the first 2 KiB as text' }),
  partition: Type.Integer(),
  offset: Type.Integer(),
  index: Type.Integer(),
});
export const Quarantine = Type.Object({
  items: Type.Array(Quarantined),
  next: nullable(Type.String({ description: 'give it as ?cursor=' })),
  counts: Type.Array(Type.Object({ reason: Type.String(), count: Type.Integer() })),
});

export type CatalogueView = Static<typeof Catalogue>;
export type ReaderView = Static<typeof Reader>;
export type QuarantinedView = Static<typeof Quarantined>;
export type QuarantineView = Static<typeof Quarantine>;
