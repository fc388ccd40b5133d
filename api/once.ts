import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { LedgerNouns } from '../store/ledger.ts';
import { LedgerAwayError, LedgerUnsureError } from '../store/trouble.ts';
import { who } from './access/guard.ts';
import type { Context } from './context.ts';
import { type Problem, sendProblem } from './problem.ts';

/** What a POST came to, decided inside its transaction. */
export type Outcome =
  | {
      readonly ok: true;
      readonly status: 200 | 201 | 202;
      readonly body: object;
      /** Shown in this answer alone: it is not stored, and a repeat of the request does not get it. */
      readonly shownOnce?: object;
    }
  | { readonly ok: false; readonly problem: Problem };

export const done = (body: object, status: 200 | 201 | 202 = 200): Outcome => ({ ok: true, status, body });
export const refuse = (problem: Problem): Outcome => ({ ok: false, problem });

/** Headers of every POST. */
export const KeyedHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'The same key with the same request gets the stored answer, for 24 h',
    }),
  ),
});

/** Somebody else wrote between our read and our write: the whole transaction is tried again. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
}

/** Carries a refusal out of the transaction, so that nothing of it is kept. */
class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

const TRIES = 3;

const fingerprint = (request: FastifyRequest): string =>
  createHash('sha256')
    .update(`${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`)
    .digest('hex');

const REUSED: Problem = {
  status: 422,
  reason: 'idempotency-key-reused',
  detail: 'this Idempotency-Key was used for another request; use a new key for a new request',
};

const BUSY: Problem = {
  status: 409,
  reason: 'version-conflict',
  detail: 'somebody else changed it at the same moment; read it again and repeat',
};

type Answer = { readonly status: number; readonly body: object; readonly isReplay: boolean };

/** What was stored under the key, the work, and storing its answer commit together. */
const attempt = (
  { ledger, clock }: Context,
  request: FastifyRequest,
  work: (tx: LedgerNouns) => Promise<Outcome>,
): Promise<Answer> => {
  // Never the label: two crews' tokens may have the same one. With other rights the work is judged again.
  const actor = who(request).account;
  const key = request.headers['idempotency-key'] as string | undefined;
  return ledger.transaction(async (tx) => {
    const print = key === undefined ? '' : fingerprint(request);
    const kept = key === undefined ? null : await tx.idempotency.get(actor, key);
    if (kept) {
      if (kept.request !== print) throw new Refused(REUSED);
      return { status: kept.status, body: JSON.parse(kept.body) as object, isReplay: true };
    }
    const outcome = await work(tx);
    if (!outcome.ok) throw new Refused(outcome.problem);
    const { status, body, shownOnce } = outcome;
    if (key !== undefined) {
      const stored = { request: print, status, body: JSON.stringify(body) };
      await tx.idempotency.put(actor, key, stored, clock());
    }
    return { status, body: { ...body, ...shownOnce }, isReplay: false };
  });
};

/**
 * Nothing was written because somebody else wrote between, or the connection broke; or nobody knows whether it was, and the
 * answer is stored under its key then.
 */
const isWorthRepeating = (error: unknown, hasKey: boolean): boolean =>
  error instanceof VersionConflict ||
  error instanceof LedgerAwayError ||
  (hasKey && error instanceof LedgerUnsureError);

/**
 * Does the work of a POST once per Idempotency-Key. A refusal rolls back and is not stored: what was not
 * done may be tried again with the same key. The reply is sent here; `never` lets a handler return it.
 */
export const once = async (
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (tx: LedgerNouns) => Promise<Outcome>,
): Promise<never> => {
  for (let tries = 1; ; tries += 1) {
    try {
      const { status, body, isReplay } = await attempt(context, request, work);
      if (isReplay) reply.header('idempotency-replayed', 'true');
      return reply.code(status).send(body) as never;
    } catch (error) {
      if (error instanceof Refused) return sendProblem(reply, error.problem);
      if (!isWorthRepeating(error, 'idempotency-key' in request.headers)) throw error;
      if (tries < TRIES) continue;
      if (error instanceof VersionConflict) return sendProblem(reply, BUSY);
      throw error;
    }
  }
};
