import Type from 'typebox';
import type { AlertEntry } from '../../core/alert/alert.ts';
import type { LedgerNouns } from '../../store/ledger.ts';
import { who } from '../access/guard.ts';
import type { Context, HttpApp } from '../context.ts';
import { Alert, AlertDetail, list, Note } from '../contract/schemas.ts';
import { done, KeyedHeaders, type Outcome, once, refuse } from '../once.ts';
import { notFound, problemResponses, sendProblem, unprocessable } from '../problem.ts';
import { alertDetailView, alertView } from '../views/alert.ts';
import { EquipmentId, IdParams, pageOf, paging, query } from './shapes.ts';

type Given = { readonly id: string; readonly actor: string; readonly note: string | null };
type Deed = (tx: LedgerNouns, given: Given) => Promise<Outcome>;

const entryOf = (
  { id, actor, note }: Given,
  type: 'acknowledged' | 'commented',
  reason: string,
  atMs: number,
): AlertEntry => ({ alert: id, atMs, type, reason, actor, note });

const answer = async (tx: LedgerNouns, { catalogue }: Context, id: string): Promise<Outcome> => {
  const alert = await tx.alerts.get(id);
  if (!alert) return refuse(notFound('alert', id));
  return done(alertDetailView(catalogue, alert, await tx.alerts.timeline(id)));
};

/** A second acknowledgement keeps what was said, as a comment. */
const acknowledge =
  (context: Context): Deed =>
  async (tx, given) => {
    const alert = await tx.alerts.get(given.id);
    if (!alert) return refuse(notFound('alert', given.id));
    if (alert.state === 'cleared')
      return refuse({ status: 409, reason: 'alert-cleared', detail: 'the alert has already ended' });
    const isSecond = alert.acknowledgedAtMs !== null;
    const entry = isSecond
      ? entryOf(given, 'commented', 'already-acknowledged', context.clock())
      : entryOf(given, 'acknowledged', 'by-person', context.clock());
    await tx.alerts.note(entry);
    return answer(tx, context, given.id);
  };

const comment =
  (context: Context): Deed =>
  async (tx, given) => {
    if (!given.note?.trim())
      return refuse(unprocessable('#/note', 'note-missing', 'say something: {"note": "…"}'));
    if (!(await tx.alerts.get(given.id))) return refuse(notFound('alert', given.id));
    await tx.alerts.note(entryOf(given, 'commented', 'by-person', context.clock()));
    return answer(tx, context, given.id);
  };

export const alertRoutes = (app: HttpApp, context: Context): void => {
  const { ledger, catalogue } = context;

  app.get(
    '/alerts',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['alerts'],
        summary: 'Alerts, newest first',
        querystring: query({
          ...paging,
          state: Type.Optional(Type.Enum(['active', 'cleared'])),
          equipment: Type.Optional(EquipmentId),
          ticket: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
        }),
        response: { 200: list(Alert), ...problemResponses },
      },
    },
    async (request) => {
      const { state, equipment, ticket } = request.query;
      const { rows, next } = await ledger.alerts.list({ ...pageOf(request.query), state, equipment, ticket });
      return { items: rows.map((alert) => alertView(catalogue, alert)), next };
    },
  );

  app.get(
    '/alerts/:id',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['alerts'],
        summary: 'One alert with its timeline',
        params: IdParams,
        response: { 200: AlertDetail, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const alert = await ledger.alerts.get(id);
      if (!alert) return sendProblem(reply, notFound('alert', id));
      return alertDetailView(catalogue, alert, await ledger.alerts.timeline(id));
    },
  );

  const post = (action: string, summary: string, access: 'attendant' | 'crew', deed: Deed): void => {
    app.post(
      `/alerts/:id/${action}`,
      {
        config: { access },
        schema: {
          tags: ['alerts'],
          summary,
          params: IdParams,
          headers: KeyedHeaders,
          body: Note,
          response: { 200: AlertDetail, ...problemResponses },
        },
      },
      (request, reply) => {
        const given = { id: request.params.id, actor: who(request).actor, note: request.body.note ?? null };
        return once(context, request, reply, (tx) => deed(tx, given));
      },
    );
  };
  post('acknowledge', 'Somebody has seen it and acts', 'crew', acknowledge(context));
  post('comment', 'Keep a note in the timeline', 'attendant', comment(context));
};
