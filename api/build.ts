import cookie from '@fastify/cookie';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyServerOptions, LogController, type RouteOptions } from 'fastify';
import { secretKey } from '../store/secret.ts';
import { newAttempts } from './access/attempts.ts';
import { guard } from './access/guard.ts';
import { newSetup } from './access/setup.ts';
import { SIGN_IN_LIMITS } from './access/sign-in.ts';
import { answerSerializer } from './answers.ts';
import type { Context, HttpApp } from './context.ts';
import { LIVE_LIMITS, startHub } from './live/hub.ts';
import { answerBadPath, answerBadRequest } from './malformed.ts';
import { startMetrics } from './metrics.ts';
import type { ApiOptions } from './options.ts';
import { withProblems } from './problem.ts';
import { alertRoutes } from './routes/alerts.ts';
import { catalogueRoutes } from './routes/catalogue.ts';
import { channelRoutes } from './routes/channels.ts';
import { crewRoutes } from './routes/crews.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { equipmentRoutes } from './routes/equipment.ts';
import { eventRoutes } from './routes/events.ts';
import { measurementRoutes } from './routes/measurements.ts';
import { noticeRoutes } from './routes/notices.ts';
import { readingRoutes } from './routes/readings.ts';
import { rulesRoutes } from './routes/rules.ts';
import { serviceRoutes } from './routes/service.ts';
import { sessionRoutes, setupRoutes } from './routes/session.ts';
import { siteRoutes } from './routes/sites.ts';
import { ticketRoutes } from './routes/tickets.ts';
import { withDashboard } from './web/dashboard.ts';
import { withDocument } from './web/document.ts';
import { withHeaders } from './web/headers.ts';

const MAX_BODY_BYTES = 256 * 1024;

const ROUTES = [
  sessionRoutes,
  setupRoutes,
  siteRoutes,
  equipmentRoutes,
  readingRoutes,
  measurementRoutes,
  alertRoutes,
  ticketRoutes,
  crewRoutes,
  channelRoutes,
  noticeRoutes,
  deliveryRoutes,
  catalogueRoutes,
  rulesRoutes,
  eventRoutes,
];

const settings = ({ logger }: ApiOptions) =>
  ({
    loggerInstance: logger,
    bodyLimit: MAX_BODY_BYTES,
    // Paths and queries may name people; what is logged of a request is in `logRequests`.
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: 60_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    // Whoever can connect could say anything in a forwarded header, also from this machine: an address is
    // the connection's. Whether we are behind TLS is known from the public URL.
    trustProxy: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: answerBadPath,
    clientErrorHandler: answerBadRequest,
  }) satisfies FastifyServerOptions;

/** A step needs no body: an empty one is `{}`, with or without a content type. */
const withBodies = (app: HttpApp): void => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, finish) => {
    if (body === '') finish(null, {});
    else parse(request, body as string, finish);
  });
  app.addHook('preValidation', async (request) => {
    if (request.method === 'POST') request.body ??= {};
  });
};

const logRequests = (app: HttpApp): void => {
  app.addHook('onResponse', async (request, reply) => {
    request.log.debug(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
};

export interface BuiltApi {
  readonly app: HttpApp;
  /** Every route with its access rule, for whoever wants to hold them to a table. */
  readonly routes: readonly RouteOptions[];
}

/** The API, not yet listening: for `inject`, or for `startApi`. Close it with `app.close()`. */
export const buildApi = async (options: ApiOptions): Promise<BuiltApi> => {
  const key = await secretKey(options.ledger);
  const limits = { ...LIVE_LIMITS, ...options.live };
  const hub = await startHub(options, limits);
  const app = Fastify(settings(options)).withTypeProvider<TypeBoxTypeProvider>() as unknown as HttpApp;
  const context: Context = {
    ...options,
    clock: options.timers.now,
    key,
    hub,
    setup: newSetup(options.setupToken ?? null),
    attempts: {
      address: newAttempts(SIGN_IN_LIMITS.address),
      pair: newAttempts(SIGN_IN_LIMITS.pair),
      user: newAttempts(SIGN_IN_LIMITS.user),
    },
  };
  // Streams first: a server that waits for its connections would wait for them for ever.
  app.addHook('preClose', async () => hub.close());
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.setSerializerCompiler(answerSerializer(options.checkAnswers ?? false));
  withProblems(app);
  withBodies(app);
  logRequests(app);
  await app.register(cookie);
  await withHeaders(app, options.publicUrl);
  const routes = guard(app, options, key);
  const { address, pair, user } = context.attempts;
  const refused = () => address.refused() + pair.refused() + user.refused();
  const metrics = startMetrics(app, options, hub, refused);
  const { document = true } = options;
  if (document) await withDocument(app);
  await app.register(
    async (scope) => {
      scope.addHook('onSend', async (_request, reply) => {
        if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
      });
      for (const add of ROUTES) add(scope as HttpApp, context);
      if (!document) return;
      scope.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () =>
        app.swagger(),
      );
    },
    { prefix: '/api/v1' },
  );
  serviceRoutes(app, context, metrics);
  await withDashboard(app, options.dashboardDir);
  return { app, routes };
};
