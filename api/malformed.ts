import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyServerOptions } from 'fastify';
import { PROBLEM_TYPE, type Problem, problemDocument } from './problem.ts';

/**
 * Requests that reach no route, nor the hooks around one: paths that are no URL, and bytes that are no HTTP.
 * They get problem documents, too, written here by hand.
 */
const BAD_URL: Problem = {
  status: 400,
  reason: 'bad-url',
  detail: 'the path is not a valid URL: percent signs must begin an escape of UTF-8, as %E4%BD%A0',
};
const LONG_PART: Problem = {
  status: 414,
  reason: 'path-too-long',
  detail: 'a part of the path is longer than any id here; ids have up to 64 characters',
};
const NOT_HTTP: Problem = { status: 400, reason: 'not-http', detail: 'the request is not valid HTTP/1.1' };

const FROM_SOCKET: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'headers-too-large',
    detail: 'the headers are larger than 16 KiB together: send fewer or shorter ones',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    reason: 'body-too-large',
    detail: 'the chunk extensions of the body are too large: send none',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reason: 'request-timeout',
    detail: 'the request did not come whole in time: send it again',
  },
};

/** What every answer of ours carries; helmet sets more where a browser shows a page. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-type': PROBLEM_TYPE,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

const pathOf = (url: string | undefined): string => url?.split('?', 1)[0] ?? '';

type FrameworkErrors = NonNullable<FastifyServerOptions['frameworkErrors']>;
type ClientErrors = NonNullable<FastifyServerOptions['clientErrorHandler']>;

/** Answers what Fastify's router refuses before there is a route. */
export const answerBadPath: FrameworkErrors = (error, request, reply) => {
  const problem = error.code === 'FST_ERR_MAX_PARAM_LENGTH' ? LONG_PART : BAD_URL;
  const body = JSON.stringify(problemDocument(problem, pathOf(request.raw.url)));
  reply.hijack();
  reply.raw.writeHead(problem.status, { ...HEADERS, 'content-length': Buffer.byteLength(body) });
  reply.raw.end(request.method === 'HEAD' ? undefined : body);
};

/** Answers what Node's parser refuses, and hangs up: where the next request would begin nobody knows. */
export const answerBadRequest: ClientErrors = (error, socket: Socket) => {
  // Gone already, or the answer to an earlier request is on its way: nothing may be put into that.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const problem = FROM_SOCKET[error.code] ?? NOT_HTTP;
  const body = JSON.stringify(problemDocument(problem, ''));
  const lines = Object.entries({
    ...HEADERS,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`,
  );
};
