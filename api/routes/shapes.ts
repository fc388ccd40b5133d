import Type from 'typebox';
import { SERIES_NAME } from '../../core/telemetry/derived.ts';
import { badQuery, type Problem } from '../problem.ts';
import { parseTime } from '../views/time.ts';

/** Parts of requests that several routes share. */
export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1_000;

export const paging = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, description: 'rows of a page' }),
  ),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 512, description: '`next` of the page before' }),
  ),
};

/** A query with these fields and no other: a mistyped name is told, not ignored. */
export const query = <P extends Type.TProperties>(fields: P) =>
  Type.Object(fields, { additionalProperties: false });

export const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });
export const EquipmentId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'equipment id' });
export const UnitName = Type.String({
  pattern: '^[A-Za-z0-9_-]{0,64}$',
  description: 'bay, lift, shuttle; empty: the machine itself',
});
/** What a machine measures, or what the service works out beside it: `hoistCurrentA`, `hoistCurrentA.low`. */
export const MetricName = Type.String({ pattern: SERIES_NAME.source });
export const Time = Type.String({ maxLength: 40, description: 'ISO 8601 (without a zone: UTC) or Unix ms' });

export const pageOf = (asked: { limit?: number; cursor?: string }) => ({
  limit: asked.limit ?? DEFAULT_LIMIT,
  cursor: asked.cursor,
});

const DAY_MS = 86_400_000;

/** `from` and `to` of a query, half-open; by default the day up to now. */
export const rangeOf = (
  asked: { from?: string; to?: string },
  nowMs: number,
): { ok: true; fromMs: number; toMs: number } | { ok: false; problem: Problem } => {
  const wrong = (name: string, detail: string) => ({ ok: false, problem: badQuery(name, detail) }) as const;
  const toMs = asked.to === undefined ? nowMs : parseTime(asked.to);
  if (toMs === null) return wrong('to', 'is not a time: use ISO 8601 or Unix ms');
  const fromMs = asked.from === undefined ? toMs - DAY_MS : parseTime(asked.from);
  if (fromMs === null) return wrong('from', 'is not a time: use ISO 8601 or Unix ms');
  if (fromMs >= toMs) return wrong('from', 'must be before `to`');
  return { ok: true, fromMs, toMs };
};
