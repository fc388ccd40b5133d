import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Problem, sendProblem } from '../problem.ts';

const API = /^\/(api|healthz|readyz|metrics)(\/|\?|$)/;

const NOTHING: Problem = { status: 404, reason: 'no-such-path', detail: 'there is nothing at this path' };
const NOT_BUILT: Problem = {
  status: 404,
  reason: 'no-dashboard',
  detail: 'the dashboard is not built: run npm install, then start again; the API is described at /api/docs',
};

/** A page of the dashboard that only the browser knows; not a missing file, which has a dot in its name. */
const isPage = (request: FastifyRequest): boolean => {
  const path = request.url.split('?', 1)[0] ?? '';
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    !API.test(request.url) &&
    !/\.[^/]*$/.test(path)
  );
};

/** File names of built assets carry a hash of what is in them: they never change. */
const cacheOf = (file: string): string =>
  file.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache';

/** Serves the built dashboard at `/`; every path of its own is index.html. Without one: the API alone. */
export const withDashboard = async (app: FastifyInstance, folder: string | null): Promise<void> => {
  const isBuilt = folder !== null && existsSync(join(folder, 'index.html'));
  if (folder !== null && isBuilt) {
    await app.register(async (scope) => {
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, access: 'public' };
      });
      await scope.register(fastifyStatic, {
        root: folder,
        wildcard: true,
        index: ['index.html'],
        cacheControl: false,
        dotfiles: 'ignore',
        decorateReply: false,
        setHeaders: (reply, file) => void reply.header('cache-control', cacheOf(file)),
      });
    });
  }
  app.setNotFoundHandler(async (request: FastifyRequest, reply: FastifyReply) => {
    if (!isPage(request)) return sendProblem(reply, NOTHING);
    if (folder === null || !isBuilt) return sendProblem(reply, NOT_BUILT);
    const page = await readFile(join(folder, 'index.html'));
    return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page);
  });
};
