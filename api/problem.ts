import { STATUS_CODES } from 'node:http';
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchemaValidationError,
} from 'fastify';
import { CursorError, LedgerBusyError, LedgerFullError, TicketExistsError } from '../store/ledger.ts';
import { LogFullError } from '../store/log.ts';
import { TelemetryDownError } from '../store/telemetry.ts';
import { LedgerAwayError, LedgerUnsureError } from '../store/trouble.ts';
import { Problem as ProblemSchema } from './contract/schemas.ts';

/** RFC 9457 problem documents: the only shape in which this API says no. */
export interface Problem {
  readonly status: number;
  /** Stable name of what went wrong, in kebab case; also makes the `type`. */
  readonly reason: string;
  /** For people: what is wrong and the mend. Never internals, secrets or personal data. */
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterS?: number;
}

export interface FieldError {
  /** JSON pointer into the body (`#/at`), or `?name` of the query, or `{name}` of the path. */
  readonly pointer: string;
  readonly detail: string;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** For every route: whatever isn't the answer is a problem. */
export const problemResponses = {
  default: {
    description: 'What went wrong, and the mend',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  },
} as const;

export const problemDocument = (problem: Problem, instance: string) => ({
  type: `urn:precall:problem:${problem.reason}`,
  title: STATUS_CODES[problem.status] ?? 'Error',
  status: problem.status,
  detail: problem.detail,
  instance,
  reason: problem.reason,
  ...(problem.errors ? { errors: problem.errors } : {}),
});

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? request.url;

/** The whole answer, whatever else the route answers: hence `never`, so that a handler may return it. */
export const sendProblem = (reply: FastifyReply, problem: Problem): never => {
  if (problem.retryAfterS !== undefined) reply.header('retry-after', String(problem.retryAfterS));
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type(PROBLEM_TYPE)
    .serializer((document: unknown) => JSON.stringify(document))
    .send(problemDocument(problem, pathOf(reply.request))) as never;
};

export const notFound = (what: string, id: string): Problem => ({
  status: 404,
  reason: `no-such-${what}`,
  detail: `there is no ${what} ${JSON.stringify(id)}`,
});

/** A well-formed request that can't be meant: names the field. */
export const unprocessable = (pointer: string, reason: string, detail: string): Problem => ({
  status: 422,
  reason,
  detail,
  errors: [{ pointer, detail }],
});

export const badQuery = (name: string, detail: string): Problem => ({
  status: 400,
  reason: 'bad-query',
  detail,
  errors: [{ pointer: `?${name}`, detail }],
});

interface Hints {
  readonly requiredProperties?: readonly string[];
  readonly additionalProperties?: readonly string[];
  readonly allowedValues?: readonly unknown[];
}

const fieldError = (part: string, error: FastifySchemaValidationError): readonly FieldError[] => {
  // These two only repeat what the other errors at the same place say.
  if (error.keyword === 'boolean' || error.keyword === 'anyOf') return [];
  const hints = error.params as Hints;
  const at = (name: string): string => pointer(part, `${error.instancePath}/${name}`);
  if (hints.requiredProperties)
    return hints.requiredProperties.map((name) => ({ pointer: at(name), detail: 'is missing' }));
  if (hints.additionalProperties)
    return hints.additionalProperties.map((name) => ({ pointer: at(name), detail: 'is not known here' }));
  const detail = hints.allowedValues
    ? `must be one of ${hints.allowedValues.join(', ')}`
    : (error.message ?? 'is not valid');
  return [{ pointer: pointer(part, error.instancePath), detail }];
};

/** One line for each field, whatever number of rules it breaks. */
const fieldErrors = (
  part: string,
  errors: readonly FastifySchemaValidationError[],
): readonly FieldError[] => {
  const details = new Map<string, Set<string>>();
  for (const { pointer, detail } of errors.flatMap((error) => fieldError(part, error)))
    details.set(pointer, (details.get(pointer) ?? new Set()).add(detail));
  return [...details].map(([pointer, lines]) => ({ pointer, detail: [...lines].join(' or ') }));
};

/** Where a validation error points to, in the words of the request's part. */
const pointer = (part: string, path: string): string => {
  const name = path.replace(/^\//, '');
  if (part === 'querystring') return `?${name}`;
  if (part === 'params') return `{${name}}`;
  if (part === 'headers') return `header ${name}`;
  return `#${path}`;
};

const invalid = (error: FastifyError & { validation: FastifySchemaValidationError[] }): Problem => {
  const part = error.validationContext ?? 'body';
  const errors = fieldErrors(part, error.validation).slice(0, 16);
  const told = errors.map((field) => `${field.pointer} ${field.detail}`).join('; ');
  return {
    status: part === 'body' ? 422 : 400,
    reason: part === 'body' ? 'invalid-body' : 'invalid-request',
    detail: told || error.message,
    errors,
  };
};

const KNOWN: Readonly<Record<string, readonly [reason: string, detail: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'the body is larger than 256 KiB'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['media-type', 'send the body as application/json'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['not-json', 'the body is not valid JSON'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'content-length',
    'the body does not have the length that was announced',
  ],
  FST_ERR_BAD_URL: ['bad-url', 'the path is not a valid URL path'],
};

/** Named errors of the stores that the asker can do something about. */
const fromStore = (error: Error): Problem | null => {
  if (error instanceof CursorError)
    return badQuery('cursor', 'is not one that this list gave; start without it');
  if (error instanceof LedgerBusyError)
    return { status: 503, reason: 'busy', detail: 'too much waits to be written; try again', retryAfterS: 1 };
  if (error instanceof LedgerAwayError)
    return {
      status: 503,
      reason: 'ledger-away',
      detail: 'the database of the service does not answer, so nothing was stored; try again',
      retryAfterS: 5,
    };
  if (error instanceof LedgerUnsureError)
    return {
      status: 503,
      reason: 'may-be-done',
      detail:
        'the database went away while this was stored: it may be done; look before you repeat it, or send it with an Idempotency-Key',
      retryAfterS: 5,
    };
  if (error instanceof LedgerFullError)
    return {
      status: 507,
      reason: 'disk-full',
      detail:
        'the disk of the service or of its database is full, so nothing was stored; free some room (under PRECALL_DATA, or on the database server) and try again',
      retryAfterS: 60,
    };
  if (error instanceof LogFullError)
    return {
      status: 503,
      reason: 'log-full',
      detail: 'the log is at its limit, so nothing was stored; raise PRECALL_LOG_MAX or free the disk',
      retryAfterS: 60,
    };
  if (error instanceof TelemetryDownError)
    return {
      status: 503,
      reason: 'telemetry-away',
      detail:
        'the telemetry store does not answer, so readings can not be shown; they are kept in the log until it is back',
      retryAfterS: 5,
    };
  if (error instanceof TicketExistsError)
    return {
      status: 409,
      reason: 'ticket-exists',
      detail: `ticket ${error.other} is open for the same item of the machine: go on in that one`,
    };
  return null;
};

/** Errors of the client as they are; everything else is ours, logged, and told without internals. */
const asProblem = (error: FastifyError, request: FastifyRequest): Problem => {
  if (error.validation)
    return invalid(error as FastifyError & { validation: FastifySchemaValidationError[] });
  const known = fromStore(error);
  if (known) {
    if (known.status >= 500) request.log.warn({ err: error, route: request.routeOptions.url }, known.reason);
    return known;
  }
  const status = error.statusCode ?? 500;
  const [reason, detail] = KNOWN[error.code] ?? [];
  if (reason && detail) return { status, reason, detail };
  if (status >= 400 && status < 500) return { status, reason: 'bad-request', detail: error.message };
  request.log.error(
    { err: error, method: request.method, route: request.routeOptions.url },
    'request failed',
  );
  return {
    status: status === 503 ? 503 : 500,
    reason: status === 503 ? 'unavailable' : 'internal',
    detail: `something failed here; nothing half-done was kept. The log tells more under request ${request.id}`,
  };
};

export const withProblems = (app: FastifyInstance): void => {
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(reply, asProblem(error, request)));
};
