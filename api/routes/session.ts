import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import type { User } from '../../store/ledger.ts';
import { hashPassword, passwordProblem } from '../../store/password.ts';
import { who } from '../access/guard.ts';
import { SESSION_COOKIE } from '../access/identity.ts';
import { SESSION_MS } from '../access/roles.ts';
import { giveBack, openSession, signIn, takeTry } from '../access/sign-in.ts';
import type { Context, HttpApp } from '../context.ts';
import { Session, type SessionView, Setup, SignIn } from '../contract/schemas.ts';
import { KeyedHeaders } from '../once.ts';
import { type Problem, problemResponses, sendProblem, unprocessable } from '../problem.ts';

type Person = Pick<User, 'id' | 'role' | 'crew'>;

const sessionView = ({ id, role, crew }: Person): SessionView => ({ user: id, role, crew });

/** Not readable by scripts, sent only from our own pages, and only over TLS where we are served so. */
const cookieOptions = (publicUrl: string) =>
  ({ path: '/', httpOnly: true, sameSite: 'strict', secure: publicUrl.startsWith('https:') }) as const;

const withCookie = (
  reply: FastifyReply,
  { publicUrl }: Context,
  role: User['role'],
  secret: string,
): FastifyReply =>
  reply
    .header('cache-control', 'no-store')
    .setCookie(SESSION_COOKIE, secret, { ...cookieOptions(publicUrl), maxAge: SESSION_MS[role] / 1_000 });

export const sessionRoutes = (app: HttpApp, context: Context): void => {
  const { ledger, hub, clock } = context;

  app.post(
    '/session',
    {
      config: { access: 'public' },
      schema: {
        tags: ['session'],
        summary: 'Sign in',
        description: 'Sets an HttpOnly, SameSite=Strict cookie. Failures are limited per address and user.',
        headers: KeyedHeaders,
        body: SignIn,
        response: { 200: Session, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { user, password } = request.body;
      const result = await signIn(context, { user, password, address: request.ip });
      if (!result.ok) return sendProblem(reply, result.problem);
      return withCookie(reply, context, result.user.role, result.secret).send(sessionView(result.user));
    },
  );

  app.get(
    '/session',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['session'],
        summary: 'Who is signed in',
        response: { 200: Session, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { subject, role, crew } = who(request);
      reply.header('cache-control', 'no-store');
      return sessionView({ id: subject, role, crew });
    },
  );

  app.delete(
    '/session',
    {
      config: { access: 'viewer' },
      schema: {
        tags: ['session'],
        summary: 'Sign out',
        response: { 204: Type.Null({ description: 'signed out' }), ...problemResponses },
      },
    },
    async (request, reply) => {
      const { by, grantHash, subject } = who(request);
      if (by === 'bearer')
        return sendProblem(reply, {
          status: 409,
          reason: 'not-a-session',
          detail: 'a token is no session; it is revoked by who made it',
        });
      await ledger.transaction(async (tx) => {
        await tx.people.revoke(grantHash);
        await tx.audit.add({ atMs: clock(), actor: subject, action: 'session.closed', subject, detail: {} });
      });
      hub.endFor(grantHash);
      return reply.clearCookie(SESSION_COOKIE, cookieOptions(context.publicUrl)).code(204).send(null);
    },
  );
};

const GONE: Problem = {
  status: 410,
  reason: 'already-set-up',
  detail: 'there is an administrator already; sign in, or add people with: precall user add',
};
const WRONG_TOKEN: Problem = {
  status: 403,
  reason: 'wrong-token',
  detail: 'the link is not the one that `precall serve` printed last; open that one',
};

export const setupRoutes = (app: HttpApp, context: Context): void => {
  const { ledger, setup, clock, attempts, key } = context;
  app.post(
    '/setup',
    {
      config: { access: 'public' },
      schema: {
        tags: ['session'],
        summary: 'Create the first administrator with the one-time link that `precall serve` printed',
        headers: KeyedHeaders,
        body: Setup,
        response: { 201: Session, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { token, user = 'admin', password } = request.body;
      const limits = [{ by: attempts.address, key: request.ip }];
      const limited = takeTry(limits, clock());
      if (limited) return sendProblem(reply, limited);
      const weak = passwordProblem(password);
      if (weak) return sendProblem(reply, unprocessable('#/password', 'weak-password', weak));
      if ((await ledger.people.count()) > 0) return sendProblem(reply, GONE);
      const passwordHash = await hashPassword(password);
      const admin = { id: user, role: 'admin', crew: null } as const;
      const result = await ledger.transaction(async (tx) => {
        const outcome = await setup.complete(tx, token, { id: user, passwordHash }, clock());
        return outcome === 'done' ? { secret: await openSession(tx, key, admin, clock()) } : outcome;
      });
      if (result === 'gone') return sendProblem(reply, GONE);
      if (result === 'wrong-token') return sendProblem(reply, WRONG_TOKEN);
      giveBack(limits);
      return withCookie(reply, context, 'admin', result.secret).code(201).send(sessionView(admin));
    },
  );
};
