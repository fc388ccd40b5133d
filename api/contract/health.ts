import Type, { type Static } from 'typebox';

/** What may be wrong with the service, by name: people's words for it are the dashboard's. */
export const HEALTH_CODES = [
  'log-broken',
  'log-filling',
  'log-full',
  'recorder-stopped',
  'watcher-stopped',
  'ledger-away',
  'ledger-not-written',
  'telemetry-away',
  'notices-dead',
  'channels-paused',
  'notices-late',
] as const;
export type HealthCode = (typeof HEALTH_CODES)[number];

/** What `/readyz` answers. */
export const Readiness = Type.Object({
  ready: Type.Boolean(),
  codes: Type.Array(Type.Enum([...HEALTH_CODES])),
  reasons: Type.Array(Type.String()),
  notes: Type.Optional(Type.Array(Type.String())),
});
export type ReadinessView = Static<typeof Readiness>;
