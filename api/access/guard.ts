import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { ApiOptions } from '../options.ts';
import { sendProblem } from '../problem.ts';
import { type Identity, identify } from './identity.ts';
import { fromOwnPages, isSafe } from './origin.ts';
import { type Access, atLeast } from './roles.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route. There is no default: a route without it stops the start. */
    access?: Access;
  }
  interface FastifyRequest {
    identity: Identity | null;
  }
}

/** The identity of a request whose route isn't public. */
export const who = (request: FastifyRequest): Identity => {
  if (request.identity === null)
    throw new Error(`${request.routeOptions.url} has no identity; is it public?`);
  return request.identity;
};

/** A browser's request from another site's page; bearer tokens aren't sent by themselves. */
const isForged = (request: FastifyRequest, publicUrl: string): boolean =>
  !isSafe(request.method) && request.headers.authorization === undefined && !fromOwnPages(request, publicUrl);

/** Collects every route with its rule; throws at the start for one without. */
const collectRules = (app: FastifyInstance): readonly RouteOptions[] => {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  app.addHook('onReady', async () => {
    for (const { method, url, config } of routes)
      if (config?.access === undefined)
        throw new Error(`${method} ${url} has no access rule: set config.access`);
  });
  return routes;
};

/** Denies by default: identity from the cookie or token, then the route's rule. */
export const guard = (
  app: FastifyInstance,
  { ledger, timers, publicUrl }: Pick<ApiOptions, 'ledger' | 'timers' | 'publicUrl'>,
  key: string,
): readonly RouteOptions[] => {
  app.decorateRequest('identity', null);
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return;
    if (isForged(request, publicUrl))
      return sendProblem(reply, {
        status: 403,
        reason: 'cross-site',
        detail: 'the request comes from a page of another site; open Precall itself and try again',
      });
    const { access } = request.routeOptions.config;
    if (access === 'public') return;
    request.identity = await identify(request, ledger, key, timers.now());
    if (request.identity === null) {
      reply.header('www-authenticate', 'Bearer realm="precall"');
      return sendProblem(reply, {
        status: 401,
        reason: 'not-signed-in',
        detail: 'sign in with POST /api/v1/session, or send Authorization: Bearer TOKEN',
      });
    }
    if (access === undefined || !atLeast(request.identity.role, access))
      return sendProblem(reply, {
        status: 403,
        reason: 'not-allowed',
        detail: `this needs the role ${access ?? 'of nobody'}; you have ${request.identity.role}`,
      });
  });
  return collectRules(app);
};
