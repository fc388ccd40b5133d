import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { inboxOf } from '../../core/notice/settings.ts';
import { who } from '../access/guard.ts';
import type { Context, HttpApp } from '../context.ts';
import type { Sink } from '../live/client.ts';
import { problemResponses, sendProblem } from '../problem.ts';
import { query } from './shapes.ts';

const REFUSALS = {
  'too-many-streams': 'this session listens to too many streams already; close another page',
  full: 'too many listen at the moment; try again in a minute',
} as const;

const sinkOf = ({ raw }: FastifyReply): Sink => ({
  write: (text) => raw.write(text),
  onDrain: (listener) => void raw.on('drain', listener),
  end: () => {
    // A listener that takes nothing would hold the connection for ever.
    if (raw.writableNeedDrain) raw.destroy();
    else raw.end();
  },
});

export const eventRoutes = (app: HttpApp, { hub }: Context): void => {
  app.get(
    '/events',
    {
      config: { access: 'viewer' },
      exposeHeadRoute: false,
      schema: {
        tags: ['live'],
        summary: 'Server-sent events',
        description:
          '`alert`, `ticket`, `equipment` and `reading`, each with the newest state of what it is about, and `notice` ' +
          'for your inbox. All but `reading` carry an id; with `Last-Event-ID` the stream goes on from there. `ready` says that it has caught ' +
          'up; `reset`, that too much was missed: read everything anew. A slow listener gets the latest values only.',
        querystring: query({
          equipment: Type.Optional(
            Type.String({
              pattern: '^[A-Za-z0-9_-]{1,64}(,[A-Za-z0-9_-]{1,64}){0,99}$',
              description: 'only these machines, with commas between',
            }),
          ),
        }),
        response: {
          200: { description: 'The stream', content: { 'text/event-stream': { schema: Type.String() } } },
          ...problemResponses,
        },
      },
    },
    (request, reply) => {
      const { grantHash, role, crew } = who(request);
      const refusal = hub.refuses(grantHash);
      if (refusal) {
        const status = refusal === 'full' ? 503 : 429;
        return sendProblem(reply, { status, reason: refusal, detail: REFUSALS[refusal], retryAfterS: 60 });
      }
      const lastEventId = request.headers['last-event-id'];
      reply.hijack();
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // The stream is all that this connection is for: it closes with it.
        connection: 'close',
        // Proxies that buffer would turn live into late.
        'x-accel-buffering': 'no',
      });
      request.raw.socket.setNoDelay(true);
      reply.raw.write('retry: 2000\n\n');
      const stream = hub.listen({
        sink: sinkOf(reply),
        equipment: request.query.equipment === undefined ? null : new Set(request.query.equipment.split(',')),
        audiences: new Set(inboxOf({ role, crew })),
        grantHash,
        lastEventId: typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : null,
      });
      reply.raw.on('close', stream.end);
    },
  );
};
