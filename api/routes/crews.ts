import Type, { type Static } from 'typebox';
import type { Crew as CrewRow } from '../../core/crew/crew.ts';
import { BUSY_STATES } from '../../core/ticket/step.ts';
import type { LedgerNouns } from '../../store/ledger.ts';
import { who } from '../access/guard.ts';
import type { Context, HttpApp } from '../context.ts';
import { Crew, CrewChange, type CrewView, list } from '../contract/schemas.ts';
import { done, KeyedHeaders, once, refuse } from '../once.ts';
import { notFound, type Problem, problemResponses, sendProblem, unprocessable } from '../problem.ts';
import { IdParams, pageOf, paging, query } from './shapes.ts';

const crewView = (crew: CrewRow): CrewView => ({
  ...crew,
  position: { ...crew.position },
  skills: [...crew.skills],
  shifts: crew.shifts.map((shift) => ({ ...shift, days: [...shift.days] })),
});

const isZone = (zone: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
};

/** What a schema can't see. */
const crewProblem = (crew: CrewRow): Problem | null => {
  if (!isZone(crew.timeZone))
    return unprocessable('#/timeZone', 'no-such-zone', 'is not an IANA time zone, as Asia/Shanghai');
  const empty = crew.shifts.findIndex(({ from, to }) => from === to);
  if (empty >= 0)
    return unprocessable(
      `#/shifts/${empty}`,
      'empty-shift',
      'begins when it ends; a whole day is 00:00 to 24:00',
    );
  return null;
};

const audit = (
  tx: LedgerNouns,
  actor: string,
  action: string,
  subject: string,
  atMs: number,
): Promise<void> => tx.audit.add({ atMs, actor, action, subject, detail: {} });

/** A crew at work can't vanish from its tickets. */
const isBusy = async (tx: LedgerNouns, crew: string): Promise<boolean> => {
  const { rows } = await tx.tickets.list({ state: [...BUSY_STATES, 'waiting'], crew, limit: 1 });
  return rows.length > 0;
};

/** With the fields that were sent; a change leaves the others as they are. */
const changed = (crew: CrewRow, change: Static<typeof CrewChange>): CrewRow => ({
  ...crew,
  ...(Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  ) as Partial<CrewRow>),
});

export const crewRoutes = (app: HttpApp, context: Context): void => {
  const { ledger, clock } = context;

  app.get(
    '/crews',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['crews'],
        summary: 'Crews, by id',
        querystring: query(paging),
        response: { 200: list(Crew), ...problemResponses },
      },
    },
    async (request) => {
      const { rows, next } = await ledger.crews.list(pageOf(request.query));
      return { items: rows.map(crewView), next };
    },
  );

  app.get(
    '/crews/:id',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['crews'],
        summary: 'One crew',
        params: IdParams,
        response: { 200: Crew, ...problemResponses },
      },
    },
    async (request, reply) => {
      const crew = await ledger.crews.get(request.params.id);
      return crew ? crewView(crew) : sendProblem(reply, notFound('crew', request.params.id));
    },
  );

  app.post(
    '/crews',
    {
      config: { access: 'dispatcher' },
      schema: {
        tags: ['crews'],
        summary: 'Add a crew',
        headers: KeyedHeaders,
        body: Crew,
        response: { 201: Crew, ...problemResponses },
      },
    },
    (request, reply) =>
      once(context, request, reply, async (tx) => {
        const crew = request.body;
        const problem = crewProblem(crew);
        if (problem) return refuse(problem);
        if (await tx.crews.get(crew.id))
          return refuse({
            status: 409,
            reason: 'crew-exists',
            detail: `crew ${crew.id} exists; PATCH changes it`,
          });
        await tx.crews.put(crew, clock());
        await audit(tx, who(request).actor, 'crew.added', crew.id, clock());
        return done(crewView(crew), 201);
      }),
  );

  app.patch(
    '/crews/:id',
    {
      config: { access: 'dispatcher' },
      schema: {
        tags: ['crews'],
        summary: 'Change a crew',
        params: IdParams,
        body: CrewChange,
        response: { 200: Crew, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const result = await ledger.transaction(async (tx): Promise<CrewRow | Problem> => {
        const crew = await tx.crews.get(id);
        if (!crew) return notFound('crew', id);
        const next = changed(crew, request.body);
        const problem = crewProblem(next);
        if (problem) return problem;
        await tx.crews.put(next, clock());
        await audit(tx, who(request).actor, 'crew.changed', id, clock());
        return next;
      });
      return 'status' in result ? sendProblem(reply, result) : crewView(result);
    },
  );

  app.delete(
    '/crews/:id',
    {
      config: { access: 'dispatcher' },
      schema: {
        tags: ['crews'],
        summary: 'Remove a crew that has no work',
        params: IdParams,
        response: { 204: Type.Null({ description: 'removed' }), ...problemResponses },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const problem = await ledger.transaction(async (tx): Promise<Problem | null> => {
        if (await isBusy(tx, id))
          return {
            status: 409,
            reason: 'crew-busy',
            detail: `crew ${id} has open tickets; hand them over first`,
          };
        if (!(await tx.crews.remove(id, clock()))) return notFound('crew', id);
        await audit(tx, who(request).actor, 'crew.removed', id, clock());
        return null;
      });
      return problem ? sendProblem(reply, problem) : reply.code(204).send(null);
    },
  );
};
