import type { Static } from 'typebox';
import { personConnection } from '../../core/equipment/connection.ts';
import { decodeTelemetry, type RejectReason } from '../../core/telemetry/decode.ts';
import type { LedgerNouns } from '../../store/ledger.ts';
import { who } from '../access/guard.ts';
import type { Identity } from '../access/identity.ts';
import type { Context, HttpApp } from '../context.ts';
import { Measurement, StoredReading } from '../contract/schemas.ts';
import { done, KeyedHeaders, type Outcome, once, refuse } from '../once.ts';
import { notFound, type Problem, problemResponses, unprocessable } from '../problem.ts';
import { readingView } from '../views/reading.ts';
import { parseTime } from '../views/time.ts';
import { IdParams } from './shapes.ts';

const NO_LOG: Problem = {
  status: 503,
  reason: 'no-log-here',
  detail: 'this process has no log to store it in: send it to one with the role broker, ingest or dispatch',
};

const POINTERS: Partial<Record<RejectReason, string>> = {
  'bad-ts': '#/ts',
  future: '#/ts',
  'bad-unit': '#/unit',
};

/** Takes the way of every reading, through the log, so that it is stored as safely and only once. */
const measure = async (
  tx: LedgerNouns,
  { log }: Context,
  nowMs: number,
  { actor }: Identity,
  id: string,
  { ts, unit, values }: Static<typeof Measurement>,
): Promise<Outcome> => {
  const equipment = await tx.equipment.get(id);
  if (!equipment) return refuse(notFound('equipment', id));
  if (!log) return refuse(NO_LOG);
  const tsMs = typeof ts === 'string' ? parseTime(ts) : (ts ?? nowMs);
  if (tsMs === null)
    return refuse(unprocessable('#/ts', 'bad-time', 'use ISO 8601, as 2026-01-31T08:00:00Z, or Unix ms'));
  const message = {
    equipment: id,
    receivedAtMs: nowMs,
    connectionId: personConnection(actor),
    payload: Buffer.from(JSON.stringify({ ts: tsMs, ...(unit ? { unit } : {}), values })),
  };
  const { readings, rejected } = decodeTelemetry(message);
  const [reading] = readings;
  const [bad] = rejected;
  if (bad) return refuse(unprocessable(POINTERS[bad.reason] ?? '#/values', bad.reason, bad.detail));
  if (!reading) throw new Error('a reading was neither decoded nor rejected');
  await tx.audit.add({
    atMs: nowMs,
    actor,
    action: 'measurement.added',
    subject: id,
    detail: { unit: reading.unit, tsMs: reading.tsMs, metrics: Object.keys(reading.values) },
  });
  // Last: what is in the log stays there, whatever becomes of the transaction.
  await log.append({ kind: 'message', site: equipment.site, channel: 'telemetry', ...message });
  return done(readingView(reading), 202);
};

export const measurementRoutes = (app: HttpApp, context: Context): void => {
  app.post(
    '/equipment/:id/measurements',
    {
      config: { access: 'attendant' },
      schema: {
        tags: ['telemetry'],
        summary: 'Store a gauge reading that a person took',
        description:
          'Durable when it is answered, in the series soon after. It says nothing about whether the machine is ' +
          'online, and the detectors do not judge it. Of two with the same time, unit and metric the first stays.',
        params: IdParams,
        headers: KeyedHeaders,
        body: Measurement,
        response: { 202: StoredReading, ...problemResponses },
      },
    },
    (request, reply) => {
      // Once for all attempts: what the log holds already must come again as the same reading.
      const nowMs = context.clock();
      return once(context, request, reply, (tx) =>
        measure(tx, context, nowMs, who(request), request.params.id, request.body),
      );
    },
  );
};
