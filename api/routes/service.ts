import Type from 'typebox';
import type { Context, HttpApp } from '../context.ts';
import { Readiness } from '../contract/health.ts';
import type { Metrics } from '../metrics.ts';

const hidden = { hide: true } as const;

/** What those ask who keep the service running; outside `/api/v1`. */
export const serviceRoutes = (app: HttpApp, { health }: Context, metrics: Metrics): void => {
  app.get(
    '/healthz',
    {
      config: { access: 'public' },
      schema: { ...hidden, response: { 200: Type.Object({ status: Type.String() }) } },
    },
    async () => ({ status: 'ok' }),
  );

  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        ...hidden,
        response: { '2xx': Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const { ready, codes, reasons, notes } = await health();
      reply.header('cache-control', 'no-store').code(ready ? 200 : 503);
      return { ready, codes: [...codes], reasons: [...reasons], ...(notes ? { notes: [...notes] } : {}) };
    },
  );

  app.get('/metrics', { config: { access: 'public' }, schema: hidden }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
};
