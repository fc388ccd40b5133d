import Type from 'typebox';
import type { LedgerNouns } from '../../store/ledger.ts';
import type { Delivery as DeliveryRow } from '../../store/notices.ts';
import { who } from '../access/guard.ts';
import type { Context, HttpApp } from '../context.ts';
import { Delivery, DeliveryState, OutboxSummary } from '../contract/notices.ts';
import { list } from '../contract/schemas.ts';
import { done, KeyedHeaders, once, refuse } from '../once.ts';
import { notFound, problemResponses, sendProblem } from '../problem.ts';
import { readNotices } from '../read/notices.ts';
import { deliveryView } from '../views/channel.ts';
import { isoOrNull } from '../views/time.ts';
import { EquipmentId, pageOf, paging, query } from './shapes.ts';

const DeliveryParams = Type.Object({ id: Type.Integer({ minimum: 1 }) });

/** What is on its way to channels, and the dead letters that a person judges. */
export const deliveryRoutes = (app: HttpApp, context: Context): void => {
  const { ledger, catalogue, clock } = context;

  const viewsOf = async (nouns: LedgerNouns, rows: readonly DeliveryRow[]) => {
    const notices = await readNotices(
      nouns,
      catalogue,
      rows.map(({ notice }) => notice),
      clock(),
    );
    return rows.flatMap((row, index) => {
      const notice = notices[index];
      return notice ? [deliveryView(row, notice)] : [];
    });
  };

  app.get(
    '/outbox',
    {
      config: { access: 'dispatcher' },
      schema: {
        tags: ['notices'],
        summary: 'How full the outbox is',
        response: { 200: OutboxSummary, ...problemResponses },
      },
    },
    async () => {
      const { oldestAtMs, ...counts } = await ledger.outbox.stats(clock());
      return { ...counts, oldestAt: isoOrNull(oldestAtMs) };
    },
  );

  app.get(
    '/deliveries',
    {
      config: { access: 'dispatcher' },
      schema: {
        tags: ['notices'],
        summary: 'What was said on which channel, newest first; dead letters are `?state=dead`',
        querystring: query({
          ...paging,
          state: Type.Optional(DeliveryState),
          channel: Type.Optional(EquipmentId),
          ticket: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
        }),
        response: { 200: list(Delivery), ...problemResponses },
      },
    },
    async (request) => {
      const { state, channel, ticket } = request.query;
      const { rows, next } = await ledger.outbox.list({ ...pageOf(request.query), state, channel, ticket });
      return { items: await viewsOf(ledger, rows), next };
    },
  );

  app.get(
    '/deliveries/:id',
    {
      config: { access: 'dispatcher' },
      schema: {
        tags: ['notices'],
        summary: 'One delivery',
        params: DeliveryParams,
        response: { 200: Delivery, ...problemResponses },
      },
    },
    async (request, reply) => {
      const row = await ledger.outbox.get(request.params.id);
      const [view] = row ? await viewsOf(ledger, [row]) : [];
      return view ?? sendProblem(reply, notFound('delivery', String(request.params.id)));
    },
  );

  app.post(
    '/deliveries/:id/:action',
    {
      config: { access: 'dispatcher' },
      schema: {
        tags: ['notices'],
        summary: 'Try a dead letter again, or put it aside',
        description: 'Only a dead letter can be judged; anything else is 409.',
        params: Type.Object({ ...DeliveryParams.properties, action: Type.Enum(['retry', 'dismiss']) }),
        headers: KeyedHeaders,
        body: Type.Object({}, { additionalProperties: false }),
        response: { 200: Delivery, ...problemResponses },
      },
    },
    (request, reply) =>
      once(context, request, reply, async (tx) => {
        const { id, action } = request.params;
        const before = await tx.outbox.get(id);
        if (!before) return refuse(notFound('delivery', String(id)));
        if (!(await tx.outbox[action](id, clock())))
          return refuse({
            status: 409,
            reason: 'not-a-dead-letter',
            detail: `delivery ${id} is ${before.state}; only a dead one can be tried again or put aside`,
          });
        await tx.audit.add({
          atMs: clock(),
          actor: who(request).actor,
          action: action === 'retry' ? 'delivery.retried' : 'delivery.dismissed',
          subject: String(id),
          detail: { channel: before.channel, ticket: before.notice.ticket, reason: before.reason },
        });
        const after = await tx.outbox.get(id);
        const [view] = after ? await viewsOf(tx, [after]) : [];
        if (!view) throw new Error(`delivery ${id} is gone`);
        return done(view);
      }),
  );
};
