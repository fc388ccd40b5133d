import type { FastifyRequest } from 'fastify';

/**
 * Protection against requests that another site makes a signed-in browser send, on top of the cookie's
 * SameSite=Strict. Browsers say where an unsafe request comes from (Sec-Fetch-Site, else Origin); what
 * says neither is no browser, and has the cookie because somebody gave it on purpose.
 */
export const fromOwnPages = (request: FastifyRequest, publicUrl: string): boolean => {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = request.headers;
  if (origin === undefined) return true;
  const host = URL.parse(origin)?.host;
  return host !== undefined && (host === request.host || host === URL.parse(publicUrl)?.host);
};

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
export const isSafe = (method: string): boolean => SAFE.has(method);
