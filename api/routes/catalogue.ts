import type { Context, HttpApp } from '../context.ts';
import { Catalogue, Quarantine, Readers, Service } from '../contract/schemas.ts';
import { problemResponses } from '../problem.ts';
import { catalogueView } from '../views/catalogue.ts';
import { quarantinedView } from '../views/quarantine.ts';
import { iso } from '../views/time.ts';
import { pageOf, paging, query } from './shapes.ts';

/** What screens need around the nouns: names of things, what was refused, and the service itself. */
export const catalogueRoutes = (app: HttpApp, context: Context): void => {
  const { ledger, catalogue, clock, publicUrl, mqttUrl, readers } = context;
  const view = catalogueView(catalogue);

  app.get(
    '/catalogue',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['service'],
        summary: 'Items, classes, faults and signals with their names',
        response: { 200: Catalogue, ...problemResponses },
      },
    },
    async () => view,
  );

  app.get(
    '/quarantine',
    {
      config: { access: 'dispatcher' },
      schema: {
        tags: ['service'],
        summary: 'Messages that were acknowledged but are not telemetry, with the reason; newest first',
        querystring: query(paging),
        response: { 200: Quarantine, ...problemResponses },
      },
    },
    async (request) => {
      const [page, counts] = await Promise.all([
        ledger.readers.quarantined(pageOf(request.query)),
        ledger.readers.quarantineCounts(),
      ]);
      return {
        items: page.rows.map(quarantinedView),
        next: page.next,
        counts: counts.map((count) => ({ ...count })),
      };
    },
  );

  app.get(
    '/readers',
    {
      config: { access: 'dispatcher' },
      schema: {
        tags: ['service'],
        summary: 'How far each reader of the log is, and why one has stopped',
        response: { 200: Readers, ...problemResponses },
      },
    },
    async () => ({ items: (await readers()).map(({ isHere, ...reader }) => ({ ...reader, here: isHere })) }),
  );

  app.get(
    '/service',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['service'],
        summary: 'The clock here, and where equipment connects',
        response: { 200: Service, ...problemResponses },
      },
    },
    async () => ({ now: iso(clock()), publicUrl, mqttUrl: mqttUrl ?? null }),
  );
};
