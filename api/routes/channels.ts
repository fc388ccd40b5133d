import Type from 'typebox';
import type { ChannelAudience } from '../../core/notice/notice.ts';
import {
  DEFAULT_PER_MINUTE,
  MAX_CHANNELS,
  namedIn,
  settingProblem,
  testNotice,
} from '../../core/notice/settings.ts';
import type { LedgerNouns } from '../../store/ledger.ts';
import type { ChannelSettings } from '../../store/notices.ts';
import { everyRow } from '../../store/rows.ts';
import { newSigningSecret } from '../../store/secret.ts';
import { who } from '../access/guard.ts';
import type { Context, HttpApp } from '../context.ts';
import { Channel, ChannelChange, CreatedChannel, NewChannel, TestStarted } from '../contract/notices.ts';
import { list } from '../contract/schemas.ts';
import { done, KeyedHeaders, once, refuse } from '../once.ts';
import { notFound, type Problem, problemResponses, sendProblem, unprocessable } from '../problem.ts';
import { channelView } from '../views/channel.ts';
import { IdParams, pageOf, paging, query } from './shapes.ts';

/** What a schema can't see: the URL, and whether the crew or site is there. Stations are named by crews alone. */
const problemOf = async (tx: LedgerNouns, channel: ChannelSettings): Promise<Problem | null> => {
  const wrong = settingProblem(channel);
  if (wrong) return unprocessable(`#/${wrong.field}`, wrong.reason, wrong.detail);
  const named = namedIn(channel.audience);
  if (named === null) return null;
  const isThere =
    named.what === 'crew'
      ? (await tx.crews.get(named.id)) !== null
      : named.what === 'site'
        ? (await tx.sites.get(named.id)) !== null
        : (await everyRow((page) => tx.crews.list(page))).some(({ station }) => station === named.id);
  return isThere
    ? null
    : unprocessable('#/audience', `no-such-${named.what}`, `there is no ${named.what} ${named.id}`);
};

const audit = (tx: LedgerNouns, actor: string, action: string, channel: ChannelSettings, atMs: number) =>
  tx.audit.add({
    atMs,
    actor,
    action: `channel.${action}`,
    subject: channel.id,
    detail: { audience: channel.audience, host: new URL(channel.url).host, disabled: channel.disabled },
  });

export const channelRoutes = (app: HttpApp, context: Context): void => {
  const { ledger, clock, newId } = context;
  const shape = { tags: ['channels'], params: IdParams } as const;

  app.get(
    '/channels',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['channels'],
        summary: 'How people are told, by id',
        querystring: query(paging),
        response: { 200: list(Channel), ...problemResponses },
      },
    },
    async (request) => {
      const { rows, next } = await ledger.channels.list(pageOf(request.query));
      return { items: rows.map(channelView), next };
    },
  );

  app.get(
    '/channels/:id',
    {
      config: { access: 'admin' },
      schema: { ...shape, summary: 'One channel', response: { 200: Channel, ...problemResponses } },
    },
    async (request, reply) => {
      const channel = await ledger.channels.get(request.params.id);
      return channel ? channelView(channel) : sendProblem(reply, notFound('channel', request.params.id));
    },
  );

  app.post(
    '/channels',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['channels'],
        summary: 'Add a channel',
        description:
          'The secret that it signs with is in this answer and in no other; docs/notices.md says how to check.',
        headers: KeyedHeaders,
        body: NewChannel,
        response: { 201: CreatedChannel, ...problemResponses },
      },
    },
    (request, reply) =>
      once(context, request, reply, async (tx) => {
        const { id, url, audience, language = 'both', perMinute = DEFAULT_PER_MINUTE } = request.body;
        const channel: ChannelSettings = {
          ...{ id, kind: 'webhook', url, language, perMinute, disabled: false },
          audience: audience as ChannelAudience,
        };
        const problem = await problemOf(tx, channel);
        if (problem) return refuse(problem);
        if (await tx.channels.get(id))
          return refuse({
            status: 409,
            reason: 'channel-exists',
            detail: `channel ${id} exists; PATCH changes it`,
          });
        if ((await everyRow((page) => tx.channels.list(page))).length >= MAX_CHANNELS)
          return refuse({
            status: 409,
            reason: 'too-many-channels',
            detail: `there are ${MAX_CHANNELS} channels; remove one first`,
          });
        const secret = newSigningSecret();
        await tx.channels.put(channel, secret, clock());
        await audit(tx, who(request).actor, 'added', channel, clock());
        const stored = await tx.channels.get(id);
        if (!stored) throw new Error(`channel ${id} was not stored`);
        return { ...done({ ...channelView(stored), secret: null }, 201), shownOnce: { secret } };
      }),
  );

  app.post(
    '/channels/:id/rotate',
    {
      config: { access: 'admin' },
      schema: {
        ...shape,
        summary: 'Give a channel a new secret',
        headers: KeyedHeaders,
        body: Type.Object({}, { additionalProperties: false }),
        response: { 200: CreatedChannel, ...problemResponses },
      },
    },
    (request, reply) =>
      once(context, request, reply, async (tx) => {
        const channel = await tx.channels.get(request.params.id);
        if (!channel) return refuse(notFound('channel', request.params.id));
        const secret = newSigningSecret();
        await tx.channels.put(channel, secret, clock());
        await audit(tx, who(request).actor, 'rotated', channel, clock());
        return { ...done({ ...channelView(channel), secret: null }), shownOnce: { secret } };
      }),
  );

  app.post(
    '/channels/:id/test',
    {
      config: { access: 'admin' },
      schema: {
        ...shape,
        summary: 'Send a test on a channel',
        description: 'Tried once, by the process that sends; read the delivery to see how it went.',
        headers: KeyedHeaders,
        body: Type.Object({}, { additionalProperties: false }),
        response: { 202: TestStarted, ...problemResponses },
      },
    },
    (request, reply) =>
      once(context, request, reply, async (tx) => {
        const { id } = request.params;
        const channel = await tx.channels.get(id);
        if (!channel) return refuse(notFound('channel', id));
        if (channel.disabled)
          return refuse({
            status: 409,
            reason: 'channel-disabled',
            detail: `channel ${id} is disabled; PATCH {"disabled": false} first`,
          });
        await tx.notices.add([testNotice(id, newId(), clock())]);
        const { rows } = await tx.outbox.list({ channel: id, limit: 1 });
        return done({ delivery: rows[0]?.id ?? 0 }, 202);
      }),
  );

  app.patch(
    '/channels/:id',
    {
      config: { access: 'admin' },
      schema: {
        ...shape,
        summary: 'Change a channel',
        description: 'Also ends a pause: what waits is tried at once.',
        body: ChannelChange,
        response: { 200: Channel, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const problem = await ledger.transaction(async (tx): Promise<Problem | null> => {
        const channel = await tx.channels.get(id);
        if (!channel) return notFound('channel', id);
        const next = { ...channel, ...(request.body as Partial<ChannelSettings>) };
        const wrong = await problemOf(tx, next);
        if (wrong) return wrong;
        await tx.channels.put(next, null, clock());
        await audit(tx, who(request).actor, 'changed', next, clock());
        return null;
      });
      if (problem) return sendProblem(reply, problem);
      const channel = await ledger.channels.get(id);
      return channel ? channelView(channel) : sendProblem(reply, notFound('channel', id));
    },
  );

  app.delete(
    '/channels/:id',
    {
      config: { access: 'admin' },
      schema: {
        ...shape,
        summary: 'Remove a channel; what waits on it is dropped',
        response: { 204: Type.Null({ description: 'removed' }), ...problemResponses },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const isGone = await ledger.transaction(async (tx) => {
        const channel = await tx.channels.get(id);
        if (!channel) return false;
        await tx.channels.remove(id, clock());
        await audit(tx, who(request).actor, 'removed', channel, clock());
        return true;
      });
      return isGone ? reply.code(204).send(null) : sendProblem(reply, notFound('channel', id));
    },
  );
};
