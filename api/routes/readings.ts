import { Readable } from 'node:stream';
import Type from 'typebox';
import { CursorError } from '../../store/ledger.ts';
import type { ReadingsPage, ReadingsQuery, TelemetryStore } from '../../store/telemetry.ts';
import type { Context, HttpApp } from '../context.ts';
import { list, StoredReading } from '../contract/schemas.ts';
import { notFound, problemResponses, sendProblem } from '../problem.ts';
import { csvHeader, csvLine, readingView } from '../views/reading.ts';
import { IdParams, MetricName, pageOf, paging, query, rangeOf, Time, UnitName } from './shapes.ts';

/** Readings that are in memory at a time while a range is streamed. */
const CSV_PAGE = 2_000;

type Range = Omit<ReadingsQuery, 'limit' | 'cursor'>;

/** The metrics of the range, in the order of the alphabet: the columns must be known before the first line. */
const columnsOf = async (telemetry: TelemetryStore, range: Range): Promise<readonly string[]> => {
  if (range.metric !== undefined) return [range.metric];
  const series = await telemetry.list(range.equipment);
  const own = series.filter(
    ({ unit, firstMs, lastMs }) =>
      (range.unit === undefined || unit === range.unit) && firstMs < range.toMs && lastMs >= range.fromMs,
  );
  return [...new Set(own.map(({ metric }) => metric))].sort();
};

/** The store refuses a cursor that isn't its own with a RangeError; the rest of the query was checked here. */
const pageOfReadings = async (
  telemetry: TelemetryStore,
  range: Range,
  limit: number,
  cursor: string | undefined,
): Promise<ReadingsPage> => {
  if (cursor === undefined) return telemetry.readings({ ...range, limit });
  try {
    return await telemetry.readings({ ...range, limit, cursor });
  } catch (error) {
    throw error instanceof Error && error.name === 'RangeError' ? new CursorError(cursor) : error;
  }
};

/** The whole range, page by page as the reader takes it. */
async function* csv(telemetry: TelemetryStore, range: Range): AsyncGenerator<string> {
  const columns = await columnsOf(telemetry, range);
  const known = new Set(columns);
  yield csvHeader(columns);
  let cursor: string | undefined;
  do {
    const page = await telemetry.readings({
      ...range,
      limit: CSV_PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const row of page.rows) {
      // A file that silently lacks a column would be worse than one that breaks off.
      const late = Object.keys(row.values).find((metric) => !known.has(metric));
      if (late) throw new Error(`metric ${late} appeared while the range was streamed; ask again`);
    }
    if (page.rows.length > 0) yield page.rows.map((row) => csvLine(row, columns)).join('');
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

export const readingRoutes = (app: HttpApp, { ledger, telemetry, clock }: Context): void => {
  app.get(
    '/equipment/:id/readings',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['telemetry'],
        summary: 'Every stored reading as it came',
        description:
          'JSON in pages, or with `Accept: text/csv` the whole range as one streamed file with the columns ' +
          '`ts,equipment,unit,seq,METRIC…` (`limit` and `cursor` are for JSON).',
        params: IdParams,
        querystring: query({
          ...paging,
          unit: Type.Optional(UnitName),
          metric: Type.Optional(MetricName),
          from: Type.Optional(Time),
          to: Type.Optional(Time),
        }),
        response: {
          200: {
            description: 'Readings by time',
            content: {
              'application/json': { schema: list(StoredReading) },
              'text/csv': { schema: Type.String() },
            },
          },
          ...problemResponses,
        },
      },
    },
    async (request, reply) => {
      const { id: equipment } = request.params;
      const { unit, metric } = request.query;
      const nowMs = clock();
      const range = rangeOf(request.query, nowMs);
      if (!range.ok) return sendProblem(reply, range.problem);
      if (!(await ledger.equipment.get(equipment)))
        return sendProblem(reply, notFound('equipment', equipment));
      const asked: Range = {
        equipment,
        fromMs: range.fromMs,
        toMs: range.toMs,
        ...(unit === undefined ? {} : { unit }),
        ...(metric === undefined ? {} : { metric }),
      };
      reply.header('vary', 'accept');
      if (request.headers.accept?.includes('text/csv')) {
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="${equipment}.csv"`)
          .send(Readable.from(csv(telemetry, asked)) as never);
      }
      const { limit, cursor } = pageOf(request.query);
      const page = await pageOfReadings(telemetry, asked, limit, cursor);
      return reply.type('application/json; charset=utf-8').send({
        items: page.rows.map(readingView),
        next: page.next,
      });
    },
  );
};
