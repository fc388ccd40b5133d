import type { Context, HttpApp } from '../context.ts';
import { list, Site } from '../contract/schemas.ts';
import { notFound, problemResponses, sendProblem } from '../problem.ts';
import { siteView } from '../views/equipment.ts';
import { IdParams, pageOf, paging, query } from './shapes.ts';

export const siteRoutes = (app: HttpApp, { ledger }: Context): void => {
  app.get(
    '/sites',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['equipment'],
        summary: 'Places with equipment',
        querystring: query(paging),
        response: { 200: list(Site), ...problemResponses },
      },
    },
    async (request) => {
      const { rows, next } = await ledger.sites.list(pageOf(request.query));
      return { items: rows.map(siteView), next };
    },
  );

  app.get(
    '/sites/:id',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['equipment'],
        summary: 'One place',
        params: IdParams,
        response: { 200: Site, ...problemResponses },
      },
    },
    async (request, reply) => {
      const site = await ledger.sites.get(request.params.id);
      return site ? siteView(site) : sendProblem(reply, notFound('site', request.params.id));
    },
  );
};
