import Type from 'typebox';
import type { Context, HttpApp } from '../context.ts';
import { Equipment, EquipmentDetail, list, Series } from '../contract/schemas.ts';
import { notFound, problemResponses, sendProblem } from '../problem.ts';
import { readEquipment, readMachine } from '../read/equipment.ts';
import { seriesView } from '../views/reading.ts';
import {
  EquipmentId,
  IdParams,
  MetricName,
  pageOf,
  paging,
  query,
  rangeOf,
  Time,
  UnitName,
} from './shapes.ts';

const MAX_POINTS = 5_000;
const DEFAULT_POINTS = 500;

export const equipmentRoutes = (app: HttpApp, context: Context): void => {
  const { ledger, telemetry, clock } = context;

  app.get(
    '/equipment',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['equipment'],
        summary: 'The fleet',
        description: 'State, health and up to three telling values of each machine, by id.',
        querystring: query({ ...paging, site: Type.Optional(EquipmentId) }),
        response: { 200: list(Equipment), ...problemResponses },
      },
    },
    async (request) => {
      const { site } = request.query;
      const { rows, next } = await ledger.equipment.list({ ...pageOf(request.query), site });
      return { items: await readEquipment(context, rows), next };
    },
  );

  app.get(
    '/equipment/:id',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['equipment'],
        summary: 'One machine',
        description: 'Every latest value with its age, remaining life and the series that exist.',
        params: IdParams,
        response: { 200: EquipmentDetail, ...problemResponses },
      },
    },
    async (request, reply) => {
      const machine = await ledger.equipment.get(request.params.id);
      if (!machine) return sendProblem(reply, notFound('equipment', request.params.id));
      return readMachine(context, machine);
    },
  );

  app.get(
    '/equipment/:id/series',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['telemetry'],
        summary: 'A series for a plot',
        description: 'Buckets of equal width with min, max and mean; `null` where there is no reading.',
        params: IdParams,
        querystring: query({
          unit: Type.Optional(UnitName),
          metric: MetricName,
          from: Type.Optional(Time),
          to: Type.Optional(Time),
          points: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_POINTS, default: DEFAULT_POINTS })),
        }),
        response: { 200: Series, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { unit = '', metric, points = DEFAULT_POINTS } = request.query;
      const range = rangeOf(request.query, clock());
      if (!range.ok) return sendProblem(reply, range.problem);
      const { fromMs, toMs } = range;
      const { id: equipment } = request.params;
      if (!(await ledger.equipment.get(equipment)))
        return sendProblem(reply, notFound('equipment', equipment));
      return seriesView(await telemetry.series({ equipment, unit, metric, fromMs, toMs, points }));
    },
  );
};
