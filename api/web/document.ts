import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import * as contract from '../contract/schemas.ts';
import { DOCS_CSP } from './headers.ts';

const DESCRIPTION = `What a person or a script may ask of Precall. Sign in with \`POST /session\` (a cookie), or
send \`Authorization: Bearer TOKEN\` with a token of \`precall token create\`. Each operation says which role it
needs; the roles are viewer, attendant, crew, dispatcher, admin, each with what the ones before it may.
Errors are problem documents (RFC 9457). Every POST takes an \`Idempotency-Key\`.`;

/** The shapes that have a name: shown once, under it. */
const NAMED: ReadonlySet<string> = new Set([
  'Problem',
  'Site',
  'Latest',
  'RemainingLife',
  'Equipment',
  'EquipmentDetail',
  'SeriesInfo',
  'Series',
  'StoredReading',
  'Evidence',
  'Alert',
  'AlertDetail',
  'AlertEntry',
  'Ticket',
  'TicketDetail',
  'TicketEntry',
  'SteppedTicket',
  'NewTicket',
  'TicketStep',
  'Note',
  'Crew',
  'CrewChange',
  'Shift',
  'Session',
  'SignIn',
  'Setup',
  'Service',
  'Catalogue',
  'Quarantined',
  'Words',
  'Position',
]);

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const plain = (schema: unknown): Json => {
  const { $id: _, ...rest } = JSON.parse(JSON.stringify(schema)) as Record<string, Json>;
  return rest;
};

const shapes = Object.entries(contract).flatMap(([name, schema]): [name: string, schema: Json][] =>
  NAMED.has(name) ? [[name, plain(schema)]] : [],
);
const nameOf = new Map(shapes.map(([name, schema]) => [JSON.stringify(schema), name]));

/** Puts a reference wherever a named shape stands in full, outermost first. */
const referring = (node: Json, isTop = false): Json => {
  if (Array.isArray(node)) return node.map((item) => referring(item));
  if (node === null || typeof node !== 'object') return node;
  const name = isTop ? undefined : nameOf.get(JSON.stringify(node));
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, referring(value)]));
};

const withNames = (document: Record<string, Json>): Record<string, Json> => {
  const components = document.components as Record<string, Json>;
  const { paths, ...rest } = document;
  return {
    ...rest,
    paths: referring(paths ?? {}),
    components: {
      ...components,
      schemas: Object.fromEntries(shapes.map(([name, schema]) => [name, referring(schema, true)])),
    },
  };
};

/** OpenAPI 3.1 from the schemas that validate, browsable without anything from elsewhere. */
export const withDocument = async (app: FastifyInstance): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Precall', version: '1', description: DESCRIPTION },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'precall_session' },
          token: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ session: [] }, { token: [] }],
    },
    transform: ({ schema, url, route }) => {
      const access = route.config?.access;
      const description = [schema?.description, access && access !== 'public' ? `Needs: ${access}.` : null];
      return {
        url,
        schema: {
          ...schema,
          description: description.filter(Boolean).join('\n\n'),
          ...(access === 'public' ? { security: [] } : {}),
        },
      };
    },
    transformObject: (document) =>
      withNames(('openapiObject' in document ? document.openapiObject : {}) as Record<string, Json>) as never,
  });
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' };
    });
    await scope.register(swaggerUi, {
      routePrefix: '/api/docs',
      staticCSP: DOCS_CSP,
      theme: { title: 'Precall API' },
      uiConfig: {
        layout: 'BaseLayout',
        docExpansion: 'list',
        tryItOutEnabled: true,
        persistAuthorization: false,
      },
    });
  });
};
