import Type from 'typebox';
import { inboxOf } from '../../core/notice/settings.ts';
import { who } from '../access/guard.ts';
import type { Context, HttpApp } from '../context.ts';
import { Inbox, ReadNotices, Unread } from '../contract/notices.ts';
import { done, KeyedHeaders, once } from '../once.ts';
import { problemResponses } from '../problem.ts';
import { readNotices } from '../read/notices.ts';
import { pageOf, paging, query } from './shapes.ts';

/** The dashboard as a channel: what was said to the role or crew of whoever asks. */
export const noticeRoutes = (app: HttpApp, context: Context): void => {
  const { ledger, catalogue, clock } = context;

  app.get(
    '/notices',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['notices'],
        summary: 'Your inbox, newest first',
        description:
          'What was said to dispatchers, administrators, attendants or your crew. New ones come as `notice` events.',
        querystring: query({
          ...paging,
          for: Type.Optional(Type.Enum(['me'], { default: 'me' })),
          unread: Type.Optional(Type.Boolean({ description: 'only what you have not read' })),
        }),
        response: { 200: Inbox, ...problemResponses },
      },
    },
    async (request) => {
      const { account, role, crew } = who(request);
      const audiences = inboxOf({ role, crew });
      const asked = { audiences, reader: account, unread: request.query.unread };
      const { rows, next } = await ledger.notices.list({ ...pageOf(request.query), ...asked });
      const views = await readNotices(ledger, catalogue, rows, clock());
      const items = views.map((view, index) => ({ ...view, read: rows[index]?.read ?? false }));
      return { items, next, unread: await ledger.notices.unread(audiences, account) };
    },
  );

  app.post(
    '/notices/read',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['notices'],
        summary: 'You have read these',
        description:
          'Ids that are not in your inbox are passed over. Reading is not acknowledging: that is the ticket’s.',
        headers: KeyedHeaders,
        body: ReadNotices,
        response: { 200: Unread, ...problemResponses },
      },
    },
    (request, reply) =>
      once(context, request, reply, async (tx) => {
        const { account, role, crew } = who(request);
        const audiences = inboxOf({ role, crew });
        await tx.notices.markRead(request.body.ids, account, clock());
        return done({ unread: await tx.notices.unread(audiences, account) });
      }),
  );
};
