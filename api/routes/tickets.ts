import Type from 'typebox';
import type { TicketState } from '../../core/ticket/ticket.ts';
import type { LedgerNouns } from '../../store/ledger.ts';
import { who } from '../access/guard.ts';
import type { Context, HttpApp } from '../context.ts';
import {
  list,
  NewTicket,
  SteppedTicket,
  Ticket,
  TicketAction,
  TicketDetail,
  TicketStep,
} from '../contract/schemas.ts';
import { done, KeyedHeaders, type Outcome, once, refuse, VersionConflict } from '../once.ts';
import { notFound, problemResponses, sendProblem, unprocessable } from '../problem.ts';
import { OPEN_STATES, readTicket, readTickets } from '../read/tickets.ts';
import { joinReport, openReport, type Report } from '../tickets/report.ts';
import { takeStep } from '../tickets/take-step.ts';
import { EquipmentId, IdParams, pageOf, paging, query } from './shapes.ts';

const ANY_STATE = [...OPEN_STATES, 'closed', 'cancelled'].join('|');
const StateList = Type.String({
  pattern: `^(${ANY_STATE})(,(${ANY_STATE}))*$`,
  description: 'one state or several, with commas between',
});

const TicketQuery = query({
  ...paging,
  state: Type.Optional(StateList),
  equipment: Type.Optional(EquipmentId),
  crew: Type.Optional(EquipmentId),
});

/** Opens a ticket by hand, or joins the one that is open on the machine's item. */
const report = async (tx: LedgerNouns, context: Context, body: Report, actor: string): Promise<Outcome> => {
  const { catalogue, clock, newId } = context;
  const equipment = await tx.equipment.get(body.equipment);
  if (!equipment)
    return refuse(
      unprocessable('#/equipment', 'no-such-equipment', `there is no equipment ${body.equipment}`),
    );
  if (body.component !== undefined && !catalogue.items.has(body.component)) {
    const known = [...catalogue.items.keys()].join(', ');
    return refuse(unprocessable('#/component', 'no-such-component', `must be one of ${known}`));
  }
  const nowMs = clock();
  const opening = openReport(body, { id: newId(), site: equipment.site, actor, nowMs });
  const { opened, ticket: current } = await tx.tickets.open(opening.ticket, opening.entry);
  if (opened) return done(await readTicket(tx, catalogue, current), 201);
  const joined = joinReport(current, body, actor, nowMs);
  for (const { ticket, entry } of joined)
    if (!(await tx.tickets.step(ticket, entry))) throw new VersionConflict();
  return done(await readTicket(tx, catalogue, joined.at(-1)?.ticket ?? current));
};

export const ticketRoutes = (app: HttpApp, context: Context): void => {
  const { ledger, catalogue } = context;

  app.get(
    '/tickets',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['tickets'],
        summary: 'Tickets, newest first',
        querystring: TicketQuery,
        response: { 200: list(Ticket), ...problemResponses },
      },
    },
    async (request) => {
      const { state, equipment, crew } = request.query;
      const states = state?.split(',') as TicketState[] | undefined;
      const { rows, next } = await ledger.tickets.list({
        ...pageOf(request.query),
        state: states,
        equipment,
        crew,
      });
      return { items: await readTickets(ledger, catalogue, rows), next };
    },
  );

  app.get(
    '/tickets/:id',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['tickets'],
        summary: 'One ticket with its timeline and the evidence of its leading alert',
        params: IdParams,
        response: { 200: TicketDetail, ...problemResponses },
      },
    },
    async (request, reply) => {
      const ticket = await ledger.tickets.get(request.params.id);
      return ticket
        ? readTicket(ledger, catalogue, ticket)
        : sendProblem(reply, notFound('ticket', request.params.id));
    },
  );

  app.post(
    '/tickets',
    {
      config: { access: 'attendant' },
      schema: {
        tags: ['tickets'],
        summary: 'Report a machine by hand',
        description:
          'Opens a ticket (201). Where one is open on the same item of the machine the report joins it (200): ' +
          'as a comment, with a worse severity it raises the ticket, and after a repair it reopens it.',
        headers: KeyedHeaders,
        body: NewTicket,
        response: { 200: TicketDetail, 201: TicketDetail, ...problemResponses },
      },
    },
    (request, reply) =>
      once(context, request, reply, (tx) => report(tx, context, request.body, who(request).actor)),
  );

  app.post(
    '/tickets/:id/:action',
    {
      config: { access: 'attendant' },
      schema: {
        tags: ['tickets'],
        summary: 'Take a step',
        description:
          'An illegal step is 409 with the reason. A second acknowledge is 200 with `alreadyAcknowledged`, its ' +
          'note kept. `at` is when it was done, where that was earlier than it is sent.',
        params: Type.Object({ ...IdParams.properties, action: TicketAction }),
        headers: KeyedHeaders,
        body: TicketStep,
        response: { 200: SteppedTicket, ...problemResponses },
      },
    },
    (request, reply) =>
      once(context, request, reply, (tx) =>
        takeStep(tx, context, who(request), { ...request.params, body: request.body }),
      ),
  );
};
