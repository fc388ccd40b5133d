import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Attempts } from './access/attempts.ts';
import type { Setup } from './access/setup.ts';
import type { LiveHub } from './live/hub.ts';
import type { ApiOptions } from './options.ts';

/** Fastify with schemas that type the handlers. */
export type HttpApp = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What every route is given. */
export interface Context extends ApiOptions {
  /** Unix ms; `timers.now`. */
  readonly clock: () => number;
  /** The installation's key for hashing session secrets and tokens. */
  readonly key: string;
  readonly hub: LiveHub;
  readonly setup: Setup;
  /** By address, by address and user together, and by user. */
  readonly attempts: { readonly address: Attempts; readonly pair: Attempts; readonly user: Attempts };
}
